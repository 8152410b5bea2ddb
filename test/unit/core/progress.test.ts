// Progress: reports from inside a task to any number of readers, the newest only.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeoutError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { Progress } from "../../../src/core/progress.ts";
import { timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

const collect = async (progress: AsyncIterable<unknown>) => {
  const list: unknown[] = [];
  for await (const value of progress) list.push(value);
  return list;
};

test("a reader gets every report that it is quick enough for, and the loop ends with the task", async () => {
  const task = coroutines.run(async () => {
    for (const percent of [10, 50, 100]) {
      currentTask().report(percent);
      await quiet(1);
    }
    return "value";
  });
  assert.deepEqual(await collect(task.progress), [10, 50, 100]);
  assert.equal(task.state, "succeeded");
});

test("only the newest report waits for a slow reader; the last one is not lost", async () => {
  const hold = gate();
  const task = coroutines.run(async () => {
    await hold.promise;
    for (const percent of [1, 2, 3]) currentTask().report(percent);
  });
  const reading = collect(task.progress);
  await quiet();
  hold.open();
  assert.deepEqual(await reading, [3]);
});

test("every reader has its own place; what was reported before it began to read is gone", async () => {
  const [first, second, end] = [gate(), gate(), gate()];
  const task = coroutines.run(async () => {
    currentTask().report("nobody reads yet");
    await first.promise;
    currentTask().report("a");
    await second.promise;
    currentTask().report("b");
    await end.promise;
  });
  await quiet();
  const early = collect(task.progress);
  await quiet();
  first.open();
  await quiet();
  const late = collect(task.progress);
  await quiet();
  second.open();
  await quiet();
  end.open();
  assert.deepEqual(await Promise.all([early, late]), [["a", "b"], ["b"]]);
});

test("undefined is a report; reports after the end, and outside any task, go nowhere", async () => {
  const late = gate();
  let report: ((value: unknown) => void) | undefined;
  const task = coroutines.run(async () => {
    const current = currentTask();
    report = (value) => current.report(value);
    await quiet(1);
    current.report(undefined);
    await late.promise;
  });
  const reading = collect(task.progress);
  await quiet(6);
  late.open();
  assert.deepEqual(await reading, [undefined]);
  report?.("too late");
  currentTask().report("nobody");
  assert.deepEqual(await collect(task.progress), []);
});

test("the loop ends with a task that fails or is cancelled, without its error", async () => {
  const failing = coroutines.run(async () => {
    await quiet(1);
    throw new Error("no");
  });
  failing.catch(() => {});
  assert.deepEqual(await collect(failing.progress), []);
  const cancelled = coroutines.run(forever);
  const reading = collect(cancelled.progress);
  await quiet();
  cancelled.cancel();
  assert.deepEqual(await reading, []);
});

test("leaving the loop does not touch the task", async () => {
  const hold = gate();
  const task = coroutines.run(async () => {
    await quiet(1);
    currentTask().report(1);
    await hold.promise;
  });
  for await (const _ of task.progress) break;
  assert.equal(task.state, "running");
  hold.open();
  await task;
});

test("a reader waits in its own scope: its cancel ends the wait, not the task", async () => {
  await withVirtualClock(async () => {
    const task = coroutines.run(forever);
    const error = await rejection(timeout(10, () => collect(task.progress)));
    assert.equal(error instanceof TimeoutError, true);
    assert.equal(task.state, "running");
    await task.stop();
  });
});

test("a reader is given exactly what a place for one value gives, report by report", async () => {
  const progress = new Progress();
  const reader = progress[Symbol.asyncIterator]();
  const first = reader.next();
  progress.report(1);
  progress.report(2);
  assert.deepEqual(await first, { done: false, value: 2 });
  progress.report(3);
  progress.end();
  assert.deepEqual(await reader.next(), { done: false, value: 3 });
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
});
