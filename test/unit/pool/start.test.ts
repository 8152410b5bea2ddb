// How a pool's workers begin: ready, broken, crashing again and again; warm, the spare, idle ends, recycling.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolBrokenError } from "../../../src/contract/errors.ts";
import { encodeFailure } from "../../../src/executors/pool/passage.ts";
import type { FakeWorker } from "./fake-links.ts";
import { errorOf, fate, onStage } from "./fake-links.ts";
import { work } from "./work.ts";

const broken = (worker: FakeWorker): void => {
  worker.says({ type: "broken", payload: encodeFailure(new RangeError("no database"), true) });
  worker.dies();
};

test("a setup that fails breaks the pool: everything fails, each with its own error that names the cause", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const tasks = [pool.run(work, 1), pool.run(work, 2), pool.with({ key: 1 }).run(work, 3), pool.spawn(work, 4)];
    for (const task of tasks) task.onDone(() => {});
    await settle();
    broken(worker(0));
    worker(1).dies();
    await clock.advance(60_000);
    assert.deepEqual(new Set(tasks.map(fate)), new Set(["failed PoolBrokenError"]));
    assert.equal(new Set(tasks.map(errorOf)).size, 4);
    assert.match((errorOf(tasks[0]) as Error).message, /The pool fake is broken: no database\. Mend/);
    const late = pool.run(work, 5);
    late.onDone(() => {});
    await settle();
    assert.ok(errorOf(late) instanceof PoolBrokenError);
    assert.equal(workers.length, 2, "nothing is started any more");
    await assert.rejects(pool.broadcast(work, 6), PoolBrokenError);
    await assert.rejects(pool.warm(), PoolBrokenError);
    await pool.close();
  }));

test("workers that die before they are ready break the pool past the intensity: three restarts, with growing pauses", () =>
  onStage({}, async ({ pool, worker, workers, settle, clock }) => {
    const task = pool.run(work, 1);
    task.onDone(() => {});
    await settle();
    const pausesMs = [50, 100, 200];
    for (const [attempt, pauseMs] of pausesMs.entries()) {
      worker(attempt).dies({ exitCode: 9 });
      assert.equal(fate(task), "waiting");
      await clock.advance(pauseMs - 1);
      assert.equal(workers.length, attempt + 1);
      await clock.advance(1);
      assert.equal(workers.length, attempt + 2);
    }
    worker(3).dies({ exitCode: 9 });
    assert.equal(fate(task), "failed PoolBrokenError");
    assert.match((errorOf(task) as Error).message, /died before it was ready \(exit code 9\)/);
  }));

test("a pool with a worker that is ready does not break because no other can be started", () =>
  onStage({ size: 2 }, async ({ pool, worker, workers, settle, clock, statistics }) => {
    const first = [pool.run(work, 1), pool.run(work, 2)];
    await settle();
    worker(0).ready().started();
    for (let start = 1; start <= 6; start++) {
      worker(start).dies({ exitCode: null, error: new RangeError("no more processes") });
      await clock.advance(50 * 2 ** (start - 1));
      assert.equal(workers.length, start + 2, `after ${start} failures another is tried`);
    }
    assert.equal(fate(first[1]), "waiting");
    worker(7).dies({ exitCode: null });
    worker(0).succeeds(1);
    await settle();
    worker(0).started().succeeds(2);
    assert.deepEqual(first.map(fate), ["succeeded 1", "succeeded 2"]);
    // Now it is alone, and dies.
    worker(0).dies();
    const last = pool.run(work, 3);
    last.onDone(() => {});
    await clock.advance(10_000);
    for (let start = 8; start < 12; start++) {
      assert.equal(fate(last), "waiting");
      worker(start).dies();
      await clock.advance(1_000);
    }
    assert.equal(fate(last), "failed PoolBrokenError");
    assert.equal(statistics().workers, 0);
  }));

test("a spare that cannot be started breaks nothing", () =>
  onStage({ size: 2 }, async ({ pool, worker, workers, settle, clock }) => {
    const tasks = [pool.run(work, 1), pool.run(work, 2)];
    await settle();
    worker(0).ready().started().succeeds(1);
    worker(1).ready().started().succeeds(2);
    for (let start = 2; start < 9; start++) {
      worker(start).dies({ exitCode: null });
      await clock.advance(20_000);
      const next = pool.run(work, start);
      await settle();
      (worker(0).calls.at(-1) === start ? worker(0) : worker(1)).started().succeeds(start);
      assert.equal(fate(next), `succeeded ${start}`);
      assert.equal(workers.length, start + 2);
    }
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 2"]);
  }));

