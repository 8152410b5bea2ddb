// The explicit form: the code is given its task, and no context is entered for it.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { CancelledError, GroupFinishedError, type TaskGroupError, TimeoutError } from "../../../src/contract/errors.ts";
import type { ExplicitTask } from "../../../src/contract/task.ts";
import { checkpoint } from "../../../src/core/checkpoint.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { openTaskGroup, withTaskGroup } from "../../../src/core/group.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, quiet, rejection } from "./support.ts";

test("it gives results, starts on the next tick in order, and is joined like any child", async () => {
  const group = openTaskGroup();
  const order: string[] = [];
  const tasks = [1, 2, 3].map((n) =>
    group.runExplicit(async () => {
      order.push(`begin ${n}`);
      await null;
      order.push(`end ${n}`);
      return n;
    }),
  );
  const plain = group.runExplicit(() => "plain");
  order.push("submitted");
  await group.join();
  assert.deepEqual(order, ["submitted", "begin 1", "begin 2", "begin 3", "end 1", "end 2", "end 3"]);
  assert.deepEqual([await tasks[0], await tasks[1], await tasks[2], await plain], [1, 2, 3, "plain"]);
  assert.throws(() => group.runExplicit(() => {}), GroupFinishedError);
});

test("the code sees its own task, after an await too: siblings are cancelled separately", async () => {
  await withTaskGroup(async (group) => {
    const seen: string[] = [];
    const begun = gate();
    const work = (name: string) => async (task: ExplicitTask) => {
      begun.open();
      await quiet();
      try {
        await task.checkpoint();
        seen.push(`${name} goes on`);
      } catch (error) {
        seen.push(`${name}: ${(error as Error).name} ${task.cancelled} ${task.signal.aborted}`);
        throw error;
      }
    };
    const first = group.runExplicit(work("first"));
    const second = group.runExplicit(work("second"));
    // Not a count of ticks: on a busy machine the time slice may be spent, and the first waits for a turn.
    await begun.promise;
    first.cancel("alone");
    assert.equal((await rejection(first)) instanceof CancelledError, true);
    await second;
    assert.deepEqual(seen, ["first: AbortError true true", "second goes on"]);
  });
});

test("operations see the context of whoever started it: a cancel of the group reaches them, and locals are the group's", async () => {
  await withTaskGroup(async (group) => {
    const outer = currentTask().id;
    const child = group.runExplicit(async (task) => {
      assert.equal(currentTask().id, outer);
      assert.notEqual(task.id, outer);
      await sleep(Number.POSITIVE_INFINITY);
    });
    await quiet();
    group.cancel();
    assert.equal((await rejection(child)) instanceof CancelledError, true);
    assert.equal(child.state, "cancelled");
    await assert.rejects(checkpoint(), CancelledError);
  }).catch((error: unknown) => assert.equal(error instanceof CancelledError, true));
});

test("the stores of other libraries are those of the submission", async () => {
  const storage = new AsyncLocalStorage<string>();
  const group = openTaskGroup();
  const tasks = ["a", "b"].map((store) => storage.run(store, () => group.runExplicit(() => storage.getStore())));
  await group.join();
  assert.deepEqual([await tasks[0], await tasks[1]], ["a", "b"]);
});

test("failures, deadlines, and a cancel before the start", async () => {
  await withVirtualClock(async () => {
    const failing = withTaskGroup(async (group) => {
      group.runExplicit(async () => {
        throw new RangeError("no");
      });
      group.runExplicit(() => {
        throw new RangeError("at once");
      });
    });
    assert.deepEqual(((await rejection(failing)) as TaskGroupError).errors.length, 2);
    const late = withTaskGroup(
      (group) => {
        group.runExplicit(async (task) => {
          assert.equal(task.deadline, 50);
          await sleep(100);
        });
      },
      { deadline: 50 },
    );
    assert.equal((await rejection(late)) instanceof TimeoutError, true);
    const group = openTaskGroup();
    const never = group.runExplicit(() => assert.fail("it never ran"));
    never.cancel();
    await group.join();
    assert.equal(never.state, "cancelled");
    assert.throws(() => group.runExplicit(null as never), { name: /Error/ });
  });
});

test("no closure and no argument outlives the call, also where the handle is kept", async () => {
  const task = coroutines.run(() => 1) as unknown as { readonly ticket: unknown };
  assert.notEqual(task.ticket, undefined);
  await task;
  assert.equal(task.ticket, undefined);
});
