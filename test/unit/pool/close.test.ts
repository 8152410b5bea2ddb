// Closing and bounds: what close waits for, what it gives up on, and the three ways of a full queue.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, fate, onStage } from "./fake-links.ts";
import { deaf, forever, work } from "./work.ts";

function watch(promise: Promise<unknown>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => {
    state.done = true;
  });
  return state;
}

test("close cancels what waits and what runs, ends the workers, and resolves when they are gone", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle, statistics }) => {
    const tasks = [1, 2, 3].map((n) => pool.run(work, n));
    await settle();
    worker(0).ready().started();
    worker(1).ready().started();
    const closing = watch(pool.close());
    await settle();
    assert.deepEqual(tasks.map(fate), ["cancelling", "cancelling", "cancelled AbortError"]);
    worker(0).yields();
    worker(1).succeeds("wins");
    await settle();
    assert.deepEqual(tasks.map(fate), ["cancelled AbortError", "succeeded wins", "cancelled AbortError"]);
    assert.deepEqual([worker(0).asked, worker(1).asked, closing.done], [true, true, false]);
    worker(0).leaves();
    await settle();
    assert.equal(closing.done, false);
    worker(1).leaves();
    await settle();
    assert.equal(closing.done, true);
    assert.deepEqual([statistics().workers, statistics().lost], [0, 0]);
    const late = pool.run(work, 4);
    late.onDone(() => {});
    assert.equal(fate(late), "failed ExecutorClosedError");
  }));

test("close with a grace lets tasks end, refuses new ones, and cancels the rest when it is over", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const tasks = [1, 2, 3].map((n) => pool.run(work, n));
    await settle();
    worker(0).ready().started();
    const closing = watch(pool.close({ grace: 1_000 }));
    await settle();
    const late = pool.run(work, 4);
    late.onDone(() => {});
    assert.equal(fate(late), "failed ExecutorClosedError");
    worker(0).succeeds(1);
    await settle();
    worker(0).started();
    await clock.advance(999);
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "running", "waiting"]);
    await clock.advance(1);
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "cancelling", "cancelled AbortError"]);
    worker(0).yields();
    await settle();
    worker(0).leaves();
    await settle();
    assert.equal(closing.done, true);
  }));

test("close with a grace ends as soon as the last task has; a second close may be less patient", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    await settle();
    worker(0).ready().started();
    const first = watch(pool.close({ grace: 60_000 }));
    await settle();
    assert.equal(fate(task), "running");
    const second = watch(pool.close());
    await settle();
    assert.equal(fate(task), "cancelling");
    worker(0).yields();
    await settle();
    worker(0).leaves();
    await settle();
    assert.deepEqual([first.done, second.done], [true, true]);
  }));

test("close waits for the exit of a worker that it had to kill", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const task = pool.with({ grace: 10 }).run(work, 1);
    await settle();
    worker(0).ready().started();
    const closing = watch(pool.close());
    await clock.advance(10);
    assert.equal(worker(0).kills, 1);
    worker(0).yields();
    await settle();
    assert.equal(fate(task), "cancelled AbortError");
    assert.equal(closing.done, false, "killed is not gone");
    worker(0).dies();
    await settle();
    assert.equal(closing.done, true);
  }));

test("close gives up on a worker that cannot be killed", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const task = pool.with({ grace: 10 }).run(work, 1);
    await settle();
    worker(0).ready().started();
    const closing = watch(pool.close());
    await clock.advance(10 + 500);
    assert.equal(fate(task), "cancelled AbortError (abandoned)");
    await settle();
    assert.equal(closing.done, true);
    worker(0).dies();
  }));

test("close gives up on a worker that neither leaves nor dies", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    void pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds();
    const closing = watch(pool.close());
    await clock.advance(2_000);
    assert.equal(worker(0).kills, 1);
    assert.equal(closing.done, false);
    await clock.advance(1_000);
    assert.equal(closing.done, true);
    worker(0).dies();
  }));

