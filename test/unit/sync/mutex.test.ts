// Mutex: what only it has, and the cases of other people's suites (own code, their ids). What every lock does is in
// test/conformance/locks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, DeadlockError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Guard } from "../../../src/contract/sync.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, forever, gate, quiet, rejection, watch } from "./support.ts";

test("locked follows what happens, at once", async () => {
  const mutex = new Mutex();
  assert.equal(mutex.locked, false);
  const guard = mutex.tryAcquire();
  assert.equal(mutex.locked, true);
  guard?.release();
  assert.equal(mutex.locked, false);
  const section = mutex.with(() => undefined);
  assert.equal(mutex.locked, false, "a section without an await is over inside the call");
  await section;
});

test("a name is shown in errors; without one there is an article", async () => {
  const named = new Mutex({ name: 'the "till"' });
  const plain = new Mutex();
  const guards = [named.tryAcquire(), plain.tryAcquire()];
  assert.match(((await rejection(named.acquire({ timeout: 0 }))) as Error).message, /Waiting for the mutex "the \\"till\\"" took/);
  assert.match(((await rejection(plain.acquire({ timeout: 0 }))) as Error).message, /Waiting for a mutex took/);
  for (const guard of guards) guard?.release();
});

test("the results of a mutex are native promises", () => {
  const mutex = new Mutex();
  const acquired = mutex.acquire();
  const waiting = mutex.acquire();
  for (const promise of [acquired, waiting, mutex.with(() => 1)]) assert.equal(Object.getPrototypeOf(promise), Promise.prototype);
  acquired.then((guard) => guard.release());
  waiting.then((guard) => guard.release());
});

// ---- CPython, Lib/test/test_asyncio/test_locks.py ----

test("cpython LockTests.test_lock, test_acquire: the waiters get it one after the other", async () => {
  const mutex = new Mutex();
  const result: number[] = [];
  const first = await mutex.acquire();
  const waiters = [1, 2, 3].map((n) =>
    begun(async () => {
      const guard = await mutex.acquire();
      result.push(n);
      return guard;
    }),
  );
  const [one, two, three] = (await Promise.all(waiters)).flat();
  assert.deepEqual(result, []);
  first.release();
  assert.deepEqual(result, [], "handed over, but nobody has run yet");
  await quiet();
  assert.deepEqual(result, [1]);
  await quiet();
  assert.deepEqual(result, [1]);
  (await one)?.release();
  await quiet();
  assert.deepEqual(result, [1, 2]);
  (await two)?.release();
  (await three)?.release();
  assert.deepEqual([result, mutex.locked], [[1, 2, 3], false]);
});

test("cpython LockTests.test_cancel_race: a cancelled waiter neither wins nor blocks", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const lockit = (name: string) => async () => {
    const guard = await mutex.acquire();
    log.push(name);
    return guard;
  };
  const guard = await mutex.acquire();
  const [a, b, c] = [...(await begun(lockit("a"))), ...(await begun(lockit("b"))), ...(await begun(lockit("c")))];
  b.cancel();
  guard.release();
  (await a).release();
  (await c).release();
  assert.deepEqual([log, (await rejection(b)) instanceof CancelledError, mutex.locked], [["a", "c"], true, false]);
});

test("cpython LockTests.test_cancel_release_race: cancel and release in one tick, both orders", async () => {
  for (const cancelFirst of [true, false]) {
    const mutex = new Mutex();
    const guard = await mutex.acquire();
    const log: string[] = [];
    const [task] = await begun(async () => {
      const own = await mutex.acquire();
      log.push("acquired");
      own.release();
    });
    const next = mutex.acquire();
    if (cancelFirst) task.cancel();
    guard.release();
    if (!cancelFirst) task.cancel();
    await rejection(task).catch(() => {});
    (await next).release();
    assert.deepEqual([log, mutex.locked], [cancelFirst ? [] : ["acquired"], false]);
  }
});

test("cpython LockTests.test_finished_waiter_cancelled: a granted waiter that is cancelled does not lose the lock for the rest", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const [a] = await begun(() => mutex.with(() => "a"));
  const [b] = await begun(() => mutex.with(() => "b"));
  guard.release();
  a.cancel();
  assert.deepEqual([await ends([a, b]), mutex.locked], [["AbortError", "b"], false]);
});

test("cpython LockTests.test_release_not_acquired, Kotlin/kotlinx.coroutines#3626: without a guard nobody can release", () => {
  assert.equal("release" in Mutex.prototype, false);
});

