// Task groups: no child outlives the group, and what the end of each child means for the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BrigadeError, CancelledError, GroupFinishedError, TaskGroupError, TimeoutError } from "../../../src/contract/errors.ts";
import type { TaskGroup } from "../../../src/contract/group.ts";
import type { Task } from "../../../src/contract/task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines, serial } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

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

test("the first failure cancels the body and the siblings, and they are waited for", async () => {
  const log: string[] = [];
  const failure = new RangeError("broken");
  let sibling: Task<void> | undefined;
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      sibling = group.run(async () => {
        try {
          await forever();
        } finally {
          await shield(() => quiet(2));
          log.push("sibling cleaned up");
        }
      });
      group.run(async () => {
        await quiet(1);
        throw failure;
      });
      try {
        await forever();
      } catch (cancel) {
        log.push(`body ${(cancel as Error).name}`);
        assert.equal((cancel as Error).cause, failure);
        assert.match((cancel as Error).message, /Another task of the group group-\d+ failed: broken/);
        throw cancel;
      }
    }),
  );
  assert.deepEqual(error.errors, [failure]);
  assert.equal(error.cause, failure);
  assert.match(error.message, /A task of the group failed: broken/);
  assert.deepEqual(log, ["body AbortError", "sibling cleaned up"]);
  assert.equal(sibling?.state, "cancelled");
});

test("a body that fails cancels the children; its failure is one of the group's", async () => {
  const failure = new RangeError("body");
  let child: Task<void> | undefined;
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      child = group.run(forever);
      await quiet(1);
      throw failure;
    }),
  );
  assert.deepEqual(error.errors, [failure]);
  assert.equal(child?.state, "cancelled");
});

test("a body that throws at once, before it awaits anything", async () => {
  const error = await groupFailure(
    withTaskGroup((group) => {
      group.run(forever);
      throw new RangeError("at once");
    }),
  );
  assert.equal((error.errors[0] as Error).message, "at once");
});

test("a child's failure fails the group even if the body caught it", async () => {
  const failure = new RangeError("broken");
  let caught: unknown;
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      try {
        await group.run(fails(failure));
      } catch (each) {
        caught = each;
      }
      return "value";
    }),
  );
  assert.equal(caught, failure);
  assert.deepEqual(error.errors, [failure]);
});

test("a failure that passes through the body or a sibling that awaited the child is one failure", async () => {
  const failure = new RangeError("broken");
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      const child = group.run(fails(failure));
      group.run(() => child);
      await child;
    }),
  );
  assert.deepEqual(error.errors, [failure]);
  const thrown = await groupFailure(
    withTaskGroup(async (group) => {
      await group.run(fails("a text"));
    }),
  );
  assert.deepEqual(thrown.errors, ["a text"]);
  const two = await groupFailure(
    withTaskGroup(async (group) => {
      group.run(fails("same"));
      group.run(fails("same"));
    }),
  );
  assert.deepEqual(two.errors, ["same", "same"], "equal primitives of two children are two failures");
});

test("failures are kept in the order in which they happened, those of finalizers after a cancel included", async () => {
  const first = new Error("first");
  const second = new Error("second");
  const third = new Error("third");
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      group.run(async () => {
        await rejection(forever());
        throw second;
      });
      group.run(fails(first));
      try {
        await forever();
      } finally {
        await shield(() => quiet(3));
        // biome-ignore lint/correctness/noUnsafeFinally: what a failing finalizer does
        throw third;
      }
    }),
  );
  assert.deepEqual(error.errors, [first, second, third]);
  assert.match(error.message, /3 tasks of the group failed, first: first/);
});

test('errors: "first" rethrows the first failure unchanged', async () => {
  const failure = new RangeError("broken");
  const error = await rejection(
    withTaskGroup(
      async (group) => {
        group.run(fails(failure));
        group.run(async () => {
          await rejection(forever());
          throw new Error("second");
        });
        await forever();
      },
      { errors: "first" },
    ),
  );
  assert.equal(error, failure);
});

test("whatever a child throws ends the group, not brigade", async () => {
  const hostile = Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("trap");
    },
  });
  for (const thrown of [undefined, null, Symbol("s"), Object.create(null), hostile, () => {}]) {
    const error = await groupFailure(
      withTaskGroup(async (group) => {
        group.run(fails(thrown));
        await forever();
      }),
    );
    assert.equal(error.errors.length, 1);
    assert.equal(error.errors[0], thrown);
  }
});

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

test("a body that awaits a child that somebody cancelled has failed with it", async () => {
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      const child = group.run(forever);
      await quiet(1);
      child.cancel("by hand");
      await child;
    }),
  );
  assert.equal((error.errors[0] as Error).cause, "by hand");
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
      assert.throws(() => group.run(wrong as unknown as () => void), { name: "TypeError", message: /group\.run takes a function, or an executor and a function/ });
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
    await assert.rejects(withTaskGroup(() => 1, options as never), { name, message });
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

test("nested groups: cancels flow down, failures come up as a tree", async () => {
  const inner1 = new RangeError("inner 1");
  const inner2 = new TypeError("inner 2");
  const outer = new Error("outer");
  const error = await groupFailure(
    withTaskGroup(async (group) => {
      group.run(() =>
        withTaskGroup(async (inside) => {
          inside.run(fails(inner1));
          inside.run(async () => {
            await rejection(forever());
            throw inner2;
          });
        }),
      );
      group.run(async () => {
        await rejection(forever());
        throw outer;
      });
    }),
  );
  assert.equal(error.errors.length, 2);
  const [tree, other] = error.errors as [TaskGroupError, Error];
  assert.equal(tree instanceof TaskGroupError, true);
  assert.deepEqual(tree.errors, [inner1, inner2]);
  assert.equal(other, outer);
  const [matching, rest] = error.split((each) => each instanceof RangeError);
  assert.deepEqual((matching?.errors[0] as TaskGroupError).errors, [inner1]);
  assert.deepEqual((rest?.errors[0] as TaskGroupError).errors, [inner2]);
  assert.equal(rest?.errors[1], outer);
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

// ---- limits from outside ----

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
