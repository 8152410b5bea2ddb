// sleep and shield: how long they wait, and who ends the wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, program, quiet, rejection } from "./support.ts";

test("sleep wakes after its time, in the order of the instants, and of equal ones in the order of the calls", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    await Promise.all(
      [30, 10, 20, 10, 0].map(async (ms, index) => {
        await sleep(ms);
        log.push(`${index}@${clock.now}`);
      }),
    );
    assert.deepEqual(log, ["4@0", "1@10", "3@10", "2@20", "0@30"]);
  });
});

test("sleep rejects what is no time", async () => {
  for (const wrong of [-1, Number.NaN, "10", undefined, null, {}, 10n]) {
    await assert.rejects(sleep(wrong as never), {
      name: "RangeError",
      message: /time of sleep must be a number of milliseconds, 0 or more, not /,
    });
  }
});

test("sleep longer than the platform's timers can", async () => {
  await withVirtualClock(async (clock) => {
    await sleep(2 ** 40);
    assert.equal(clock.now, 2 ** 40);
  });
});

test("a signal ends a sleep with its reason; one that aborts afterwards changes nothing", async () => {
  await withVirtualClock(async () => {
    const controller = new AbortController();
    const slept = sleep(10, { signal: controller.signal });
    await slept;
    const cut = sleep(10, { signal: controller.signal });
    controller.abort(new RangeError("why"));
    const error = await rejection(cut);
    assert.equal(error instanceof CancelledError, true);
    assert.equal(((error as Error).cause as Error).message, "why");
  });
});

test("sleep keeps the program alive, and so does what waits for a limit; a deadline without work left does not", async () => {
  const { code, stdout, stderr } = await program(`
    const { sleep, timeout, shield, withTaskGroup, coroutines } = brigade;
    const never = () => new Promise(() => {});
    const name = (promise) => promise.then(() => "value", (error) => error.name);
    // Each grace is short, so that code which nothing can stop is given up.
    console.log(await name(sleep(20)));
    console.log(await name(coroutines.with({ timeout: 20, grace: 5 }).run(never)));
    console.log(await name(coroutines.with({ deadline: 20, grace: 5 }).run(never)));
    console.log(await name(timeout(20, () => coroutines.with({ grace: 5 }).run(never))));
    const begun = performance.now();
    await timeout(60_000, () => 1);
    await withTaskGroup(() => 1, { deadline: 60_000 });
    await coroutines.with({ deadline: 60_000, timeout: 60_000 }).run(() => 1);
    process.on("exit", () => console.log(performance.now() - begun < 20_000));
  `);
  assert.deepEqual([code, stdout.split("\n"), stderr], [0, ["value", "TimeoutError", "TimeoutError", "TimeoutError", "true", ""], ""]);
});

test("bad times and functions are refused by name", async () => {
  await assert.rejects(
    timeout(-1, () => 1),
    { name: "RangeError", message: /time of timeout/ },
  );
  await assert.rejects(timeout(1, 1 as never), { name: "TypeError", message: /timeout needs a function/ });
  await assert.rejects(
    shield(() => 1, { timeout: Number.NaN }),
    { name: "RangeError", message: /timeout of shield/ },
  );
  await assert.rejects(shield(undefined as never), { name: "TypeError", message: /shield needs a function/ });
  assert.throws(() => coroutines.with({ timeout: -1 }), { name: "RangeError", message: /option timeout/ });
  assert.throws(() => coroutines.with({ deadline: "1" as never }), { name: "RangeError", message: /option deadline/ });
  assert.throws(() => coroutines.with({ grace: Number.NaN }), { name: "RangeError", message: /option grace/ });
});

test("shield: a cancel around it does not reach it; its value stands, and the cancel is thrown by the next operation", async () => {
  const log: string[] = [];
  const hold = gate();
  const task = coroutines.run(async () => {
    const value = await shield(async () => {
      await hold.promise;
      await sleep(0);
      return "kept";
    });
    log.push(value);
    await sleep(0);
    log.push("never");
  });
  await quiet();
  task.cancel();
  hold.open();
  await rejection(task);
  assert.deepEqual([log, task.state], [["kept"], "cancelled"]);
});

test("shield: works in code that is cancelled already, with its own limits inside", async () => {
  await withVirtualClock(async () => {
    const log: string[] = [];
    const task = coroutines.run(async () => {
      try {
        await forever();
      } finally {
        await shield(async () => {
          await sleep(10);
          log.push(`${currentTask().cancelled}`);
          log.push(((await rejection(timeout(5, forever))) as Error).name);
          log.push(await coroutines.run(async () => "a task"));
        });
      }
    });
    await sleep(1);
    await task.stop();
    assert.deepEqual(log, ["false", "TimeoutError", "a task"]);
  });
});

test("shield that expires throws the pending cancel, else TimeoutError, after its work has ended", async () => {
  await withVirtualClock(async (clock) => {
    const alone = await rejection(shield(forever, { timeout: 10 }));
    assert.equal(alone instanceof TimeoutError, true);
    assert.match((alone as Error).message, /shielded work took longer than 10 ms/);
    assert.equal(clock.now, 10);

    const errors: unknown[] = [];
    const task = coroutines.run(async () => {
      try {
        await shield(
          async () => {
            try {
              await forever();
            } finally {
              await shield(() => sleep(7));
            }
          },
          { timeout: 20 },
        );
      } catch (error) {
        errors.push(error, clock.now);
        throw error;
      }
    });
    await sleep(5);
    task.cancel("while shielded");
    const error = await rejection(task);
    assert.equal((error as Error).cause, "while shielded");
    assert.deepEqual(errors, [error, 37]);
    assert.equal(task.state, "cancelled");
  });
});

test("shield: a value, or another error, after its expiry wins", async () => {
  await withVirtualClock(async () => {
    const value = await shield(
      async () => {
        await rejection(forever());
        return "all the same";
      },
      { timeout: 10 },
    );
    assert.equal(value, "all the same");
    const failure = new RangeError("other");
    const error = await rejection(
      shield(
        async () => {
          await rejection(forever());
          throw failure;
        },
        { timeout: 10 },
      ),
    );
    assert.equal(error, failure);
  });
});

test("shield: an outer deadline passes without it, and comes out afterwards", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const error = await rejection(
      timeout(10, async () => {
        await shield(async () => {
          await sleep(50);
          log.push("done");
        });
        await sleep(1);
        log.push("never");
      }),
    );
    assert.equal(error instanceof TimeoutError, true);
    assert.deepEqual([log, clock.now], [["done"], 50]);
  });
});