test("a worker that becomes ready makes good for the earlier deaths", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    for (let round = 0; round < 4; round++) {
      const task = pool.run(work, round);
      await settle();
      worker(2 * round).dies();
      await clock.advance(60);
      worker(2 * round + 1)
        .ready()
        .started()
        .succeeds(round);
      assert.equal(fate(task), `succeeded ${round}`);
      worker(2 * round + 1).dies();
    }
  }));

test("a task that waits for its next attempt when the pool breaks fails too", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle, clock }) => {
    const task = pool.with({ retry: { retries: 1, backoff: { initial: 1_000 } } }).run(work, 1);
    const other = pool.run(work, 2);
    for (const each of [task, other]) each.onDone(() => {});
    await settle();
    worker(0).ready().started().dies();
    broken(worker(1));
    assert.equal(fate(other), "failed PoolBrokenError");
    await clock.advance(10_000);
    assert.equal(fate(task), "failed PoolBrokenError");
  }));

test("warm and a waiting task both get over a pause after a death", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const task = pool.run(work, 1);
    await settle();
    const warm = pool.warm(1).then(() => "warm");
    await settle();
    worker(0).dies();
    await clock.advance(50);
    worker(1).ready();
    await settle();
    assert.equal(await warm, "warm");
    assert.deepEqual(worker(1).calls, [1]);
    worker(1).started().succeeds(1);
    assert.equal(fate(task), "succeeded 1");
  }));

test("warm starts the missing workers, waits until they are ready, and rejects when the pool breaks or closes", () =>
  onStage({ size: 3 }, async ({ pool, worker, workers, settle }) => {
    let done = "";
    void pool.warm(2).then(() => {
      done = "two";
    });
    await settle();
    assert.equal(workers.length, 2);
    worker(0).ready();
    await settle();
    assert.equal(done, "");
    worker(1).ready();
    await settle();
    assert.equal(done, "two");
    const third = pool.warm(3).catch((error: Error) => error.name);
    await settle();
    broken(worker(2));
    assert.equal(await third, "PoolBrokenError");
  }));

test("warm is done when every worker has been ready, though the first is idle too long while the last one starts", () =>
  onStage({ size: 2, idleTimeout: 10 }, async ({ pool, worker, workers, settle, clock }) => {
    let done = false;
    void pool.warm().then(() => {
      done = true;
    });
    await settle();
    worker(0).ready();
    await clock.advance(10);
    worker(0).leaves();
    await settle();
    assert.deepEqual([workers.length, done], [2, false]);
    worker(1).ready();
    await settle();
    assert.deepEqual([workers.length, done], [2, true]);
  }));

test("warm replaces a worker that died after it was ready", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    let done = false;
    void pool.warm().then(() => {
      done = true;
    });
    await settle();
    worker(0).ready().dies();
    worker(1).ready();
    await settle();
    assert.equal(done, false);
    worker(2).ready();
    await settle();
    assert.equal(done, true);
  }));

test("warm in a pool that is closed meanwhile rejects", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const warm = pool.warm(1).catch((error: Error) => error.name);
    await settle();
    const closing = pool.close();
    await settle();
    worker(0).leaves();
    assert.equal(await warm, "ExecutorClosedError");
    await closing;
  }));

test("broadcast while starting pauses waits for a worker instead of reaching nobody", () =>
  onStage({}, async ({ pool, worker, settle, clock }) => {
    const task = pool.run(work, 1);
    await settle();
    worker(0).dies();
    task.cancel();
    const everywhere = pool.broadcast(work, 2);
    await settle();
    await clock.advance(60);
    worker(1).ready();
    await settle();
    assert.deepEqual(worker(1).calls, [2]);
    worker(1).started().succeeds("here");
    assert.deepEqual(await everywhere, ["here"]);
  }));

test("no spare at size 1", () =>
  onStage({ size: 1 }, async ({ pool, worker, workers, settle }) => {
    for (let round = 0; round < 3; round++) {
      void pool.run(work, round);
      await settle();
      if (round === 0) worker(0).ready();
      worker(0).started().succeeds(round);
    }
    await settle();
    assert.equal(workers.length, 1);
  }));

