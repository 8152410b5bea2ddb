// Cancelled task groups: by their own cancel, a deadline, a signal, a scope above.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TaskGroupError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Task } from "../../../src/contract/task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines, serial } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

const groupFailure = async (promise: PromiseLike<unknown>) => {
  const error = await rejection(promise);
  assert.equal(error instanceof TaskGroupError, true, String(error));
  return error as TaskGroupError;
};

test("a child that is cancelled by itself gives no error, and the siblings go on", async () => {
  let sibling: Task<string> | undefined;
  const value = await withTaskGroup(async (group) => {
    const child = group.run(forever);
    sibling = group.run(async () => {
      await quiet(3);
      return "undisturbed";
    });
    await quiet(1);
    child.cancel();
    await rejection(child);
    return child.state;
  });
  assert.equal(value, "cancelled");
  assert.equal(await sibling, "undisturbed");
});

test("group.cancel ends the children without an error; a body that returns keeps its value", async () => {
  const children: Task<void>[] = [];
  const value = await withTaskGroup(async (group) => {
    children.push(group.run(forever), group.run(forever));
    await quiet(1);
    group.cancel("enough");
    group.cancel("again");
    assert.equal(group.cancelled, true);
    assert.equal(group.signal.aborted, true);
    return "kept";
  });
  assert.equal(value, "kept");
  for (const child of children) {
    assert.equal(child.state, "cancelled");
    assert.equal(((await rejection(child)) as Error).cause, "enough");
  }
});

test("group.cancel: a body that it interrupts rejects with CancelledError", async () => {
  const error = await rejection(
    withTaskGroup(async (group) => {
      group.run(async () => {
        await quiet(1);
        group.cancel("by a child");
      });
      await forever();
    }),
  );
  assert.equal(error instanceof CancelledError && error.cause, "by a child");
});

test("group.cancel from a child before anything has waited, or from the body before its first await", async () => {
  assert.equal(
    await withTaskGroup(async (group) => {
      group.run(() => group.cancel());
      group.run(forever);
      return "body";
    }),
    "body",
  );
  let ran = false;
  assert.equal(
    await withTaskGroup((group) => {
      group.run(() => {
        ran = true;
      });
      group.cancel();
      return "sync";
    }),
    "sync",
  );
  assert.equal(ran, false);
});

test("a finalizer that fails after group.cancel is a failure all the same", async () => {
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      group.run(async () => {
        await rejection(forever());
        throw new RangeError("the finalizer failed");
      });
      await quiet(1);
      group.cancel();
    }),
  );
  assert.equal((error.errors[0] as Error).message, "the finalizer failed");
});

test("run in a cancelled group starts cancelled and never runs the function, at any level", async () => {
  let ran = 0;
  const count = () => {
    ran++;
  };
  const own = openCoroutines({ size: 1 });
  await withTaskGroup(async (group) => {
    group.cancel("enough");
    for (const task of [group.run(count), group.run(own, count), group.run(serial, count), group.background(count)]) {
      assert.equal(task.state, "cancelled");
      assert.equal(((await rejection(task)) as Error).cause, "enough");
    }
  });
  assert.equal(ran, 0);
  assert.equal(own.statistics().cancelled, 1);
});

test("a cancel from above ends an inner group with that cancel, and is not swallowed by it", async () => {
  const log: string[] = [];
  const task = coroutines.run(async () => {
    try {
      await withTaskGroup(async (group) => {
        group.run(forever);
        group.cancel("own");
        await withTaskGroup(async (inner) => {
          inner.run(forever);
        }).catch((error: Error) => log.push(`inner ${error.cause}`));
        return "value";
      }).then((value) => log.push(value));
      await withTaskGroup((group) => {
        group.run(forever);
      });
    } catch (error) {
      log.push(`outer ${(error as Error).cause}`);
      throw error;
    }
  });
  await quiet(6);
  task.cancel("above");
  await task.stop();
  assert.deepEqual(log, ["inner own", "value", "outer above"]);
  assert.equal(task.state, "cancelled");
});

test("two siblings cancelled separately inside a shared function, after a native await, each see their own cancel", async () => {
  const log: unknown[] = [];
  await withTaskGroup(async (group) => {
    const both = gate();
    const shared = async () => {
      await both.promise;
      await sleep(60_000);
    };
    const [a, b] = [1, 2].map((n) =>
      group.run(async () => {
        const error = (await rejection(shared())) as Error;
        log.push([n, error.cause]);
      }),
    ) as [Task<void>, Task<void>];
    await quiet(1);
    both.open();
    await quiet(1);
    b.cancel("b's");
    await quiet(1);
    assert.deepEqual(log, [[2, "b's"]]);
    assert.equal(a.state, "running");
    a.cancel("a's");
  });
  assert.deepEqual(log, [
    [2, "b's"],
    [1, "a's"],
  ]);
});

test("a deadline cancels all and rejects with TimeoutError", async () => {
  await withVirtualClock(async (clock) => {
    let child: Task<void> | undefined;
    const error = await rejection(
      withTaskGroup(
        async (group) => {
          child = group.run(forever);
          await forever();
        },
        { deadline: 50, name: "slow" },
      ),
    );
    assert.equal(error instanceof TimeoutError, true);
    assert.match((error as Error).message, /The group slow did not end within 50 ms/);
    assert.deepEqual([clock.now, child?.state], [50, "failed"]);
    assert.equal(child?.abandoned, false);
  });
});

test("a deadline that passes after the body: children that it cut off are not silently lost, a value alone wins", async () => {
  await withVirtualClock(async () => {
    const cut = await rejection(
      withTaskGroup(
        (group) => {
          group.run(forever);
          return "value";
        },
        { deadline: 50 },
      ),
    );
    assert.equal(cut instanceof TimeoutError, true);
    const kept = await withTaskGroup(
      async (group) => {
        group.run(() => shield(() => sleep(100)));
        await rejection(forever());
        return "kept";
      },
      { deadline: 50 },
    );
    assert.equal(kept, "kept");
  });
});

test("group.cancel after the deadline has cut the children off does not hide that", async () => {
  await withVirtualClock(async () => {
    const error = await rejection(
      withTaskGroup(
        async (group) => {
          group.run(forever);
          await rejection(forever());
          group.cancel("clean up");
        },
        { deadline: 10 },
      ),
    );
    assert.equal(error instanceof TimeoutError, true);
  });
});

test("a deadline of nothing: the body does not begin", async () => {
  let ran = false;
  const error = await rejection(
    withTaskGroup(
      () => {
        ran = true;
      },
      { deadline: 0 },
    ),
  );
  assert.deepEqual([error instanceof TimeoutError, ran], [true, false]);
});

test("a signal cancels body and children with its reason", async () => {
  const controller = new AbortController();
  const group = withTaskGroup(
    async (inside) => {
      inside.run(forever);
      await forever();
    },
    { signal: controller.signal },
  );
  await quiet();
  controller.abort("shut down");
  const error = await rejection(group);
  assert.equal(error instanceof CancelledError && error.cause, "shut down");
});

test("code of the group that an outer timeout ends: the TimeoutError is the outer one", async () => {
  await withVirtualClock(async () => {
    const error = await rejection(
      timeout(20, () =>
        withTaskGroup(
          async (group) => {
            group.run(forever);
            await forever();
          },
          { deadline: 50 },
        ),
      ),
    );
    assert.match((error as Error).message, /The work took longer than 20 ms/);
  });
});