test("close before the workers are ready: they are asked to end, and their end is no failure", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle, statistics }) => {
    const warm = pool.warm().catch(() => {});
    await settle();
    const closing = watch(pool.close());
    await settle();
    assert.deepEqual([worker(0).asked, worker(1).asked], [true, true]);
    worker(0).leaves();
    worker(1).ready().leaves();
    await settle();
    assert.equal(closing.done, true);
    assert.equal(statistics().lost, 0);
    await warm;
  }));

test("close ends tasks that wait for their next attempt", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.with({ retry: { retries: 1, backoff: { initial: 60_000 } } }).run(work, 1);
    await settle();
    worker(0).ready().started().dies();
    const closing = watch(pool.close());
    await settle();
    assert.equal(fate(task), "cancelled AbortError");
    assert.equal(closing.done, true);
  }));

test("close cancels what a full queue made the caller run", () =>
  onStage({ queue: { capacity: 0, full: "run-here" } }, async ({ pool, worker, settle, clock }) => {
    void pool.run(work, 1);
    await settle();
    const here = pool.run(forever);
    for (let turn = 0; turn < 50 && here.state !== "running"; turn++) await settle();
    const stubborn = pool.with({ grace: 100 }).run(deaf);
    for (let turn = 0; turn < 50 && stubborn.state !== "running"; turn++) await settle();
    worker(0).ready().started().succeeds();
    const closing = watch(pool.close());
    await settle();
    assert.equal(fate(here), "cancelled AbortError");
    await clock.advance(100);
    assert.equal(fate(stubborn), "cancelled AbortError (abandoned)");
    worker(0).leaves();
    await settle();
    assert.equal(closing.done, true);
  }));

test("full: reject names the capacity; ready resolves when there is room", () =>
  onStage({ queue: { capacity: 2, full: "reject" } }, async ({ pool, worker, settle }) => {
    const tasks = [1, 2, 3].map((n) => pool.run(work, n));
    const refused = pool.run(work, 4);
    refused.onDone(() => {});
    assert.equal((errorOf(refused) as { capacity?: number }).capacity, 2);
    await settle();
    const room = watch(pool.ready());
    await settle();
    assert.equal(room.done, false);
    tasks[2]?.cancel();
    await settle();
    assert.equal(room.done, true, "a place was given back by a cancel");
    const fifth = pool.run(work, 5);
    const again = watch(pool.ready());
    await settle();
    assert.equal(again.done, false);
    worker(0).ready().started().succeeds(1);
    await settle();
    assert.equal(again.done, true, "and by a start");
    for (const n of [2, 5]) {
      worker(0).started().succeeds(n);
      await settle();
    }
    assert.deepEqual([tasks[1], fifth].map(fate), ["succeeded 2", "succeeded 5"]);
  }));

test("ready with capacity 0 resolves when a worker is free, and when the pool closes", () =>
  onStage({ queue: { capacity: 0, full: "reject" } }, async ({ pool, worker, settle }) => {
    await pool.ready();
    const task = pool.run(work, 1);
    const ready = watch(pool.ready());
    await settle();
    assert.equal(ready.done, false);
    const refused = pool.run(work, 2);
    refused.onDone(() => {});
    assert.equal(fate(refused), "failed QueueFullError");
    worker(0).ready().started().succeeds(1);
    await settle();
    assert.equal(ready.done, true);
    assert.equal(fate(task), "succeeded 1");
    void pool.run(work, 3).onDone(() => {});
    const closed = watch(pool.ready());
    await settle();
    assert.equal(closed.done, false);
    const closing = pool.close();
    await settle();
    assert.equal(closed.done, true);
    worker(0).started().yields();
    await settle();
    worker(0).leaves();
    await closing;
  }));

test("drain resolves when nothing waits or runs, whatever was submitted meanwhile", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    void pool.run(work, 1);
    await settle();
    const drained = watch(pool.drain());
    void pool.run(work, 2);
    worker(0).ready().started().succeeds();
    await settle();
    assert.equal(drained.done, false);
    worker(0).started().succeeds();
    await settle();
    assert.equal(drained.done, true);
  }));