test("a spare only after the first use of a full pool; it takes the next empty place", () =>
  onStage({ size: 2 }, async ({ pool, worker, workers, settle }) => {
    await Promise.all([pool.warm(), settle().then(() => [worker(0).ready(), worker(1).ready()])]);
    assert.equal(workers.length, 2, "warm is no use");
    void pool.run(work, 1);
    await settle();
    const busy = worker(0).runs.length > 0 ? 0 : 1;
    worker(busy).started().succeeds(1);
    await settle();
    assert.equal(workers.length, 3);
    worker(2).ready();
    worker(busy).dies();
    const tasks = [pool.run(work, 2), pool.run(work, 3)];
    await settle();
    assert.equal(workers.length, 3, "nobody had to be started");
    worker(2).started().succeeds(1);
    worker(1 - busy)
      .started()
      .succeeds(1);
    assert.deepEqual(tasks.map(fate), ["succeeded 1", "succeeded 1"]);
  }));

test("an idle worker ends after idleTimeout, not sooner, and the last takes the spare along", () =>
  onStage({ size: 2, idleTimeout: 1_000 }, async ({ pool, worker, workers, settle, clock, statistics }) => {
    void pool.run(work, 1);
    void pool.run(work, 2);
    await settle();
    worker(0).ready().started().succeeds();
    await clock.advance(500);
    worker(1).ready().started().succeeds();
    worker(2).ready();
    await clock.advance(499);
    assert.deepEqual(
      workers.map(({ asked }) => asked),
      [false, false, false],
    );
    await clock.advance(1);
    assert.deepEqual(
      workers.map(({ asked }) => asked),
      [true, false, false],
    );
    worker(0).leaves();
    await clock.advance(500);
    assert.deepEqual(
      workers.map(({ asked }) => asked),
      [true, true, true],
    );
    worker(1).leaves();
    worker(2).leaves();
    assert.deepEqual([statistics().workers, statistics().lost], [0, 0]);
    void pool.run(work, 3);
    await settle();
    worker(3).ready().started().succeeds();
  }));

test("a task that comes in the idle time keeps the worker; one that comes while it leaves gets another", () =>
  onStage({ idleTimeout: 100 }, async ({ pool, worker, settle, clock }) => {
    void pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds();
    await clock.advance(99);
    void pool.run(work, 2);
    await settle();
    await clock.advance(1_000);
    assert.equal(worker(0).asked, false, "it is busy");
    worker(0).started().succeeds();
    await clock.advance(100);
    assert.equal(worker(0).asked, true);
    const task = pool.run(work, 3);
    await settle();
    assert.deepEqual(worker(1).calls, [3]);
    worker(0).leaves();
    worker(1).ready().started().succeeds(3);
    assert.equal(fate(task), "succeeded 3");
  }));

test("a worker that does not leave when asked is killed", () =>
  onStage({ idleTimeout: 100 }, async ({ pool, worker, settle, clock, statistics }) => {
    void pool.run(work, 1);
    await settle();
    worker(0).ready().started().succeeds();
    await clock.advance(100);
    await clock.advance(1_999);
    assert.equal(worker(0).kills, 0);
    await clock.advance(1);
    assert.equal(worker(0).kills, 1);
    worker(0).dies({ exitCode: null, signal: "SIGKILL" });
    assert.equal(statistics().lost, 1);
  }));

test("maxTasks replaces the worker after so many tasks, retries included", () =>
  onStage({ maxTasks: 2 }, async ({ pool, worker, workers, settle }) => {
    const always = { retries: 5, when: () => true };
    const tasks = [pool.run(work, 1), pool.with({ retry: always }).run(work, 2), pool.run(work, 3)];
    await settle();
    worker(0).ready().started().succeeds(1);
    worker(0).started().fails(new Error("once more"));
    await settle();
    assert.equal(worker(0).asked, true);
    assert.equal(worker(0).runs.length, 2);
    assert.equal(workers.length, 2);
    worker(0).leaves();
    worker(1).ready().started().succeeds(3);
    worker(1).started().succeeds(2);
    await settle();
    assert.deepEqual(
      tasks.map((task) => fate(task).slice(0, 9)),
      ["succeeded", "succeeded", "succeeded"],
    );
    assert.deepEqual([worker(1).runs.length, worker(1).asked], [2, true]);
  }));
