// Runs that are sent ahead: how many, who gets them back, and what becomes of them when the worker dies, a cancel comes or another
// worker is idle, each between two lines of the protocol. The words are the real ones; the test plays the worker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AheadWorker, onAheadStage, warmed } from "./ahead-links.ts";
import { fate } from "./fake-links.ts";
import { work } from "./work.ts";

test("nothing is sent ahead until it is known how long tasks take; then a millisecond's worth", () =>
  onAheadStage({}, async (stage) => {
    const { pool, worker, settle, statistics } = stage;
    const tasks = Array.from({ length: 40 }, (_, n) => pool.run(work, n));
    await settle();
    worker(0).ready();
    await settle();
    assert.deepEqual(worker(0).calls, [0]);
    worker(0).does(0, 0.2);
    await settle();
    assert.deepEqual(worker(0).calls, [0, 1, 2, 3, 4, 5], "five of 200 µs");
    const { running, waiting } = statistics();
    assert.deepEqual({ running, waiting }, { running: 1, waiting: 38 }, "what was sent ahead waits");
    assert.deepEqual(tasks.slice(0, 3).map(fate), ["succeeded 0", "waiting", "waiting"]);
  }));

test("tasks that take long are sent one at a time", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1, 20);
    for (let n = 0; n < 3; n++) void stage.pool.run(work, n);
    await stage.settle();
    assert.deepEqual(stage.worker(0).calls, ["warm 0", 0]);
  }));

test("two do not seem to run on one worker: the next has begun when the answer of the one before is here", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1);
    const [first, second] = [stage.pool.run(work, 1), stage.pool.run(work, 2)];
    await stage.settle();
    assert.ok(stage.worker(0).claims(1));
    assert.ok(stage.worker(0).claims(2));
    // The claims are seen at once, the answer that was given between them is still on its way.
    stage.worker(0).drained();
    assert.deepEqual([first, second].map(fate), ["running", "waiting"]);
    stage.worker(0).answers(1);
    stage.worker(0).drained();
    assert.deepEqual([first, second].map(fate), ["succeeded 1", "running"]);
  }));

test("a claim makes the task run, also when its answer is far off", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1);
    const [first, second] = [stage.pool.run(work, 1), stage.pool.run(work, 2)];
    await stage.settle();
    assert.deepEqual([first, second].map(fate), ["waiting", "waiting"]);
    assert.ok(stage.worker(0).claims(1));
    stage.worker(0).drained();
    assert.deepEqual([first, second].map(fate), ["running", "waiting"]);
  }));

test("a task of a second delays nobody while another worker is idle", () =>
  onAheadStage({ size: 2 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 2);
    const tasks = Array.from({ length: 8 }, (_, n) => pool.run(work, n));
    await settle();
    const [one, two] = [worker(0), worker(1)];
    const mine = (each: AheadWorker) => each.calls.filter((call) => typeof call === "number") as number[];
    const long = mine(one)[0] as number;
    assert.ok(one.claims(long), "it turns out long");
    one.drained();
    for (let left = 8; left > 1; ) {
      const before = left;
      for (const n of mine(two)) {
        if (tasks[n]?.state !== "waiting" || !two.claims(n)) continue;
        two.answers(n);
        left--;
      }
      two.drained();
      await settle();
      assert.ok(left < before, `somebody waits behind the long task: ${tasks.map(fate).join(", ")}`);
    }
    assert.deepEqual(
      tasks.map((task) => task.state),
      tasks.map((_, n) => (n === long ? "running" : "succeeded")),
    );
    one.answers(long, 1_000);
    one.drained();
  }));

test("a thief and the worker reach for the same run: one of them has it", () =>
  onAheadStage({ size: 2 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 2);
    const tasks = Array.from({ length: 6 }, (_, n) => pool.run(work, n));
    await settle();
    const [one, two] = [worker(0), worker(1)];
    const ofOne = one.calls.filter((call) => typeof call === "number") as number[];
    // The worker has claimed all of them, but this side has not looked yet.
    for (const n of ofOne) assert.ok(one.claims(n));
    for (const n of two.calls.filter((call) => typeof call === "number")) two.does(n);
    await settle();
    assert.deepEqual(new Set([...one.calls, ...two.calls]).size, one.calls.length + two.calls.length, "nothing was sent twice");
    for (const n of ofOne) one.answers(n);
    one.drained();
    assert.deepEqual(
      tasks.map(fate),
      tasks.map((_, n) => `succeeded ${n}`),
    );
  }));

