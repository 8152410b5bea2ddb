// The forms of the shared locks, on one thread: order, limits, cancels, misuse, guards, clauses.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrokenBarrierError, CancelledError, DeadlockError, NotOwnerError, select, TimeoutError, withTaskGroup } from "brigade";
import { SharedBarrier, SharedCondition, SharedEvent, SharedMutex, SharedOnce, SharedRWLock, SharedSemaphore } from "brigade/shared";
import { LockPoisonedError, UnsupportedError } from "../../../src/contract/errors.ts";
import { allocateWords } from "../../../src/memory/atomics.ts";
import { obituary } from "../../../src/memory/this-thread.ts";
import { SharedMutex as BuiltMutex } from "../../../src/sync/shared/mutex.ts";
import { atPlace } from "../../../src/sync/shared/place.ts";

describe("SharedMutex", () => {
  test("tasks of a thread get it first in, first out; a cancelled one leaves", async () => {
    const mutex = new SharedMutex();
    const first = await mutex.acquire();
    const order: number[] = [];
    const abort = new AbortController();
    const waiting = [1, 2, 3].map((each) => mutex.with(() => void order.push(each), each === 2 ? { signal: abort.signal } : undefined));
    const cancelled = assert.rejects(waiting[1] as Promise<void>, CancelledError);
    abort.abort();
    await cancelled;
    assert.equal(mutex.tryAcquire(), undefined);
    first.release();
    await Promise.all([waiting[0], waiting[2]]);
    assert.deepEqual(order, [1, 3]);
    assert.equal(mutex.locked, false);
  });

  test("a wait has a limit, and the lock is whole after it", async () => {
    const mutex = new SharedMutex({ name: "till" });
    const guard = mutex.acquireSync();
    await assert.rejects(
      mutex.acquire({ timeout: 5 }),
      (error: Error) => error instanceof TimeoutError && /shared mutex "till"/.test(error.message),
    );
    assert.throws(() => mutex.acquireSync(5), TimeoutError);
    await assert.rejects(mutex.acquire({ timeout: -1 }), RangeError);
    assert.throws(() => mutex.acquireSync(Number.NaN), RangeError);
    guard.release();
    guard.release();
    assert.equal(guard.held, false);
    mutex.tryAcquire()?.release();
    assert.equal(mutex.locked, false);
  });

  test("waiting for itself throws at once", async () => {
    const mutex = new SharedMutex();
    await assert.rejects(
      mutex.with(() => mutex.acquire()),
      DeadlockError,
    );
    assert.throws(() => mutex.withSync(() => void mutex.acquireSync()), DeadlockError);
    assert.throws(() => mutex.withSync(() => Promise.resolve() as never), TypeError);
    assert.equal(mutex.locked, false);
  });

  test("what `with` throws passes through, and the lock is released", async () => {
    const mutex = new SharedMutex();
    const thrown = new Error("inside");
    await assert.rejects(
      mutex.with(() => Promise.reject(thrown)),
      thrown,
    );
    assert.throws(() => mutex.withSync(() => { throw thrown; }), thrown); // biome-ignore format: one line
    assert.equal(mutex.locked, false);
  });

  test("a clause of select takes it once", async () => {
    const mutex = new SharedMutex();
    const guard = mutex.acquireSync();
    const chosen = select({ lock: mutex.acquiring(), other: new SharedEvent().waiting() });
    await null;
    guard.release();
    const got = await chosen;
    assert.equal(got.key, "lock");
    assert.equal(mutex.locked, true);
    if (got.key === "lock") got.value.release();
    assert.equal(mutex.locked, false);
  });

  test("a death in a thread that this one has never heard of", async () => {
    const place = { words: allocateWords(1), base: 0, name: "db" };
    const stranger = 1_000_000;
    place.words[0] = stranger;
    const mutex = new BuiltMutex(atPlace(place));
    const waiting = mutex.acquire();
    obituary().record(stranger);
    await assert.rejects(waiting, (error: unknown) => {
      assert.ok(error instanceof LockPoisonedError);
      assert.equal(error.holder, "thread 999999");
      const travelled = Object.create(LockPoisonedError.prototype) as LockPoisonedError;
      assert.throws(() => travelled.recoverSync(), UnsupportedError);
      error.recoverSync().release();
      return true;
    });
    mutex.withSync(() => {});
  });
});

