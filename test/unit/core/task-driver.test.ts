// A task as its driver and its listeners see it: settled once, tried again, told of a cancel, followed by onDone and joinSync.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { UnsupportedError } from "../../../src/contract/errors.ts";
import type { Outcome } from "../../../src/contract/task.ts";
import { currentScope } from "../../../src/core/context.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { rootScope } from "../../../src/core/scope.ts";
import { ScopedTask } from "../../../src/core/task.ts";
import type { TaskDriver } from "../../../src/core/task-driver.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, quiet, rejection } from "./support.ts";

const idleDriver: TaskDriver = { withdraw: () => true, onCancelling() {}, onSettled() {} };

test("onDone: once, on the next tick, with the outcome", async () => {
  const outcomes: Outcome<number>[] = [];
  const task = coroutines.run(() => 5);
  task.onDone((outcome) => outcomes.push(outcome));
  await task;
  await quiet(1);
  assert.deepEqual(outcomes, [{ state: "succeeded", value: 5 }]);

  const failure = new Error("no");
  const failing = coroutines.run(() => Promise.reject(failure));
  const failed = gate<Outcome<never>>();
  failing.onDone(failed.open);
  assert.deepEqual(await failed.promise, { state: "failed", error: failure });

  const cancelled = coroutines.run(() => {});
  const end = gate<Outcome<void>>();
  cancelled.onDone(end.open);
  cancelled.cancel();
  assert.equal((await end.promise).state, "cancelled");
});

test("onDone after the end calls back on the next tick, not inside the call", async () => {
  const task = coroutines.run(() => 5);
  await task;
  let called = 0;
  task.onDone(() => called++);
  assert.equal(called, 0);
  await undefined;
  assert.equal(called, 1);
});

test("onDone: a disposed subscription is not called, before or after the end", async () => {
  const task = coroutines.run(() => 5);
  let called = 0;
  const before = task.onDone(() => called++);
  before[Symbol.dispose]();
  await task;
  const after = task.onDone(() => called++);
  after[Symbol.dispose]();
  // Disposed in the tick between the end and the call.
  const ended = gate<number>();
  const between = coroutines.run(() => ended.promise);
  const inTime = between.onDone(() => called++);
  between.then(() => inTime[Symbol.dispose]());
  ended.open(1);
  await quiet();
  assert.equal(called, 0);
  assert.throws(() => task.onDone("no" as never), { name: "TypeError", message: /onDone needs a function/ });
});

test("onDone calls back where it was subscribed, not where the task came to its end", async () => {
  const tenant = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  await tenant.run("task", async () => {
    const task = coroutines.run(() => sleep(Number.POSITIVE_INFINITY));
    await tenant.run("subscriber", async () => {
      task.onDone(() => seen.push(tenant.getStore(), currentScope() === rootScope, currentTask().cancelled));
    });
    await quiet();
    await coroutines.run(() => tenant.run("canceller", () => task.cancel()));
    await quiet();
  });
  assert.deepEqual(seen, ["subscriber", true, false]);
});

test("joinSync of a coroutine is refused, and that does not count as looking after it", async () => {
  const task = coroutines.run(() => 1);
  assert.throws(
    () => task.joinSync(),
    (error: unknown) => error instanceof UnsupportedError && error.feature === "joinSync" && /await it instead/.test(error.message),
  );
  assert.throws(() => task.joinSync(-1), { name: "RangeError", message: /timeout of joinSync/ });
  await task;
  assert.equal(task.joinSync(), 1, "with a result there is nothing to wait for");
  const failing = coroutines.run(() => Promise.reject(new RangeError("no")));
  await rejection(failing);
  assert.throws(() => failing.joinSync(), RangeError);
});

test("a task settles once: all later ends are ignored", async () => {
  const ends: [name: string, (task: ScopedTask<number>) => void][] = [
    ["succeeded", (task) => task.succeed(1)],
    ["failed", (task) => task.fail(new Error("no"))],
    ["cancelled", (task) => task.cancel()],
  ];
  for (const [state, end] of ends) {
    let settlements = 0;
    const task = new ScopedTask<number>({ ...idleDriver, onSettled: () => settlements++ }, "coroutine", "one", rootScope);
    task.observe();
    end(task);
    const { outcome } = task;
    for (const [, again] of ends) again(task);
    task.abandon();
    assert.deepEqual([task.state, task.outcome, task.abandoned, settlements], [state, outcome, false, 1]);
  }
});

test("back in the queue for another attempt, a task is as before: state, running time, deadline", async () => {
  await withVirtualClock(async (clock) => {
    const task = new ScopedTask<number>(idleDriver, "thread", "retried", rootScope);
    task.observe();
    task.expireAfter(1_000, "too late");
    task.limitRunning(100);
    task.started("w1");
    assert.deepEqual([task.state, task.deadlineAtMs, task.metrics.worker], ["running", 100, "w1"]);
    await clock.advance(60);
    task.waitAgain();
    assert.deepEqual([task.state, task.deadlineAtMs, task.metrics.worker, task.metrics.runMs], ["waiting", 1_000, undefined, 0]);
    await clock.advance(100);
    assert.equal(task.state, "waiting", "the limit of the first attempt is gone");
    task.limitRunning(100);
    task.started("w2");
    await clock.advance(100);
    assert.equal(task.state, "cancelling");
    assert.match(String(task.error?.message), /ran longer than 100 ms/);
    task.fail(task.error);
    assert.equal(task.state, "failed", "an expiry is a failure, not a cancellation");
  });
});

test("whoever is told of a cancel may settle the task, and that stands", () => {
  const task = new ScopedTask<number>(idleDriver, "coroutine", "one", rootScope);
  task.started(undefined);
  task.signal.addEventListener("abort", () => task.succeed(7));
  task.cancel();
  assert.deepEqual([task.state, task.outcome], ["succeeded", { state: "succeeded", value: 7 }]);
});

test("while its code may be on the way in, a cancelled task waits for the answer", () => {
  const told: unknown[] = [];
  const task = new ScopedTask<number>(
    { withdraw: () => false, onCancelling: (_task, error) => told.push(error), onSettled() {} },
    "thread",
    "far",
    rootScope,
  );
  task.observe();
  task.cancel("enough");
  assert.equal(task.state, "cancelling");
  assert.deepEqual(told, [task.error]);
  task.started("w");
  assert.equal(task.state, "cancelling");
  task.succeed(7);
  assert.deepEqual(task.outcome, { state: "succeeded", value: 7 });
});