test("a cancel of what was not begun settles at once; the worker finds the offer gone", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1);
    const [first, second, third] = [1, 2, 3].map((n) => stage.pool.run(work, n));
    await stage.settle();
    const worker = stage.worker(0);
    assert.ok(worker.claims(1));
    second?.cancel();
    assert.equal(fate(second), "cancelled AbortError");
    assert.equal(worker.claims(2), false);
    assert.deepEqual(worker.cancels, [], "nobody has to be asked");
    worker.answers(1);
    worker.does(3);
    assert.deepEqual([first, third].map(fate), ["succeeded 1", "succeeded 3"]);
  }));

test("a cancel that comes just after the claim asks, and the answer settles", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1);
    const task = stage.pool.run(work, 1);
    await stage.settle();
    const worker = stage.worker(0);
    assert.ok(worker.claims(1));
    // This side has not looked: for it the task still waits.
    assert.equal(fate(task), "waiting");
    task.cancel();
    assert.equal(worker.cancels.length, 1);
    assert.equal(fate(task), "cancelling");
    worker.yields(worker.runOf(1).id);
    assert.equal(fate(task), "cancelled AbortError");
  }));

test("the worker dies: what it had claimed dies with it, though nobody had looked; the rest moves, in order", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1);
    const tasks = [1, 2, 3].map((n) => stage.pool.run(work, n));
    for (const task of tasks) task.onDone(() => {});
    await stage.settle();
    const dead = stage.worker(0);
    assert.ok(dead.claims(1));
    dead.drained();
    dead.dies();
    await stage.settle();
    assert.deepEqual(tasks.map(fate), ["failed WorkerLostError", "waiting", "waiting"]);
    const next = stage.worker(1);
    assert.deepEqual(next.calls, [2]);
    next.ready().does(2);
    await stage.settle();
    next.does(3);
    assert.deepEqual(tasks.map(fate), ["failed WorkerLostError", "succeeded 2", "succeeded 3"]);
  }));

test("a worker that is told to die gives up what it has not begun at once", () =>
  onAheadStage({}, async (stage) => {
    await warmed(stage, 1);
    const [stubborn, next] = [1, 2].map((n) => stage.pool.with({ grace: 100 }).run(work, n));
    stubborn?.onDone(() => {});
    await stage.settle();
    const worker = stage.worker(0);
    assert.ok(worker.claims(1));
    worker.drained();
    stubborn?.cancel();
    await stage.clock.advance(100);
    assert.equal(worker.kills, 1);
    assert.equal(worker.claims(2), false);
    assert.deepEqual(stage.worker(1).calls, [2], "long before it is gone");
    stage.worker(1).ready().does(2);
    assert.equal(fate(next), "succeeded 2");
  }));

test("what is more urgent goes before what was sent ahead", () =>
  onAheadStage({}, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 1);
    for (const n of [1, 2, 3]) void pool.run(work, n);
    await settle();
    assert.ok(worker(0).claims(1));
    void pool.with({ priority: 5 }).run(work, "urgent");
    await settle();
    assert.deepEqual(worker(0).calls.slice(-3), ["urgent", 2, 3]);
    worker(0).answers(1);
    for (const n of ["urgent", 2, 3]) worker(0).does(n);
  }));

test("who waits for a key keeps a worker from being filled for ever", () =>
  onAheadStage({}, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 1);
    for (const n of [1, 2]) void pool.run(work, n);
    await settle();
    void pool.with({ key: "k" }).run(work, "keyed");
    for (const n of [3, 4]) void pool.run(work, n);
    await settle();
    for (const n of [1, 2, "keyed"]) {
      worker(0).does(n);
      await settle();
    }
    assert.deepEqual(worker(0).calls.slice(1, 5), [1, 2, "keyed", 3]);
  }));

test("a transport without room is sent no more; maxTasks is kept", () =>
  onAheadStage({ maxTasks: 4 }, async (stage) => {
    const { pool, worker, settle } = stage;
    await warmed(stage, 1);
    worker(0).offers.hasRoom = false;
    for (let n = 0; n < 9; n++) void pool.run(work, n);
    await settle();
    assert.deepEqual(worker(0).calls, ["warm 0", 0], "an idle worker is always given one");
    worker(0).offers.hasRoom = true;
    worker(0).does(0);
    await settle();
    assert.deepEqual(worker(0).calls, ["warm 0", 0, 1, 2], "four in a life");
  }));

test("a full queue counts what was sent ahead as waiting", () =>
  onAheadStage({ queue: { capacity: 2, full: "reject" } }, async (stage) => {
    const { pool, settle, worker } = stage;
    await warmed(stage, 1);
    const tasks = [1, 2, 3].map((n) => pool.run(work, n));
    await settle();
    assert.deepEqual(worker(0).calls.slice(1), [1, 2, 3]);
    const over = pool.run(work, 4);
    assert.equal(fate(over), "failed QueueFullError");
    over.onDone(() => {});
    for (const n of [1, 2, 3]) worker(0).does(n);
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 2", "succeeded 3"]);
  }));
