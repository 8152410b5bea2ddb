// Cancellation at every place a task can be: waiting, sent, started, answered; and what becomes of code that ignores it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError, WorkerLostError } from "../../../src/contract/errors.ts";
import { errorOf, fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

test("a waiting task is withdrawn: no worker hears of it", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const first = pool.run(work, 1);
    const second = pool.run(work, 2);
    await settle();
    second.cancel("not needed");
    assert.equal(fate(second), "cancelled AbortError");
    worker(0).ready().started().succeeds(1);
    await settle();
    assert.deepEqual(worker(0).calls, [1]);
    assert.deepEqual(worker(0).cancels, []);
    assert.equal(fate(first), "succeeded 1");
  }));

test("a task cancelled in the tick of its submission never leaves, and starts no worker", () =>
  onStage({}, async ({ pool, workers, settle }) => {
    const task = pool.run(work, 1);
    task.cancel();
    await settle();
    assert.equal(fate(task), "cancelled AbortError");
    assert.equal(workers.length, 0);
  }));

test("a cancel between the sending and the start asks the worker and waits for its answer", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    await settle();
    task.cancel("stop");
    assert.equal(fate(task), "cancelling");
    assert.equal(worker(0).cancels.length, 1);
    assert.equal(worker(0).flags, 1);
    worker(0).ready().started();
    assert.equal(fate(task), "cancelling", "a start is no way back");
    worker(0).yields();
    assert.equal(fate(task), "cancelled AbortError");
    assert.equal((errorOf(task) as CancelledError).cause, "stop");
  }));

test("a cancel between the sending and the start, and the worker dies: cancelled, and sent nowhere else", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const task = pool.run(work, 1);
    await settle();
    task.cancel();
    worker(0).ready().dies();
    assert.equal(fate(task), "cancelled AbortError");
    await clock.advance(10_000);
    assert.equal(workers.length, 1);
  }));

for (const [end, expected] of [
  ["succeeds", "succeeded kept"],
  ["fails", "failed RangeError"],
] as const) {
  test(`a committed result beats a cancel: the worker ${end}`, () =>
    onStage({}, async ({ pool, worker, settle }) => {
      const task = pool.run(work, 1);
      task.onDone(() => {});
      await settle();
      worker(0).ready().started();
      task.cancel();
      assert.equal(fate(task), "cancelling");
      if (end === "succeeds") worker(0).succeeds("kept");
      else worker(0).fails(new RangeError("kept"));
      assert.equal(fate(task), expected);
      task.cancel();
      await settle();
      assert.equal(worker(0).kills, 0);
    }));
}

test("a cancel after the end does nothing", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds(1);
    task.cancel();
    assert.equal(fate(task), "succeeded 1");
    assert.deepEqual(worker(0).cancels, []);
  }));

test("code that ignores its cancel: grace, kill, exit; the next task has a worker at once", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const task = pool.with({ grace: 100 }).run(work, 1);
    const next = pool.run(work, 2);
    await settle();
    worker(0).ready().started();
    task.cancel();
    await clock.advance(99);
    assert.equal(worker(0).kills, 0);
    assert.equal(workers.length, 1);
    await clock.advance(1);
    assert.equal(worker(0).kills, 1);
    assert.equal(fate(task), "cancelling", "until the worker is gone its code may still run");
    assert.deepEqual(worker(1).calls, [2]);
    worker(0).dies({ signal: "SIGKILL", exitCode: null });
    assert.equal(fate(task), "cancelled AbortError");
    worker(1).ready().started().succeeds(2);
    assert.equal(fate(next), "succeeded 2");
  }));

test("a killed worker that does not exit: the task is abandoned, once, and the exit that comes later changes nothing", () =>
  onStage({}, async ({ pool, worker, settle, clock, statistics }) => {
    const task = pool.with({ grace: 100 }).run(work, 1);
    await settle();
    worker(0).ready().started();
    task.cancel();
    await clock.advance(100 + 499);
    assert.equal(fate(task), "cancelling");
    await clock.advance(1);
    assert.equal(fate(task), "cancelled AbortError (abandoned)");
    assert.equal(statistics().running, 1, "counted until it is gone");
    worker(0).dies();
    assert.equal(fate(task), "cancelled AbortError (abandoned)");
    assert.deepEqual([statistics().running, statistics().cancelled, statistics().lost], [0, 1, 1]);
  }));

test("the answer of a killed worker that had it on its way still wins", () =>
  onStage({ maxTasks: 1, idleTimeout: 1_000 }, async ({ pool, worker, settle, clock }) => {
    const task = pool.with({ grace: 0 }).run(work, 1);
    await settle();
    worker(0).ready().started();
    task.cancel();
    await clock.advance(0);
    assert.equal(worker(0).kills, 1);
    worker(0).succeeds("just in time");
    assert.equal(fate(task), "succeeded just in time");
    await clock.advance(400);
    worker(0).dies();
    await clock.advance(10_000);
  }));

test("the neighbour of a task that had to be killed is lost with the worker, with an error that says so", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const stubborn = pool.with({ grace: 10 }).run(work, 1);
    await settle();
    worker(0).ready().started();
    const neighbour = pool.broadcast(work, 2).catch((error: unknown) => error);
    await settle();
    worker(0).started();
    stubborn.cancel();
    await clock.advance(10);
    await clock.advance(500);
    const error = await neighbour;
    assert.ok(error instanceof WorkerLostError);
    assert.match(error.message, /stopped because of another task/);
    assert.equal(fate(stubborn), "cancelled AbortError (abandoned)");
    worker(0).dies();
  }));

test("the timeout counts from the start, and gives TimeoutError even when the worker noticed first", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const task = pool.with({ timeout: 100 }).run(work, 1);
    task.onDone(() => {});
    await settle();
    await clock.advance(1_000);
    assert.equal(fate(task), "waiting");
    worker(0).ready().started();
    await clock.advance(99);
    assert.equal(fate(task), "running");
    await clock.advance(1);
    assert.equal(fate(task), "cancelling");
    assert.ok(worker(0).cancelError instanceof TimeoutError);
    worker(0).yields();
    assert.equal(fate(task), "failed TimeoutError");
  }));

test("a deadline that passes in the queue fails the task there", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const first = pool.run(work, 1);
    const second = pool.with({ deadline: 50 }).run(work, 2);
    second.onDone(() => {});
    await settle();
    worker(0).ready().started();
    await clock.advance(50);
    assert.equal(fate(second), "failed TimeoutError");
    worker(0).succeeds(1);
    await settle();
    assert.deepEqual(worker(0).calls, [1]);
    assert.equal(fate(first), "succeeded 1");
  }));

test("one signal over many tasks cancels each where it is", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const controller = new AbortController();
    const tasks = [1, 2, 3].map((n) => pool.with({ signal: controller.signal }).run(work, n));
    await settle();
    worker(0).ready().started();
    controller.abort(new CancelledError("enough"));
    assert.deepEqual(tasks.map(fate), ["cancelling", "cancelled AbortError", "cancelled AbortError"]);
    worker(0).yields();
    assert.deepEqual(
      tasks.map((task) => (errorOf(task) as Error).message),
      ["enough", "enough", "enough"],
    );
    const late = pool.with({ signal: controller.signal }).run(work, 4);
    assert.equal(fate(late), "cancelled AbortError");
  }));