test("cpython LockTests.test_release_no_waiters: released without waiters it is free", async () => {
  const mutex = new Mutex();
  (await mutex.acquire()).release();
  assert.equal(mutex.locked, false);
  assert.equal(mutex.tryAcquire()?.held, true);
});

test("cpython LockTests.test_context_manager: held inside, free outside", async () => {
  const mutex = new Mutex();
  await mutex.with(async () => assert.equal(mutex.locked, true));
  assert.equal(mutex.locked, false);
});

// ---- anyio, tests/test_synchronization.py ----

test("anyio TestLock.test_acquire_nowait, test_acquire_nowait_wouldblock: trying never waits", async () => {
  const mutex = new Mutex();
  const guard = mutex.tryAcquire();
  assert.equal(guard?.held, true);
  const other = await coroutines.run(() => mutex.tryAcquire());
  assert.equal(other, undefined);
  guard?.release();
});

test("anyio TestLock.test_acquire_twice_async, test_acquire_twice_sync: a section that acquires again is told so", async () => {
  const mutex = new Mutex();
  await mutex.with(async () => {
    assert.equal((await rejection(mutex.acquire())) instanceof DeadlockError, true);
    assert.equal(mutex.tryAcquire(), undefined);
  });
});

test("anyio TestLock.test_cancel: a cancelled waiter leaves the lock to its holder", async () => {
  const mutex = new Mutex();
  const hold = gate();
  const holder = mutex.with(() => hold.promise);
  const [waiter] = await begun(() => mutex.acquire());
  waiter.cancel();
  assert.equal(((await rejection(waiter)) as Error).name, "AbortError");
  assert.equal(mutex.locked, true);
  hold.open();
  await holder;
  assert.equal(mutex.locked, false);
});

test("anyio TestLock.test_asyncio_deadlock (#398): a waiter that is cancelled right after the grant passes the lock on", async () => {
  const mutex = new Mutex();
  const worker = (turns: number) =>
    mutex.with(async () => {
      await quiet(turns);
    });
  const tasks = [...(await begun(() => worker(1))), ...(await begun(() => worker(1)))];
  await quiet(1);
  for (const task of tasks) task.cancel();
  await ends(tasks);
  assert.equal(await mutex.with(() => "free"), "free");
});

// ---- trio, src/trio/_tests/test_sync.py ----

test("trio test_lock_handover: ownership passes at the release, before the new owner runs", async () => {
  const mutex = new Mutex();
  const guard = mutex.tryAcquire();
  const [child] = await begun(() => mutex.acquire());
  guard?.release();
  assert.equal(mutex.locked, true);
  assert.equal(mutex.tryAcquire(), undefined);
  (await child).release();
  assert.equal(mutex.locked, false);
});

test("trio test_generic_lock_exclusion: two that loop never overlap", async () => {
  const mutex = new Mutex();
  let inside = false;
  const looper = async () => {
    for (let round = 0; round < 10; round++) {
      await mutex.with(async () => {
        assert.equal(inside, false);
        inside = true;
        await quiet(1);
        inside = false;
      });
    }
  };
  await Promise.all([coroutines.run(looper), coroutines.run(looper)]);
});

test("trio test_generic_lock_fifo_fairness: loopers take turns", async () => {
  const mutex = new Mutex();
  const record: number[] = [];
  const loopy = (name: number) => async () => {
    for (let round = 0; round < 10; round++) {
      const guard = await mutex.acquire();
      record.push(name);
      await undefined;
      guard.release();
    }
  };
  await Promise.all(Array.from({ length: 5 }, (_, name) => coroutines.run(loopy(name))));
  for (let round = 0; round < 9; round++) assert.deepEqual(record.slice(5 * round, 5 * round + 5), [0, 1, 2, 3, 4]);
});

test("trio test_generic_lock_acquire_nowait_blocks_acquire: what was tried for holds up those who wait", async () => {
  const mutex = new Mutex();
  const guard = mutex.tryAcquire();
  const [waiter] = await begun(() => mutex.acquire());
  assert.equal(waiter.state, "running");
  guard?.release();
  (await waiter).release();
});

// ---- Kotlin/kotlinx.coroutines, MutexTest, and its issues ----

test("kotlinx MutexTest.testSimple, tryLock, withLock", async () => {
  const mutex = new Mutex();
  const log: number[] = [];
  const guard = await mutex.acquire();
  const job = coroutines.run(async () => {
    log.push(4);
    await mutex.with(async () => log.push(7));
    log.push(9);
  });
  log.push(2);
  await quiet();
  log.push(5);
  guard.release();
  log.push(6);
  await job;
  assert.deepEqual(log, [2, 4, 5, 6, 7, 9]);
});

