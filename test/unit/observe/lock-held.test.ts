import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep } from "../../../src/core/waiting.ts";
import { watch } from "../../../src/observe/watch.ts";
import { openCoroutines } from "../../../src/runtime/executors.ts";
import { CapacityLimiter } from "../../../src/sync/capacity-limiter.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { collected, findingsInVirtualTime, only } from "./watching.ts";

type Hold = (name: string, ms: number) => Promise<unknown>;

/** Ways to hold a lock for some time: too long when it is 1,500 ms, not when it is 900. */
const holds: Readonly<Record<string, Hold>> = {
  "a guard": async (name, ms) => {
    const guard = await new Mutex({ name }).acquire();
    await sleep(ms);
    guard.release();
  },
  "a section": (name, ms) => new Mutex({ name }).with(() => sleep(ms)),
  "a guard without waiting": async (name, ms) => {
    const guard = new Mutex({ name }).tryAcquire();
    await sleep(ms);
    guard?.release();
  },
  "a guard that had to be waited for": async (name, ms) => {
    const lock = new Mutex({ name });
    void lock.with(() => sleep(500));
    await lock.with(() => sleep(ms));
  },
  "a writer": (name, ms) => new RWLock({ name }).withWrite(() => sleep(ms)),
  "a reader": (name, ms) => new RWLock({ name }).withRead(() => sleep(ms)),
  "a semaphore that is used as a lock": (name, ms) => new Semaphore(1, { name }).with(() => sleep(ms)),
  "a task": (name, ms) => openCoroutines().run(() => new Mutex({ name }).with(() => sleep(ms))) as unknown as Promise<unknown>,
};

/** What is held long and is no mistake. */
const lookalikes: Readonly<Record<string, Hold>> = {
  "permits of a pool": (name) => new Semaphore(4, { name }).with(() => sleep(5_000)),
  "a place among many": (name) => new CapacityLimiter(1, { name }).with(() => sleep(5_000)),
  "many short holds in a row": async (name) => {
    const lock = new Mutex({ name });
    for (let turn = 0; turn < 20; turn++) await lock.with(() => sleep(200));
  },
  "a long wait for a condition, which gives the lock away": async (name) => {
    const condition = new Condition(new Mutex({ name }));
    const waiting = condition.mutex.with(() => condition.wait());
    await sleep(5_000);
    await condition.mutex.with(() => condition.notify());
    await waiting;
  },
  "a long wait for the lock": async (name) => {
    const lock = new Mutex({ name });
    await Promise.all(Array.from({ length: 10 }, () => lock.with(() => sleep(700))));
  },
};

describe("a lock that is held too long", () => {
  test("is found in every program that has one, and in none that has none", async (t) => {
    const run = (programs: Readonly<Record<string, Hold>>, ms: number) =>
      findingsInVirtualTime(() => Promise.all(Object.entries(programs).map(([name, hold]) => hold(name, ms))));
    const found = only(await run(holds, 1_500), "lock-held-too-long").map(({ lock }) => /"(.*)"/.exec(lock)?.[1] ?? "");
    const falseAlarms = [...(await run(holds, 900)), ...(await run(lookalikes, 0))];
    const right = Object.keys(holds).length + Object.keys(lookalikes).length;
    t.diagnostic(
      `recall ${found.length} of ${Object.keys(holds).length}, precision ${found.length / (found.length + falseAlarms.length)} over ${right} right ones`,
    );
    assert.deepEqual(found.sort(), Object.keys(holds).sort());
    assert.deepEqual(falseAlarms, []);
  });

  test("is named, with who holds it since where, and how many wait", async () => {
    const findings = await findingsInVirtualTime(async () => {
      const lock = new Mutex({ name: "cache" });
      const task = openCoroutines().run(async function rebuild() {
        const guard = await lock.acquire();
        await sleep(1_200);
        guard.release();
      });
      await sleep(1);
      await Promise.all([task, lock.with(() => {}), lock.with(() => {})]);
    });
    const [finding] = only(findings, "lock-held-too-long");
    assert.ok(finding);
    assert.equal(finding.lock, 'the mutex "cache"');
    assert.equal(finding.heldMs, 1_000);
    assert.match(finding.task ?? "", /^rebuild \(/);
    assert.match(finding.message, /^rebuild \(\w+\) has held the mutex "cache" for 1000 ms, and 2 others wait for it\.$/);
    assert.match(finding.stack, /at rebuild .*lock-held\.test/);
  });

  test("is told once to each watcher, at the time that it asked for", async () => {
    await withVirtualClock(async (clock) => {
      const stop = new AbortController();
      const watches = [100, 400, 400, 5_000, 0].map((lockHeldMs) => watch({ lockHeldMs, blockedLoopMs: 0, signal: stop.signal }));
      await new Mutex().with(() => sleep(1_000));
      await clock.idle();
      stop.abort();
      const told = await Promise.all(
        watches.map(async (each) => only(await collected(each), "lock-held-too-long").map(({ heldMs }) => heldMs)),
      );
      assert.deepEqual(told, [[100], [400], [400], [], []]);
    });
  });

  test("is found for a watcher that comes when it is held already by another's reckoning", async () => {
    await withVirtualClock(async (clock) => {
      const stop = new AbortController();
      const first = watch({ lockHeldMs: 10_000, blockedLoopMs: 0, signal: stop.signal });
      const held = new Mutex().with(() => sleep(3_000));
      await clock.advance(2_000);
      const second = watch({ lockHeldMs: 1_000, blockedLoopMs: 0, signal: stop.signal });
      await clock.advance(10);
      stop.abort();
      assert.equal((await collected(second)).length, 1);
      assert.deepEqual(await collected(first), []);
      await held;
    });
  });
});