describe("SharedSemaphore and SharedRWLock", () => {
  test("a large request is not overtaken by this thread's small ones", async () => {
    const semaphore = new SharedSemaphore(2);
    const guard = await semaphore.acquire();
    const order: string[] = [];
    const large = semaphore.with(() => void order.push("large"), { permits: 2 });
    const small = semaphore.with(() => void order.push("small"));
    assert.equal(semaphore.tryAcquire(), undefined);
    guard.release();
    await Promise.all([large, small]);
    assert.deepEqual(order, ["large", "small"]);
    assert.equal(semaphore.available, 2);
  });

  test("bad numbers are refused; limits hold", async () => {
    assert.throws(() => new SharedSemaphore(-1), RangeError);
    const semaphore = new SharedSemaphore(1);
    await assert.rejects(semaphore.acquire({ permits: 2 }), RangeError);
    const guard = semaphore.acquireSync();
    assert.throws(() => semaphore.acquireSync(5), TimeoutError);
    await assert.rejects(semaphore.acquire({ timeout: 5 }), TimeoutError);
    guard.release();
    assert.equal(semaphore.available, 1);
  });

  test("readers share, a writer is alone, new readers wait behind a writer", async () => {
    const lock = new SharedRWLock();
    const readers = [lock.acquireReadSync(), await lock.acquireRead()];
    assert.equal(lock.tryAcquireWrite(), undefined);
    const writing = lock.acquireWrite();
    assert.equal(lock.tryAcquireRead(), undefined);
    for (const reader of readers) reader.release();
    const writer = await writing;
    assert.equal(lock.tryAcquireRead(), undefined);
    const reader = writer.downgrade();
    assert.equal(writer.held, false);
    assert.throws(() => writer.downgrade(), NotOwnerError);
    lock.withReadSync(() => {});
    assert.equal(lock.tryAcquireWrite(), undefined);
    reader.release();
    lock.tryAcquireWrite()?.release();
    await assert.rejects(
      lock.withRead(() => lock.withWrite(() => {})),
      DeadlockError,
    );
  });
});

describe("SharedCondition, SharedEvent, SharedBarrier, SharedOnce", () => {
  test("a condition is used under its mutex, and takes it back whatever happens", async () => {
    const condition = new SharedCondition();
    assert.throws(() => condition.notify(), NotOwnerError);
    await assert.rejects(condition.wait(), NotOwnerError);
    await condition.mutex.with(async () => {
      await assert.rejects(condition.wait({ timeout: 5 }), TimeoutError);
      assert.equal(condition.mutex.locked, true);
    });
    condition.mutex.withSync(() => {
      assert.throws(() => condition.waitSync(5), TimeoutError);
      assert.equal(condition.mutex.locked, true);
    });
    assert.equal(condition.mutex.locked, false);
  });

  test("a notify that a cancelled waiter got is passed on", async () => {
    const condition = new SharedCondition();
    const abort = new AbortController();
    let woken = 0;
    const wait = (options?: { signal: AbortSignal }) => condition.mutex.with(async () => { await condition.wait(options); woken++; }); // biome-ignore format: one line
    const first = assert.rejects(wait({ signal: abort.signal }), CancelledError);
    const second = wait();
    await condition.mutex.with(() => {
      condition.notify();
      abort.abort();
    });
    await Promise.all([first, second]);
    assert.equal(woken, 1);
  });

  test("an event: a clause, a limit, set and cleared at once", async () => {
    const event = new SharedEvent();
    assert.throws(() => event.waitSync(5), TimeoutError);
    await assert.rejects(event.wait({ timeout: 5 }), TimeoutError);
    const waiting = [event.wait(), select({ event: event.waiting() })];
    event.set();
    event.clear();
    await Promise.all(waiting);
    assert.equal(event.isSet, false);
  });

  test("a barrier: a cancelled party leaves, abort and reset break the round", async () => {
    const barrier = new SharedBarrier(2);
    await assert.rejects(barrier.wait({ timeout: 5 }), TimeoutError);
    assert.throws(() => barrier.waitSync(5), TimeoutError);
    assert.equal(barrier.waitingCount, 0);
    const broken = assert.rejects(barrier.wait(), BrokenBarrierError);
    barrier.reset();
    await broken;
    assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1]);
    barrier.abort();
    await assert.rejects(barrier.wait(), BrokenBarrierError);
    assert.throws(() => barrier.waitSync(), BrokenBarrierError);
  });

  test("a failed initialiser is run again by the next", async () => {
    const once = new SharedOnce();
    await assert.rejects(
      once.run(() => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.throws(() => once.runSync(() => { throw new Error("no"); }), /no/); // biome-ignore format: one line
    const ready = select({ done: once.waiting() });
    let runs = 0;
    await Promise.all([once.run(() => void runs++), once.run(() => void runs++)]);
    await ready;
    once.runSync(() => void runs++);
    assert.deepEqual([runs, once.done], [1, true]);
  });

  test("a group that fails takes its waiting tasks out of every line", async () => {
    const mutex = new SharedMutex();
    const semaphore = new SharedSemaphore(1);
    const barrier = new SharedBarrier(3);
    const guards = [mutex.acquireSync(), semaphore.acquireSync()];
    const failing = withTaskGroup(async (group) => {
      void group.run(() => mutex.acquire());
      void group.run(() => semaphore.acquire());
      void group.run(() => barrier.wait());
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("enough");
    });
    await assert.rejects(failing);
    for (const guard of guards) guard.release();
    mutex.tryAcquire()?.release();
    assert.deepEqual([mutex.locked, semaphore.available, barrier.waitingCount], [false, 1, 0]);
  });
});