test("kotlinx MutexTest.testUnconfinedStackOverflow: ten thousand waiters, no recursion", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  let count = 0;
  const waiters = Array.from({ length: 10_000 }, () =>
    mutex.with(() => {
      count++;
    }),
  );
  guard.release();
  await Promise.all(waiters);
  assert.equal(count, 10_000);
});

test("Kotlin/kotlinx.coroutines#676, #965: locking again does not hang, it is refused; another branch may wait", async () => {
  const mutex = new Mutex();
  await coroutines.run(async () => {
    await mutex.with(async () => assert.equal((await rejection(mutex.with(() => 1))) instanceof DeadlockError, true));
    const both = [mutex.with(() => quiet(1)), mutex.with(() => 2)];
    assert.equal((await Promise.all(both))[1], 2);
  });
});

// ---- DirtyHairy/async-mutex, test/mutex.ts, withTimeout.ts, tryAcquire.ts, and its issues ----

test("async-mutex mutex: ownership is exclusive", async () => {
  await withVirtualClock(async () => {
    const mutex = new Mutex();
    let flag = false;
    const guard = await mutex.acquire();
    const later = (async () => {
      await sleep(50);
      flag = true;
      guard.release();
    })();
    (await mutex.acquire()).release();
    assert.equal(flag, true);
    await later;
  });
});

test("async-mutex mutex: runExclusive passes result and exception on, and releases after either", async () => {
  const mutex = new Mutex();
  assert.equal(await mutex.with(() => 10), 10);
  assert.equal(await mutex.with(() => Promise.resolve(10)), 10);
  assert.equal(await rejection(mutex.with(() => Promise.reject("foo"))), "foo");
  assert.equal(
    await rejection(
      mutex.with(() => {
        throw "bar";
      }),
    ),
    "bar",
  );
  assert.equal(mutex.locked, false);
});

test("async-mutex mutex: exclusive execution", async () => {
  const mutex = new Mutex();
  let flag = false;
  const first = mutex.with(async () => {
    await quiet();
    flag = true;
  });
  const second = mutex.with(() => assert.equal(flag, true));
  await Promise.all([first, second]);
});

test("async-mutex#54: locked is right in the instant after a release", async () => {
  const mutex = new Mutex();
  const first = await mutex.acquire();
  const second = mutex.acquire();
  const third = mutex.acquire();
  first.release();
  assert.equal(mutex.locked, true);
  (await second).release();
  assert.equal(mutex.locked, true);
  (await third).release();
  assert.equal(mutex.locked, false);
});

test("async-mutex#9: a wait with a timeout is given up, and the lock is not lost", async () => {
  await withVirtualClock(async () => {
    const mutex = new Mutex();
    const guard = await mutex.acquire();
    assert.equal((await rejection(mutex.acquire({ timeout: 25 }))) instanceof TimeoutError, true);
    assert.equal((await rejection(mutex.with(() => 1, { timeout: 25 }))) instanceof TimeoutError, true);
    guard.release();
    assert.equal(await mutex.with(() => "free"), "free");
  });
});

test("async-mutex#84: the timeout is for the wait, a section that takes longer is not cut off", async () => {
  await withVirtualClock(async (clock) => {
    const mutex = new Mutex();
    const slow = mutex.with(
      async () => {
        await sleep(500);
        return "slow";
      },
      { timeout: 10 },
    );
    const waiting = mutex.acquire();
    const seen = watch(waiting);
    await clock.advance(499);
    assert.equal(seen.state, "pending");
    assert.equal(await slow, "slow");
    (await waiting).release();
  });
});

test("async-mutex#28: all that wait can be cancelled, the holder goes on", async () => {
  const mutex = new Mutex();
  const stop = new AbortController();
  const guard = await mutex.acquire();
  const waiting = Array.from({ length: 5 }, () => mutex.acquire({ signal: stop.signal }));
  stop.abort(new RangeError("shutting down"));
  for (const promise of waiting) {
    const error = (await rejection(promise)) as CancelledError;
    assert.deepEqual([error.name, (error.cause as Error).message], ["AbortError", "shutting down"]);
  }
  assert.equal(guard.held, true);
  guard.release();
  assert.equal(mutex.locked, false);
});

