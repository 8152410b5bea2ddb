import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withTaskGroup } from "../../../src/core/group.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { openCoroutines } from "../../../src/runtime/executors.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { lookalikes, type Program, pairs } from "./deadlock-programs.ts";
import { findingsInVirtualTime, findingsOf, only } from "./watching.ts";

/** Longer than any program that ends, in virtual time. */
const allMs = 40_000;

/** The programs that were said to deadlock. */
async function suspected(programs: Readonly<Record<string, Program>>): Promise<Set<string>> {
  const findings = await findingsInVirtualTime(async (clock) => {
    for (const [name, program] of Object.entries(programs)) void program(name);
    await clock.advance(allMs);
  });
  const names = Object.keys(programs);
  return new Set(
    only(findings, "deadlock").map(({ cycle, message }) => {
      const name = names.find((each) => cycle.every((line) => new RegExp(`"${each}( \\w)?"`).test(line)));
      assert.ok(name, `no program has the locks of ${message}`);
      return name;
    }),
  );
}

describe("a deadlock of bare guards", () => {
  test("is found in every program that has one, and in none that has none", async (t) => {
    const wrong = Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair.wrong]));
    const right = { ...Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair.right])), ...lookalikes };
    const found = await suspected(wrong);
    const falseAlarms = await suspected(right);
    const recall = found.size / Object.keys(wrong).length;
    const precision = found.size / (found.size + falseAlarms.size);
    t.diagnostic(`recall ${recall} of ${Object.keys(wrong).length}, precision ${precision} over ${Object.keys(right).length} right ones`);
    assert.deepEqual([...found].sort(), Object.keys(wrong).sort());
    assert.deepEqual([...falseAlarms], []);
  });

  test("the right programs end", async () => {
    const right = [...Object.values(pairs).map((pair) => pair.right), ...Object.values(lookalikes)];
    let ended = 0;
    await findingsInVirtualTime(async (clock) => {
      for (const [i, program] of right.entries()) void program(`program ${i}`).then(() => ended++);
      await clock.advance(allMs);
    });
    assert.equal(ended, right.length);
  });

  test("names both tasks, both locks, and where each was taken and waited for", async () => {
    const coroutines = openCoroutines();
    const [debit, credit] = [new Mutex({ name: "debit" }), new Mutex({ name: "credit" })];
    async function takeBoth(first: Mutex, second: Mutex): Promise<void> {
      const guard = await first.acquire();
      await sleep(1);
      (await second.acquire()).release();
      guard.release();
    }
    const findings = await findingsInVirtualTime(async (clock) => {
      void coroutines.run(function pay() {
        return takeBoth(debit, credit);
      });
      void coroutines.run(function refund() {
        return takeBoth(credit, debit);
      });
      await clock.advance(2_000);
    });
    assert.equal(findings.length, 1);
    const [finding] = only(findings, "deadlock");
    assert.ok(finding);
    assert.equal(finding.cycle.length, 2);
    assert.match(finding.cycle.join("\n"), /pay \(\S+\) holds the mutex "debit" and waits for the mutex "credit"/);
    assert.match(finding.cycle.join("\n"), /refund \(\S+\) holds the mutex "credit" and waits for the mutex "debit"/);
    assert.equal(finding.stack.match(/ at .*takeBoth .*deadlock\.test/g)?.length, 4, finding.stack);
    assert.match(finding.stack, /^pay \(\S+\) waits for the mutex "credit":$/m);
    assert.match(finding.stack, /^pay \(\S+\) took the mutex "debit":$/m);
    assert.match(finding.task ?? "", /^(pay|refund) \(/);
    assert.match(finding.fix, /same order/);
    assert.equal(finding.worker, "main");
  });

  test("is found while the rest of the program goes on", async () => {
    const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
    const takeBoth = async (first: Mutex, second: Mutex) => {
      await first.acquire();
      await sleep(1);
      await second.acquire();
    };
    let over = false;
    // On the machine's clock: what is found must not depend on a loop that comes to rest.
    const findings = await findingsOf(async () => {
      void Promise.all([takeBoth(a, b), takeBoth(b, a)]);
      for (let turn = 0; turn < 200 && !over; turn++) {
        await sleep(10);
        over = turn === 150;
      }
    });
    assert.equal(only(findings, "deadlock").length, 1);
  });

  test("is told once, and those who queue behind it are not part of it", async () => {
    const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
    const takeBoth = async (first: Mutex, second: Mutex) => {
      await first.acquire();
      await sleep(1);
      await second.acquire();
    };
    const findings = await findingsInVirtualTime(async (clock) => {
      void Promise.all([takeBoth(a, b), takeBoth(b, a)]);
      await clock.advance(5);
      void a.acquire();
      void b.acquire();
      await clock.advance(10_000);
    });
    assert.equal(findings.length, 1);
    assert.equal(only(findings, "deadlock")[0]?.cycle.length, 2);
  });

  test("that is broken in time is none", async () => {
    const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
    const takeBoth = async (first: Mutex, second: Mutex) => {
      const guard = await first.acquire();
      await sleep(1);
      try {
        (await second.acquire()).release();
      } finally {
        guard.release();
      }
    };
    const findings = await findingsInVirtualTime(async (clock) => {
      const group = withTaskGroup(async (tasks) => {
        tasks.run(() => takeBoth(a, b));
        const victim = tasks.run(() => takeBoth(b, a));
        await sleep(300);
        victim.cancel("chosen to break the deadlock");
      });
      await clock.advance(5_000);
      await group;
    });
    assert.deepEqual(findings, []);
  });

  test("is not looked for when nobody wants it", async () => {
    const lock = new Mutex();
    const findings = await findingsInVirtualTime(
      async (clock) => {
        void lock.acquire().then(() => lock.acquire());
        await clock.advance(5_000);
      },
      { deadlock: false, lockHeldMs: 0 },
    );
    assert.deepEqual(findings, []);
  });
});
