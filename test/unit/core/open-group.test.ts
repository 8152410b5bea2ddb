// openTaskGroup: the group whose end the caller says, with join() or by leaving an `await using` block.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, GroupFinishedError, type TaskGroupError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Task } from "../../../src/contract/task.ts";
import { openTaskGroup } from "../../../src/core/group.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

test("join waits for every child; after it the group is finished and dispose does nothing", async () => {
  const log: string[] = [];
  {
    await using group = openTaskGroup({ name: "mine" });
    assert.equal(group.name, "mine");
    group.run(async () => {
      await quiet(2);
      log.push("child");
    });
    await group.join();
    log.push("joined");
    assert.throws(() => group.run(() => 1), GroupFinishedError);
    await group.join();
  }
  assert.deepEqual(log, ["child", "joined"]);
});

test("an empty group joins", async () => {
  assert.equal(await openTaskGroup().join(), undefined);
});

test("leaving the block without join cancels the children and waits for them", async () => {
  let child: Task<void> | undefined;
  let ended = false;
  const broken = new Error("the block failed");
  const error = await rejection(
    (async () => {
      await using group = openTaskGroup();
      child = group.run(async () => {
        try {
          await forever();
        } finally {
          await quiet(2);
          ended = true;
        }
      });
      await quiet(1);
      throw broken;
    })(),
  );
  assert.equal(error, broken);
  assert.deepEqual([child?.state, ended], ["cancelled", true]);
  assert.match(((await rejection(child as Task<void>)) as Error).message, /its block was left without join\(\)/);
});

test("dispose rejects with the failures of the children", async () => {
  const failure = new RangeError("child");
  const group = openTaskGroup();
  group.run(() => Promise.reject(failure));
  await quiet();
  const error = await rejection(group[Symbol.asyncDispose]());
  assert.deepEqual((error as TaskGroupError).errors, [failure]);
  await group[Symbol.asyncDispose]();
});

test("a child that fails while the caller waits elsewhere cancels its siblings at once; the caller learns of it at join", async () => {
  const failure = new RangeError("child");
  const group = openTaskGroup();
  const sibling = group.run(forever);
  const elsewhere = gate();
  group.run(async () => {
    await quiet(1);
    throw failure;
  });
  const waiting = elsewhere.promise.then(() => group.join());
  await quiet();
  assert.deepEqual([group.cancelled, sibling.state], [true, "cancelled"], "before anybody joins");
  elsewhere.open();
  const error = await rejection(waiting);
  assert.deepEqual((error as TaskGroupError).errors, [failure]);
  assert.equal(await rejection(group.join()).then((again) => (again as TaskGroupError).errors[0]), failure, "joined again: the same");
});

test('errors: "first"', async () => {
  const failure = new RangeError("child");
  const group = openTaskGroup({ errors: "first" });
  group.run(() => Promise.reject(failure));
  assert.equal(await rejection(group.join()), failure);
});

test("cancel: the children end, join does not reject", async () => {
  const group = openTaskGroup();
  const child = group.run(forever);
  await quiet();
  group.cancel();
  await group.join();
  assert.equal(child.state, "cancelled");
});

test("background children end when the others have been joined", async () => {
  const group = openTaskGroup();
  const service = group.background(forever);
  group.run(() => quiet(2));
  await quiet(6);
  assert.equal(service.state, "running", "the time until join counts as the body");
  await group.join();
  assert.equal(service.state, "cancelled");
});

test("a deadline and a signal make join reject, if they cut a child off", async () => {
  await withVirtualClock(async () => {
    const late = openTaskGroup({ deadline: 10 });
    late.run(forever);
    assert.equal((await rejection(late.join())) instanceof TimeoutError, true);
    const empty = openTaskGroup({ deadline: 10 });
    await sleep(20);
    await empty.join();
  });
  const controller = new AbortController();
  const aborted = openTaskGroup({ signal: controller.signal });
  aborted.run(forever);
  controller.abort("stop");
  const error = await rejection(aborted.join());
  assert.equal(error instanceof CancelledError && error.cause, "stop");
});

test("a cancel of the caller ends the children and then join, with that cancel", async () => {
  let child: Task<void> | undefined;
  const task = coroutines.run(async () => {
    const group = openTaskGroup();
    child = group.run(forever);
    await group.join();
  });
  await quiet();
  task.cancel("above");
  const error = await rejection(task);
  assert.deepEqual([(error as Error).cause, child?.state, task.state], ["above", "cancelled", "cancelled"]);
});

test("a group joined from another scope than its own: whoever joins and is cancelled cancels the group", async () => {
  await withVirtualClock(async (clock) => {
    const group = openTaskGroup();
    const child = group.run(forever);
    const error = await rejection(timeout(30, () => group.join()));
    assert.match((error as Error).message, /took longer than 30 ms/);
    assert.deepEqual([clock.now, child.state], [30, "failed"]);
  });
  const elsewhere = openTaskGroup();
  const child = elsewhere.run(forever);
  const joiner = coroutines.run(() => elsewhere.join());
  await quiet();
  await joiner.stop();
  assert.deepEqual([joiner.state, child.state], ["cancelled", "cancelled"]);
});

test("join leaves nothing behind in the scope it was called from", async () => {
  const seen: unknown[] = [];
  const task = coroutines.run(async () => {
    const group = openTaskGroup();
    await group.join();
    group.signal.addEventListener("abort", () => seen.push("cancelled after its end"));
    await forever();
  });
  await quiet();
  await task.stop();
  assert.deepEqual(seen, []);
});

test("in a cancelled task no group opens", async () => {
  const task = coroutines.run(async () => {
    await rejection(forever());
    openTaskGroup();
  });
  await quiet();
  task.cancel();
  await rejection(task);
  assert.equal(task.state, "cancelled");
});
