// Deaths of workers: whoever was on them settles exactly once, and what had not begun moves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NotSerializableError, WorkerLostError } from "../../../src/contract/errors.ts";
import { errorOf, fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

test("a task sent to a worker that dies before it is ready moves to another one", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock, statistics }) => {
    const task = pool.run(work, 1);
    await settle();
    assert.deepEqual(worker(0).calls, [1]);
    worker(0).dies();
    await settle();
    assert.equal(fate(task), "waiting");
    // Starting pauses after a death during start-up.
    assert.equal(workers.length, 1);
    await clock.advance(50);
    assert.deepEqual(worker(1).calls, [1]);
    worker(1).ready().started().succeeds("moved");
    assert.equal(fate(task), "succeeded moved");
    assert.equal(statistics().lost, 1);
  }));

test("a task that was sent but not started moves from a ready worker too, at once", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    await settle();
    worker(0).ready().dies();
    await settle();
    assert.deepEqual(worker(1).calls, [1]);
    worker(1).started().succeeds("moved");
    assert.equal(fate(task), "succeeded moved");
  }));

test("a worker that dies under a started task takes that task alone", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    const tasks = [pool.run(work, 1), pool.run(work, 2), pool.run(work, 3)];
    for (const task of tasks) task.onDone(() => {});
    await settle();
    worker(0).ready().started();
    worker(1).ready().started();
    worker(0).dies({ exitCode: null, signal: "SIGKILL", stderrTail: "last words" });
    assert.deepEqual(tasks.map(fate), ["failed WorkerLostError", "running", "waiting"]);
    const error = errorOf(tasks[0]);
    assert.ok(error instanceof WorkerLostError);
    assert.deepEqual(
      { worker: error.worker, signal: error.signal, exitCode: error.exitCode, attempt: error.attempt, stderrTail: error.stderrTail },
      { worker: "fake-1", signal: "SIGKILL", exitCode: null, attempt: 1, stderrTail: "last words" },
    );
    assert.match(error.message, /fake-1 died under the task work \(killed by SIGKILL\)/);
    await settle();
    assert.deepEqual(worker(2).calls, [3], "the place is filled again");
    worker(2).ready().started().succeeds(3);
    worker(1).succeeds(2);
    assert.deepEqual(tasks.map(fate), ["failed WorkerLostError", "succeeded 2", "succeeded 3"]);
  }));

test("a settled frame that comes before the exit wins; nothing changes after it", () =>
  onStage({}, async ({ pool, worker, settle, statistics }) => {
    const task = pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds("in time");
    worker(0).dies();
    assert.equal(fate(task), "succeeded in time");
    const { succeeded, failed, running, lost } = statistics();
    assert.deepEqual({ succeeded, failed, running, lost }, { succeeded: 1, failed: 0, running: 0, lost: 1 });
  }));

test("answers to tasks that the worker does not have are ignored", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    await settle();
    const id = worker(0).ready().started().lastId;
    worker(0).succeeds("nobody's", id + 1);
    worker(0).started(id + 1);
    assert.equal(fate(task), "running");
    worker(0).succeeds("mine");
    worker(0).succeeds("again", id);
    worker(0).fails(new Error("late"), id);
    assert.equal(fate(task), "succeeded mine");
    await settle();
    assert.equal(worker(0).runs.length, 1);
  }));

test("a task that has moved is not settled by its first worker's words", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    const keepBusy = pool.run(work, 0);
    const task = pool.run(work, 1);
    await settle();
    worker(0).ready().started();
    worker(1).ready().dies();
    await settle();
    assert.deepEqual(worker(2).calls, [1]);
    // The dead one cannot speak; the living one does not have it.
    worker(0).succeeds("wrong", worker(2).lastId);
    assert.equal(fate(task), "waiting");
    worker(2).ready().started().succeeds("right");
    worker(0).succeeds(0, worker(0).lastId);
    assert.deepEqual([keepBusy, task].map(fate), ["succeeded 0", "succeeded right"]);
  }));

test("what was moved with the task cannot be sent twice: the death fails it even before its start", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const buffer = new ArrayBuffer(8);
    const task = pool.with({ transfer: [buffer] }).run(work, buffer);
    task.onDone(() => {});
    await settle();
    worker(0).ready().dies();
    assert.equal(fate(task), "failed WorkerLostError");
  }));

test("a task with an unclonable argument costs no worker", () =>
  onStage({}, async ({ pool, workers, settle, statistics }) => {
    const task = pool.run(work, { deep: [() => {}] });
    task.onDone(() => {});
    await settle();
    assert.ok(errorOf(task) instanceof NotSerializableError);
    assert.equal(workers.length, 0);
    assert.equal(statistics().failed, 1);
  }));

test("all that a dying worker held settles: a broadcast beside its task", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, 1);
    task.onDone(() => {});
    await settle();
    worker(0).ready().started();
    const everywhere = pool.broadcast(work, 2);
    const failure = everywhere.then(
      () => "succeeded",
      (error: Error) => error.name,
    );
    await settle();
    assert.deepEqual(worker(0).calls, [1, 2]);
    worker(0).dies();
    await settle();
    assert.equal(fate(task), "failed WorkerLostError");
    assert.equal(await failure, "WorkerLostError");
  }));

test("a dedicated worker's death fails its task and leaves nothing behind", () =>
  onStage({}, async ({ pool, worker, settle, statistics }) => {
    const task = pool.spawn(work, 1);
    task.onDone(() => {});
    await settle();
    assert.equal(statistics().workers, 1);
    worker(0).ready().started().dies();
    assert.equal(fate(task), "failed WorkerLostError");
    assert.deepEqual(
      { ...statistics() },
      { workers: 0, idle: 0, waiting: 0, running: 0, succeeded: 0, failed: 1, cancelled: 0, lost: 1, perWorker: [] },
    );
  }));

const longBytes = () => new Uint8Array(100_000).fill(7);

test("long bytes are copied to a worker that starts, so that its death costs the task nothing", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const task = pool.run(work, longBytes());
    await settle();
    assert.equal(worker(0).runs[0]?.keepsPayload, true);
    worker(0).ready().dies();
    await settle();
    assert.deepStrictEqual(worker(1).calls, [longBytes()]);
    worker(1).ready().started().succeeds("there");
    assert.equal(fate(task), "succeeded there");
  }));

test("long bytes are moved to a worker that stands ready, and are lost with it", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const first = pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds("ready");
    const task = pool.run(work, longBytes());
    task.onDone(() => {});
    await settle();
    assert.equal(worker(0).runs[1]?.keepsPayload, undefined);
    worker(0).dies();
    assert.deepEqual([first, task].map(fate), ["succeeded ready", "failed WorkerLostError"]);
  }));

test("long bytes of a task that asked for retries are never moved", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    void pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds("ready");
    const task = pool.with({ retry: 1 }).run(work, longBytes());
    await settle();
    assert.equal(worker(0).runs[1]?.keepsPayload, true);
    worker(0).started().dies();
    await settle();
    worker(1).ready().started();
    assert.deepStrictEqual(worker(1).calls, [longBytes()]);
    worker(1).succeeds("again");
    assert.equal(fate(task), "succeeded again");
  }));