test("async-mutex#82: a limit on a whole section is a timeout around it, and the lock is held until it has ended", async () => {
  await withVirtualClock(async () => {
    const mutex = new Mutex();
    const log: string[] = [];
    const limited = timeout(10, () =>
      mutex.with(async () => {
        try {
          await forever();
        } finally {
          // Level-triggered: nothing here can wait any more, and yet it is all inside the section.
          assert.equal(mutex.locked, true);
          log.push("cleaned up");
        }
      }),
    );
    assert.equal((await rejection(limited)) instanceof TimeoutError, true);
    assert.deepEqual([log, mutex.locked], [["cleaned up"], false]);
  });
});

test("juspay/neurolink#898: a timeout around a stubborn section does not let anybody else in", async () => {
  await withVirtualClock(async (clock) => {
    const mutex = new Mutex();
    const hold = gate();
    const limited = timeout(10, () => mutex.with(() => hold.promise));
    await clock.advance(100);
    assert.equal(mutex.tryAcquire(), undefined);
    hold.open();
    await limited;
    assert.equal(mutex.locked, false);
  });
});

// ---- tokio, tokio/tests/sync_mutex.rs ----

test("tokio sync_mutex readiness: the lock is ready as soon as it is released", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const seen = watch(mutex.acquire());
  await quiet();
  assert.equal(seen.state, "pending");
  guard.release();
  await quiet();
  assert.equal(seen.state, "done");
});

test("tokio sync_mutex aborted_future_1, _2: a dropped wait takes nothing with it", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const [dropped] = await begun(() => mutex.acquire({ timeout: 60_000 }));
  dropped.cancel();
  await rejection(dropped);
  guard.release();
  (await mutex.acquire()).release();
  const [again] = await begun(async () => {
    const own = await mutex.acquire();
    try {
      await forever();
    } finally {
      own.release();
    }
  });
  again.cancel();
  await rejection(again);
  assert.equal(mutex.locked, false);
});

test("tokio sync_mutex try_lock", async () => {
  const mutex = new Mutex();
  const first = mutex.tryAcquire();
  assert.deepEqual([first?.held, mutex.tryAcquire()], [true, undefined]);
  first?.release();
  const second = mutex.tryAcquire();
  assert.equal(second?.held, true);
  second?.release();
});

// ---- Effect-TS/effect: "taking and installing the release are one step; the wait before it is not part of it" ----

test("Effect-TS/effect#8391: interrupted at every point, the lock is never lost", async () => {
  // A waiter is cancelled after 0, 1, 2, … microtasks, while the lock is handed to it.
  for (let ticks = 0; ticks < 24; ticks++) {
    const mutex = new Mutex();
    const guard = await mutex.acquire();
    const task = coroutines.run(async () => {
      const own = await mutex.acquire();
      try {
        await undefined;
      } finally {
        own.release();
      }
      await mutex.with(async () => {
        await undefined;
      });
    });
    await quiet(1);
    guard.release();
    for (let tick = 0; tick < ticks; tick++) await undefined;
    task.cancel();
    await ends([task]);
    assert.equal(mutex.locked, false, `after ${ticks} microtasks`);
  }
});

test("Effect-TS/effect#6910: a wait can be interrupted, though it stands before an uninterruptible release", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const [task] = await begun(async () => {
    let own: Guard | undefined;
    try {
      own = await mutex.acquire();
    } finally {
      own?.release();
    }
  });
  task.cancel();
  assert.equal((await rejection(task)) instanceof CancelledError, true);
  guard.release();
  assert.equal(mutex.locked, false);
});

test("Effect-TS/effect#6081: an interrupted section releases once, after its finalizers", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const [task] = await begun(() =>
    mutex.with(async () => {
      try {
        await forever();
      } finally {
        log.push(mutex.locked ? "held" : "free");
      }
    }),
  );
  const next = mutex.with(() => log.push("next"));
  task.cancel();
  await ends([task, next]);
  assert.deepEqual([log, mutex.locked], [["held", "next"], false]);
});

test("Effect-TS/effect-smol#1392: a grant to a waiter that was interrupted in the same tick reaches the next one", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const log: string[] = [];
  const tasks = [];
  for (const name of ["a", "b", "c"]) tasks.push(...(await begun(() => mutex.with(() => log.push(name)))));
  tasks[0]?.cancel();
  guard.release();
  tasks[1]?.cancel();
  await ends(tasks);
  assert.deepEqual([log, mutex.locked], [["c"], false]);
});
