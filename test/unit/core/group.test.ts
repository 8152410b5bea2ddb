// Task groups: no child outlives the group, and what the end of each child means for the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BrigadeError, GroupFinishedError, TaskGroupError } from "../../../src/contract/errors.ts";
import type { TaskGroup } from "../../../src/contract/group.ts";
import type { Task } from "../../../src/contract/task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { shield, sleep } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines, serial } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, quiet, rejection } from "./support.ts";

const fails = (error: unknown) => () => Promise.reject(error);

const groupFailure = async (promise: PromiseLike<unknown>) => {
  const error = await rejection(promise);
  assert.equal(error instanceof TaskGroupError, true, String(error));
  return error as TaskGroupError;
};

test("the group ends with the value of its body, after every child", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const value = await withTaskGroup(async (group) => {
      group.run(async () => {
        await sleep(30);
        log.push("slow");
      });
      group.run(async () => {
        await sleep(10);
        log.push("quick");
      });
      log.push("body");
      return "value";
    });
    assert.deepEqual([value, log, clock.now], ["value", ["body", "quick", "slow"], 30]);
  });
});

test("a body that is not asynchronous, one that hands back a task, a map or a thenable", async () => {
  assert.equal(await withTaskGroup(() => 1), 1);
  assert.equal(await withTaskGroup((group) => group.run(() => 2)), 2);
  assert.deepEqual(await withTaskGroup(() => map([1, 2], (n) => n * 2)), [2, 4]);
  await assert.rejects(withTaskGroup("no" as never), { name: "TypeError", message: /withTaskGroup needs a function/ });
});

test("children give their results where they are awaited, at any level on this thread", async () => {
  const results = await withTaskGroup(async (group) => {
    const closure = group.run(() => 1);
    const coroutine = group.run(coroutines, async (n: number) => n, 2);
    const inOrder = group.run(serial, (a: number, b: number) => a + b, 1, 2);
    return [await closure, await coroutine, await inOrder] as const;
  });
  assert.deepEqual(results, [1, 2, 3]);
});

test("run in a finished group throws", async () => {
  let kept: TaskGroup | undefined;
  await withTaskGroup(async (group) => {
    kept = group;
  });
  for (const start of [() => kept?.run(() => 1), () => kept?.background(() => 1), () => kept?.run(coroutines, () => 1)]) {
    assert.throws(start, (error: unknown) => {
      assert.equal(error instanceof GroupFinishedError && error instanceof BrigadeError, true);
      assert.equal((error as GroupFinishedError).code, "ERR_BRIGADE_GROUP_FINISHED");
      return /has ended: start its tasks before/.test((error as Error).message);
    });
  }
  kept?.cancel();
  assert.equal(kept?.cancelled, false, "what has ended is not cancelled any more");
});

test("run refuses what it cannot run", async () => {
  await withTaskGroup((group) => {
    for (const wrong of [undefined, null, 7, {}, "fn", Promise.resolve()]) {
      assert.throws(() => group.run(wrong as unknown as () => void), {
        name: "TypeError",
        message: /group\.run takes a function, or an executor and a function/,
      });
    }
    const foreign = { run: () => Promise.resolve() } as unknown as typeof coroutines;
    assert.throws(() => group.run(foreign, () => 1), { name: "TypeError", message: /an executor of brigade/ });
  });
});

test("options are checked where they are written", async () => {
  for (const [options, name, message] of [
    [{ deadline: -1 }, "RangeError", /deadline of a group must be a number of milliseconds/],
    [{ deadline: Number.NaN }, "RangeError", /deadline/],
    [{ errors: "some" }, "RangeError", /option errors must be "all" or "first", not "some"/],
    [{ signal: "no" }, "TypeError", /option signal must be an AbortSignal/],
  ] as const) {
    await assert.rejects(
      withTaskGroup(() => 1, options as never),
      { name, message },
    );
  }
});

test("children may start children while the group is ending", async () => {
  const log: string[] = [];
  await withTaskGroup((group) => {
    group.run(async () => {
      await quiet(2);
      log.push("child");
      group.run(async () => {
        await quiet(2);
        log.push("child of the child");
      });
    });
    log.push("body");
  });
  assert.deepEqual(log, ["body", "child", "child of the child"]);
});

test("background children are cancelled when the body and the others are done, not before", async () => {
  const log: string[] = [];
  const value = await withTaskGroup(async (group) => {
    const service = group.background(async () => {
      try {
        await forever();
      } finally {
        log.push("service ends");
      }
    });
    group.run(async () => {
      await quiet(3);
      log.push(`work done, service ${service.state}`);
    });
    await quiet(1);
    log.push("body done");
    return "value";
  });
  assert.equal(value, "value");
  assert.deepEqual(log, ["body done", "work done, service running", "service ends"]);
});

test("a background child that fails fails the group; one that ends is no event; one begun when all is done ends at once", async () => {
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      group.background(fails(new RangeError("service")));
      await forever();
    }),
  );
  assert.equal((error.errors[0] as Error).message, "service");
  let late: Task<void> | undefined;
  await withTaskGroup(async (group) => {
    group.background(() => "done early");
    group.background(async () => {
      await rejection(forever());
      late = group.background(forever);
    });
    await quiet(2);
  });
  assert.equal(late?.state, "cancelled");
});

test("a child on an executor keeps the group waiting until its finalizers have run", async () => {
  const own = openCoroutines({ size: 1 });
  const log: string[] = [];
  await groupFailure(
    withTaskGroup(async (group) => {
      group.run(own, async () => {
        try {
          await forever();
        } finally {
          await shield(() => quiet(3));
          log.push("cleaned up");
        }
      });
      await quiet(1);
      throw new Error("body");
    }),
  );
  assert.deepEqual(log, ["cleaned up"]);
  assert.equal(own.statistics().running, 0);
});

test("thousands of children", async () => {
  let sum = 0;
  await withTaskGroup((group) => {
    for (let n = 0; n < 20_000; n++) {
      group.run(async () => {
        await undefined;
        sum += n;
      });
    }
  });
  assert.equal(sum, (20_000 * 19_999) / 2);
});
