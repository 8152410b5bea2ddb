// Failures in task groups: who is cancelled by them, how they are kept, and what counts as one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TaskGroupError } from "../../../src/contract/errors.ts";
import type { Task } from "../../../src/contract/task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { shield } from "../../../src/core/waiting.ts";
import { forever, quiet, rejection } from "./support.ts";

const fails = (error: unknown) => () => Promise.reject(error);

const groupFailure = async (promise: PromiseLike<unknown>) => {
  const error = await rejection(promise);
  assert.equal(error instanceof TaskGroupError, true, String(error));
  return error as TaskGroupError;
};

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
  const shape = (each: unknown): unknown => (each instanceof TaskGroupError ? each.errors.map(shape) : each);
  assert.deepEqual([shape(matching), shape(rest)], [[[inner1]], [[inner2], outer]]);
});
