// Limits of time: timeout around code, and the timeout and deadline of tasks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

test("timeout: a value in time", async () => {
  assert.equal(await timeout(1_000, () => 1), 1);
  assert.equal(await timeout(1_000, async () => "later"), "later");
  assert.equal(await timeout(Number.POSITIVE_INFINITY, () => 2), 2);
  const failure = new RangeError("own");
  assert.equal(await rejection(timeout(1_000, () => Promise.reject(failure))), failure);
});

test("timeout: cancels the work, waits for it, and rejects with TimeoutError, which is no cancellation", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const error = await rejection(
      timeout(50, async () => {
        try {
          await forever();
        } catch (each) {
          log.push((each as Error).name);
          throw each;
        } finally {
          await shield(() => sleep(25));
          log.push("cleaned up");
        }
      }),
    );
    assert.equal(error instanceof TimeoutError && !(error instanceof CancelledError), true);
    assert.equal((error as Error).name, "TimeoutError");
    assert.match((error as Error).message, /took longer than 50 ms/);
    assert.deepEqual([log, clock.now], [["TimeoutError", "cleaned up"], 75]);
  });
});

test("timeout: a value that comes after the expiry wins, and so does another error", async () => {
  await withVirtualClock(async () => {
    const value = await timeout(10, async () => {
      await rejection(forever());
      return "all the same";
    });
    assert.equal(value, "all the same");
    const failure = new RangeError("on the way out");
    const error = await rejection(
      timeout(10, async () => {
        await rejection(forever());
        throw failure;
      }),
    );
    assert.equal(error, failure);
  });
});

test("timeout: what the platform throws for the aborted signal is the expiry", async () => {
  await withVirtualClock(async () => {
    const error = await rejection(
      timeout(10, async () => {
        const { signal } = currentTask();
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))));
      }),
    );
    assert.equal(error instanceof TimeoutError, true);
  });
});

test("timeout: waits for work that takes no notice, however long", async () => {
  await withVirtualClock(async (clock) => {
    const hold = gate();
    let settled = false;
    const work = timeout(10, () => hold.promise).then(() => {
      settled = true;
    });
    await clock.advance(1_000);
    assert.equal(settled, false);
    hold.open();
    await work;
  });
});

test("timeout: of a task submitted inside, it ends that task", async () => {
  await withVirtualClock(async (clock) => {
    const own = openCoroutines();
    const inside: { readonly state: string }[] = [];
    const error = await rejection(
      timeout(10, () => {
        const inner = own.run(forever);
        inside.push(inner);
        return inner;
      }),
    );
    assert.equal(error instanceof TimeoutError, true);
    assert.deepEqual([inside[0]?.state, clock.now], ["failed", 10]);
  });
});

test("nested timeouts: the inner one ends the inner work only; the outer one passes through the inner", async () => {
  await withVirtualClock(async (clock) => {
    const inner = await timeout(100, async () => {
      const error = await rejection(timeout(10, forever));
      await sleep(5);
      return (error as Error).message;
    });
    assert.match(inner, /10 ms/);
    assert.equal(clock.now, 15);

    const log: string[] = [];
    const outer = await rejection(
      timeout(20, async () => {
        try {
          await timeout(60, forever);
        } catch (error) {
          log.push((error as Error).message);
          throw error;
        }
      }),
    );
    assert.match((outer as Error).message, /20 ms/);
    assert.deepEqual(log, [(outer as Error).message]);
    assert.equal(clock.now, 35);
  });
});

test("nested timeouts: when both have passed, each throws its own to its own caller", async () => {
  await withVirtualClock(async () => {
    const log: string[] = [];
    const outer = await rejection(
      timeout(20, async () => {
        const error = await rejection(
          timeout(10, async () => {
            try {
              await forever();
            } finally {
              await shield(() => sleep(50));
            }
          }),
        );
        log.push((error as Error).message);
        await sleep(1);
      }),
    );
    assert.deepEqual([log.length, /10 ms/.test(log[0] ?? ""), /20 ms/.test((outer as Error).message)], [1, true, true]);
  });
});

test("timeout in a cancelled task, and with no time at all, does not begin", async () => {
  let ran = 0;
  const count = () => {
    ran++;
  };
  assert.equal((await rejection(timeout(0, count))) instanceof TimeoutError, true);
  const task = coroutines.run(async () => {
    await rejection(forever());
    await timeout(10, count);
  });
  await quiet();
  task.cancel();
  await rejection(task);
  assert.deepEqual([task.state, ran], ["cancelled", 0]);
});

test("the deadline inside a timeout is the nearer one, and is seen by what begins there", async () => {
  await withVirtualClock(async () => {
    await timeout(100, async () => {
      assert.equal(currentTask().deadline, 100);
      await timeout(500, () => assert.equal(currentTask().deadline, 100));
      await timeout(50, () => assert.equal(currentTask().deadline, 50));
      assert.equal(await coroutines.run(() => currentTask().deadline), 100);
      assert.equal(await coroutines.with({ deadline: 900 }).run(() => currentTask().deadline), 100);
      assert.equal(await withTaskGroup((group) => group.run(() => currentTask().deadline), { deadline: 70 }), 70);
      assert.equal(await shield(() => currentTask().deadline), undefined);
    });
  });
});

test("timeout of a task counts running time only, deadline from its submission", async () => {
  await withVirtualClock(async () => {
    const own = openCoroutines({ size: 1 });
    const first = own.run(() => sleep(30));
    const running = own.with({ timeout: 20 }).run(() => sleep(15));
    const total = rejection(own.with({ deadline: 40 }).run(() => sleep(15)));
    await Promise.all([first, running]);
    assert.equal((await total) instanceof TimeoutError, true);
    const long = own.with({ timeout: 20, name: "long" }).run(() => sleep(25));
    assert.match(((await rejection(long)) as Error).message, /The task long ran longer than 20 ms/);
    const queued = own.run(() => sleep(30));
    const never = own.with({ deadline: 10 }).run(() => assert.fail("it never ran"));
    assert.match(((await rejection(never)) as Error).message, /did not end within 10 ms of its submission/);
    assert.equal(never.state, "failed");
    await queued;
  });
});

test("limits of nothing: the function does not run", async () => {
  let ran = 0;
  const count = () => {
    ran++;
  };
  const own = openCoroutines({ size: 1 });
  for (const task of [own.with({ deadline: 0 }).run(count), own.with({ timeout: 0 }).run(count)]) {
    assert.equal((await rejection(task)) instanceof TimeoutError, true);
    assert.equal(task.state, "failed");
  }
  assert.equal(await own.run(() => "and the place is free"), "and the place is free");
  assert.deepEqual([ran, own.statistics().running, own.statistics().failed], [0, 0, 2]);
});
