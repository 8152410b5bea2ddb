// Retries: only when asked for, with pauses, and never after a task has taken two workers with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkerLostError } from "../../../src/contract/errors.ts";
import { errorOf, fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

test("a lost worker is retried as often as asked, each attempt after its pause; the error tells the attempt", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const task = pool.with({ retry: { retries: 3, backoff: { initial: 100, factor: 3 } } }).run(work, 1);
    task.onDone(() => {});
    await settle();
    worker(0).ready().started().dies();
    assert.equal(fate(task), "waiting");
    await clock.advance(99);
    assert.equal(workers.length, 1);
    await clock.advance(1);
    worker(1).ready().started().dies();
    const error = errorOf(task) as WorkerLostError;
    assert.ok(error instanceof WorkerLostError, "two workers are enough, whatever the retries");
    assert.equal(error.attempt, 2);
    assert.match(error.message, /has now taken 2 workers with it and is not tried again/);
    await clock.advance(10_000);
    assert.equal(workers.length, 2);
  }));

test("a failure of the code is retried only when `when` says so, and `max` bounds the pause", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const plain = pool.with({ retry: 2 }).run(work, 1);
    plain.onDone(() => {});
    await settle();
    worker(0).ready().started().fails(new RangeError("no"));
    assert.equal(fate(plain), "failed RangeError");
    const asked: [string, number][] = [];
    const when = (error: unknown, attempt: number): boolean => asked.push([(error as Error).message, attempt]) < 3;
    const task = pool.with({ retry: { retries: 5, when, backoff: { initial: 100, factor: 10, max: 200 } } }).run(work, 2);
    task.onDone(() => {});
    await settle();
    worker(0).started().fails(new Error("one"));
    await clock.advance(100);
    worker(0).started().fails(new Error("two"));
    await clock.advance(199);
    assert.equal(worker(0).runs.length, 3);
    await clock.advance(1);
    worker(0).started().fails(new Error("three"));
    assert.equal((errorOf(task) as Error).message, "three");
    assert.deepEqual(asked, [
      ["one", 1],
      ["two", 2],
      ["three", 3],
    ]);
  }));

test("a `when` that throws fails the task with what it threw, and the pool goes on", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const when = (): boolean => {
      throw new TypeError("from when");
    };
    const task = pool.with({ retry: { retries: 1, when } }).run(work, 1);
    const next = pool.run(work, 2);
    task.onDone(() => {});
    await settle();
    worker(0).ready().started().fails(new Error("first"));
    assert.equal(fate(task), "failed TypeError");
    await settle();
    worker(0).started().succeeds(2);
    assert.equal(fate(next), "succeeded 2");
  }));

test("a `when` that throws at a worker's death fails its task alone, and the pool goes on", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const when = (): boolean => {
      throw new TypeError("from when");
    };
    const task = pool.with({ retry: { retries: 1, when } }).run(work, 1);
    const next = pool.run(work, 2);
    task.onDone(() => {});
    await settle();
    worker(0).ready().started().dies();
    assert.equal(fate(task), "failed TypeError");
    await settle();
    worker(1).ready().started().succeeds(2);
    assert.equal(fate(next), "succeeded 2");
  }));

test("a cancel during the pause ends it; nothing is sent any more", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const task = pool.with({ retry: { retries: 3, backoff: { initial: 100 } } }).run(work, 1);
    await settle();
    worker(0).ready().started().dies();
    await clock.advance(50);
    task.cancel();
    assert.equal(fate(task), "cancelled AbortError");
    await clock.advance(1_000);
    assert.equal(workers.length, 1);
  }));

test("a cancel while it runs leaves nothing to retry, though the worker dies of it", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const task = pool.with({ retry: 3 }).run(work, 1);
    await settle();
    worker(0).ready().started();
    task.cancel();
    worker(0).dies();
    assert.equal(fate(task), "cancelled AbortError");
    await clock.advance(1_000);
    assert.equal(workers.length, 1);
  }));

test("the timeout of an attempt starts anew, the deadline does not", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const task = pool.with({ timeout: 100, deadline: 250, retry: { retries: 9, when: () => true } }).run(work, 1);
    task.onDone(() => {});
    await settle();
    worker(0).ready();
    for (let attempt = 0; attempt < 2; attempt++) {
      worker(0).started();
      await clock.advance(90);
      assert.equal(fate(task), "running");
      worker(0).fails(new Error("again"));
      await settle();
    }
    worker(0).started();
    await clock.advance(69);
    assert.equal(fate(task), "running");
    await clock.advance(1);
    assert.equal(fate(task), "cancelling");
    assert.match(worker(0).cancelError.message, /within 250 ms of its submission/);
    worker(0).yields();
    assert.equal(fate(task), "failed TimeoutError");
  }));

test("a retried spawn has a new worker for each attempt", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.with({ retry: { retries: 2, when: () => true } }).spawn(work, 1);
    await settle();
    worker(0).ready().started().fails(new Error("again"));
    await settle();
    assert.equal(worker(0).asked, true);
    worker(0).leaves();
    worker(1).ready().started().succeeds("second");
    assert.equal(fate(task), "succeeded second");
    assert.equal(worker(1).asked, true);
    worker(1).leaves();
  }));

test("settings of a retry that cannot be are refused where they are written", () =>
  onStage({}, async ({ pool }) => {
    for (const backoff of [{ initial: Number.NaN }, { initial: -1 }, { max: -1 }, { factor: Number.NaN }, { jitter: 2 }, { jitter: -1 }]) {
      assert.throws(() => pool.with({ retry: { retries: 1, backoff } }), RangeError, JSON.stringify(backoff));
    }
  }));
