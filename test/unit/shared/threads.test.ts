// Shared locks among real threads: nothing lost, nobody hangs, the dead are noticed. What the model proves for a few steps, this tries
// with many, through the codec and the executor as a user would.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BrokenBarrierError, type Executor, LockPoisonedError, openThreads, type Task } from "brigade";
import { SharedBarrier, SharedCondition, SharedEvent, SharedMutex, SharedOnce, SharedRWLock, SharedSemaphore } from "brigade/shared";
import * as tasks from "./tasks.ts";

const words = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count));
let threads: Executor & AsyncDisposable;
before(() => {
  threads = openThreads({ size: 3 });
});
after(() => threads[Symbol.asyncDispose]());

describe("nothing is lost", () => {
  test("plain increments under a mutex, blocking and parked, from four threads", async () => {
    const mutex = new SharedMutex();
    const count = words(1);
    const others = [1, 2, 3].map(() => threads.run(tasks.countUnderMutex, mutex, count, 2_000));
    for (let time = 0; time < 500; time++) await mutex.with(() => count.set([(count[0] ?? 0) + 1]));
    await Promise.all(others);
    assert.equal(count[0], 3 * 2_000 + 500);
    assert.equal(mutex.locked, false);
  });

  test("tasks of one thread that hold it across an await", async () => {
    const mutex = new SharedMutex();
    const count = words(1);
    const others = [1, 2].map(() => threads.run(tasks.countConcurrently, mutex, count, 200));
    await tasks.countConcurrently(mutex, count, 200);
    await Promise.all(others);
    assert.equal(count[0], 600);
  });

  test("a semaphore never gives more than it has", async () => {
    const semaphore = new SharedSemaphore(3);
    const seen = words(2);
    await Promise.all([1, 2, 3].map((permits) => threads.run(tasks.withPermits, semaphore, permits, seen, 3, 300)));
    assert.deepEqual([...seen], [0, 0]);
    assert.equal(semaphore.available, 3);
  });

  test("a reader never sees half a write", async () => {
    const lock = new SharedRWLock();
    const pair = words(2);
    const torn = await Promise.all([1, 2, 3].map(() => threads.run(tasks.readAndWrite, lock, pair, 400)));
    assert.deepEqual(torn, [0, 0, 0]);
    assert.deepEqual([...pair], [600, 600]);
  });

  test("a condition loses no job and wakes whoever waits", async () => {
    const condition = new SharedCondition();
    const jobs = words(2);
    const consumers = [true, false, true].map((blocking) => threads.run(tasks.consume, condition, jobs, blocking));
    for (let job = 0; job < 300; job++) {
      await condition.mutex.with(() => {
        jobs[0] = (jobs[0] ?? 0) + 1;
        condition.notify();
      });
    }
    await condition.mutex.with(() => {
      jobs[1] = 1;
      condition.notifyAll();
    });
    const taken = await Promise.all(consumers);
    assert.equal(
      taken.reduce((sum, each) => sum + each, 0),
      300,
    );
  });

  test("a barrier lets all go on together, round after round, with indexes of their own", async () => {
    const barrier = new SharedBarrier(4);
    const arrived = words(50);
    const others = [true, false, true].map((blocking) => threads.run(tasks.meet, barrier, arrived, 50, blocking));
    const indexes = await Promise.all([tasks.meet(barrier, arrived, 50, false), ...others]);
    for (let round = 0; round < 50; round++) assert.deepEqual(indexes.map((each) => each[round]).sort(), [0, 1, 2, 3]);
  });

  test("an initialiser runs once", async () => {
    const once = new SharedOnce();
    const runs = words(1);
    await Promise.all([
      ...[true, false, true].map((blocking) => threads.run(tasks.initialise, once, runs, blocking)),
      tasks.initialise(once, runs, false),
    ]);
    assert.deepEqual([runs[0], once.done], [1, true]);
  });

  test("an event lets everybody go, also when it is cleared at once", async () => {
    const event = new SharedEvent();
    for (const blocking of [true, false]) {
      const started = new SharedEvent();
      const waiting = threads.run(tasks.waitForEvent, event, started, blocking);
      await started.wait();
      event.set();
      assert.equal(await waiting, true);
      event.clear();
    }
    assert.equal(event.isSet, false);
  });
});

describe("the dead", () => {
  /** Runs on a thread of its own, which is then killed. */
  async function killed(start: () => Task<unknown>, held: SharedEvent): Promise<void> {
    const task = start();
    task.catch(() => {});
    await held.wait({ timeout: 30_000 });
    task.cancel();
    await task.catch(() => {});
  }

  test("a mutex whose holder was killed is poisoned, recovered, and clean again", async () => {
    const mutex = new SharedMutex({ name: "till" });
    const held = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    const view = doomed.with({ grace: 0 });
    await killed(() => view.spawn(tasks.holdMutex, mutex, held), held);
    const poisoned = await mutex.acquire({ timeout: 30_000 }).then(
      () => assert.fail("acquired"),
      (error: unknown) => error as LockPoisonedError,
    );
    assert.ok(poisoned instanceof LockPoisonedError, String(poisoned));
    assert.match(poisoned.holder, /^thread \d+$/);
    assert.match(poisoned.message, /the shared mutex "till"/);
    assert.throws(() => mutex.acquireSync(), LockPoisonedError);
    assert.throws(() => mutex.tryAcquire(), LockPoisonedError);
    const guard = await poisoned.recover();
    assert.equal(mutex.tryAcquire(), undefined);
    guard.release();
    mutex.withSync(() => assert.equal(mutex.locked, true));
  });

  test("a thread that blocks is told of a worker that exits meanwhile", async () => {
    const mutex = new SharedMutex();
    const [held, go] = [new SharedEvent(), new SharedEvent()];
    await using doomed = openThreads({ size: 1 });
    const exiting = doomed.spawn(tasks.exitInside, mutex, held, go);
    exiting.catch(() => {});
    await held.wait({ timeout: 30_000 });
    go.set();
    // From here the event loop of this thread does not turn.
    assert.throws(() => mutex.acquireSync(30_000), LockPoisonedError);
    await assert.rejects(exiting);
  });

  test("permits of the dead are back after the repair", async () => {
    const semaphore = new SharedSemaphore(2);
    const held = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    await killed(() => doomed.with({ grace: 0 }).spawn(tasks.holdPermit, semaphore, held), held);
    assert.equal(semaphore.available, 1);
    const poisoned = await semaphore.acquire({ permits: 2, timeout: 30_000 }).then(
      () => assert.fail("acquired"),
      (error: unknown) => error as LockPoisonedError,
    );
    assert.ok(poisoned instanceof LockPoisonedError, String(poisoned));
    const guard = poisoned.recoverSync();
    guard.release();
    assert.equal(semaphore.available, 2);
  });

  test("a barrier breaks when a party dies in it", async () => {
    const barrier = new SharedBarrier(3);
    const here = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    const mine = barrier.wait();
    mine.catch(() => {});
    await killed(() => doomed.with({ grace: 0 }).spawn(tasks.waitAtBarrier, barrier, here), here);
    // A cancelled party may have left in good order; then nothing is broken.
    if (barrier.waitingCount === 1) barrier.abort();
    await assert.rejects(mine, BrokenBarrierError);
    assert.equal(barrier.broken, true);
    barrier.reset();
    assert.equal(barrier.broken, false);
  });
});
