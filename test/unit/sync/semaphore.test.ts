// Semaphore: weights, strict order, what it refuses; and the cases of other people's suites (own code, their ids).
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Guard, PermitOptions } from "../../../src/contract/sync.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, gate, quiet, rejection, watch } from "./support.ts";

test("available counts what nobody holds", async () => {
  const semaphore = new Semaphore(5);
  const three = await semaphore.acquire({ permits: 3 });
  assert.equal(semaphore.available, 2);
  const one = semaphore.tryAcquire();
  assert.equal(semaphore.available, 1);
  three.release();
  three.release();
  assert.equal(semaphore.available, 4);
  one?.release();
  assert.equal(semaphore.available, 5);
});

test("the number of permits is a whole number, 0 or more, or Infinity", () => {
  for (const wrong of [-1, 1.5, Number.NaN, "3", undefined, null, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => new Semaphore(wrong as never), { name: "RangeError", message: /The number of permits must be a whole number/ });
  }
  assert.equal(new Semaphore(0).available, 0);
  const endless = new Semaphore(Number.POSITIVE_INFINITY);
  const guard = endless.tryAcquire({ permits: 1_000 });
  assert.deepEqual([endless.available, guard?.held], [Number.POSITIVE_INFINITY, true]);
});

test("a request for more than there are is refused at once: by a rejection, from tryAcquire and acquiring by a throw", async () => {
  const semaphore = new Semaphore(2, { name: "two" });
  const expected = { name: "RangeError", message: /asks for 3, but the semaphore "two" has 2: it could never be granted/ };
  await assert.rejects(semaphore.acquire({ permits: 3 }), expected);
  await assert.rejects(
    semaphore.with(() => 1, { permits: 3 }),
    expected,
  );
  assert.throws(() => semaphore.tryAcquire({ permits: 3 }), expected);
  assert.throws(() => semaphore.acquiring({ permits: 3 }), expected);
  await assert.rejects(new Semaphore(0).acquire(), { name: "RangeError" });
});

test("a request is for a whole number of permits, at least 1", async () => {
  const semaphore = new Semaphore(2);
  for (const wrong of [0, -1, 0.5, Number.NaN, "1", Number.POSITIVE_INFINITY]) {
    await assert.rejects(semaphore.acquire({ permits: wrong as never }), { name: "RangeError", message: /option permits/ });
    assert.throws(() => semaphore.tryAcquire({ permits: wrong as never }), RangeError);
  }
  assert.equal(semaphore.available, 2);
});

test("the head of the line blocks: a small request does not overtake a large one", async () => {
  const semaphore = new Semaphore(3);
  const log: string[] = [];
  const held = await semaphore.acquire({ permits: 2 });
  const note = (name: string) => (guard: Guard) => {
    log.push(name);
    guard.release();
  };
  const large = semaphore.acquire({ permits: 3 }).then(note("large"));
  const small = semaphore.acquire({ permits: 1 }).then(note("small"));
  await quiet();
  assert.deepEqual([log, semaphore.available, semaphore.tryAcquire()], [[], 1, undefined]);
  held.release();
  await Promise.all([large, small]);
  assert.deepEqual(log, ["large", "small"]);
});

test("a cancelled head lets those behind it in at once", async () => {
  const semaphore = new Semaphore(3);
  const held = await semaphore.acquire();
  const large = await begun(() => semaphore.acquire({ permits: 3 }));
  const small = [semaphore.acquire(), semaphore.acquire(), semaphore.acquire()];
  const seen = small.map(watch);
  large[0].cancel();
  await rejection(large[0]);
  await quiet();
  assert.deepEqual(
    seen.map(({ state }) => state),
    ["done", "done", "pending"],
  );
  held.release();
  for (const guard of await Promise.all(small)) guard.release();
  assert.equal(semaphore.available, 3);
});

test("one release may serve many, and many releases one", async () => {
  const semaphore = new Semaphore(4);
  const all = await semaphore.acquire({ permits: 4 });
  const small = Array.from({ length: 4 }, () => semaphore.acquire());
  const large = semaphore.acquire({ permits: 4 });
  const seen = watch(large);
  all.release();
  const guards = await Promise.all(small);
  for (const guard of guards.slice(1)) guard.release();
  await quiet();
  assert.equal(seen.state, "pending");
  guards[0]?.release();
  (await large).release();
  assert.equal(semaphore.available, 4);
});

// ---- CPython, Lib/test/test_asyncio/test_locks.py ----

test("cpython SemaphoreTests.test_semaphore, test_acquire: four waiters, two permits", async () => {
  const semaphore = new Semaphore(3);
  const result: number[] = [];
  const guards = [await semaphore.acquire(), await semaphore.acquire()];
  const waiter = (n: number) => async () => {
    const guard = await semaphore.acquire();
    result.push(n);
    return guard;
  };
  const tasks = [...(await begun(waiter(1))), ...(await begun(waiter(2))), ...(await begun(waiter(3))), ...(await begun(waiter(4)))];
  assert.deepEqual([result, semaphore.available], [[1], 0]);
  for (const guard of guards) guard.release();
  await quiet();
  assert.deepEqual(result, [1, 2, 3]);
  (await tasks[0])?.release();
  (await tasks[3])?.release();
  assert.deepEqual(result, [1, 2, 3, 4]);
  for (const task of tasks) (await task).release();
  assert.equal(semaphore.available, 3);
});

test("cpython SemaphoreTests.test_initial_value_zero: nothing to be had", () => {
  const semaphore = new Semaphore(0);
  assert.equal(semaphore.available, 0);
  assert.throws(() => semaphore.tryAcquire(), RangeError);
});

test("cpython SemaphoreTests.test_acquire_cancel, test_acquire_cancel_before_awoken (#90155): the permit reaches the others", async () => {
  const semaphore = new Semaphore(1);
  const guard = await semaphore.acquire();
  const tasks = [];
  for (let n = 0; n < 4; n++) tasks.push(...(await begun(async () => (await semaphore.acquire()).release())));
  guard.release();
  tasks[0]?.cancel();
  tasks[1]?.cancel();
  assert.deepEqual(await ends(tasks), [undefined, "AbortError", undefined, undefined]);
  assert.equal(semaphore.available, 1);
});

test("python/cpython#90155: cancelled before it was woken, a waiter does not leave the semaphore locked", async () => {
  const semaphore = new Semaphore(1);
  const tasks = [];
  const guard = await semaphore.acquire();
  for (let n = 0; n < 2; n++) tasks.push(...(await begun(() => semaphore.acquire())));
  tasks[0]?.cancel();
  tasks[1]?.cancel();
  guard.release();
  await ends(tasks);
  assert.equal(semaphore.tryAcquire()?.held, true);
});

test("cpython SemaphoreTests.test_acquire_hang (#93222): the wake-up is not lost when the woken waiter is cancelled", async () => {
  const semaphore = new Semaphore(1);
  const guard = await semaphore.acquire();
  const [first] = await begun(() => semaphore.acquire());
  const [second] = await begun(() => semaphore.acquire());
  first.cancel();
  guard.release();
  (await second).release();
  await rejection(first);
  assert.equal(semaphore.available, 1);
});

test("cpython SemaphoreTests.test_acquire_no_hang (#93222)", async () => {
  const semaphore = new Semaphore(1);
  const guard = await semaphore.acquire();
  const [cancelled] = await begun(() => semaphore.acquire());
  const [served] = await begun(() => semaphore.with(() => "served"));
  cancelled.cancel();
  await quiet();
  guard.release();
  assert.deepEqual(await ends([cancelled, served]), ["AbortError", "served"]);
  assert.equal(semaphore.available, 1);
});

test("cpython BoundedSemaphore test_release_not_acquired: a guard releases what it has, once", async () => {
  const semaphore = new Semaphore(1);
  const guard = await semaphore.acquire();
  guard.release();
  guard.release();
  guard[Symbol.dispose]();
  assert.equal(semaphore.available, 1);
});

test("cpython SemaphoreTests.test_acquire_fifo_order: permits go round in order of arrival", async () => {
  await withVirtualClock(async () => {
    const semaphore = new Semaphore(1);
    const result: string[] = [];
    const worker = (tag: string) => async () => {
      await semaphore.with(async () => {
        result.push(`${tag}_1`);
        await sleep(10);
      });
      await semaphore.with(async () => {
        result.push(`${tag}_2`);
        await sleep(10);
      });
    };
    await Promise.all(["c1", "c2", "c3"].map((tag) => coroutines.run(worker(tag))));
    assert.deepEqual(result, ["c1_1", "c2_1", "c3_1", "c1_2", "c2_2", "c3_2"]);
  });
});

test("cpython SemaphoreTests.test_acquire_fifo_order_2: a newcomer in the tick of the release stands behind", async () => {
  const semaphore = new Semaphore(1);
  const result: number[] = [];
  const guard = await semaphore.acquire();
  const take = (n: number) => async () => {
    const own = await semaphore.acquire();
    result.push(n);
    return own;
  };
  const [first] = await begun(take(2));
  guard.release();
  const [third] = await begun(take(3));
  (await first).release();
  (await third).release();
  assert.deepEqual(result, [2, 3]);
});

test("cpython SemaphoreTests.test_acquire_fifo_order_3: three that begin in one tick are served in order", async () => {
  const semaphore = new Semaphore(1);
  const result: number[] = [];
  const guard = await semaphore.acquire();
  const tasks = [1, 2, 3].map((n) =>
    coroutines.run(async () => {
      const own = await semaphore.acquire();
      result.push(n);
      own.release();
    }),
  );
  await quiet();
  guard.release();
  await Promise.all(tasks);
  assert.deepEqual(result, [1, 2, 3]);
});

test("python/cpython PR #31910, PR #1031: release with several cancelled waiters in front", async () => {
  const semaphore = new Semaphore(2);
  const guards = [await semaphore.acquire(), await semaphore.acquire()];
  const tasks = [];
  for (let n = 0; n < 6; n++) tasks.push(...(await begun(() => semaphore.acquire())));
  for (const n of [0, 1, 3]) tasks[n]?.cancel();
  for (const guard of guards) guard.release();
  const outcomes = await Promise.allSettled(tasks.slice(0, 5));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "rejected", "fulfilled", "rejected", "fulfilled"],
  );
  (await tasks[2])?.release();
  (await tasks[5])?.release();
  (await tasks[4])?.release();
  assert.equal(semaphore.available, 2);
});

// ---- anyio, trio, tokio ----

test("agronholm/anyio#1145: a permit handed to a waiter that is being cancelled is not lost", async () => {
  for (let ticks = 0; ticks < 16; ticks++) {
    const semaphore = new Semaphore(1);
    const guard = await semaphore.acquire();
    const [task] = await begun(() => semaphore.with(async () => quiet(1)));
    guard.release();
    for (let tick = 0; tick < ticks; tick++) await undefined;
    task.cancel();
    await ends([task]);
    assert.equal(semaphore.available, 1, `after ${ticks} microtasks`);
  }
});

test("anyio TestSemaphore.test_acquire_race: as many as there are permits run at once", async () => {
  const semaphore = new Semaphore(2);
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 9 }, () =>
      coroutines.run(() =>
        semaphore.with(async () => {
          most = Math.max(most, ++inside);
          await quiet(1);
          inside--;
        }),
      ),
    ),
  );
  assert.equal(most, 2);
});

test("trio test_Semaphore: waiters get permits one by one", async () => {
  const semaphore = new Semaphore(1);
  const first = semaphore.tryAcquire();
  assert.equal(semaphore.tryAcquire(), undefined);
  const record: string[] = [];
  const [child] = await begun(async () => {
    record.push("started");
    const guard = await semaphore.acquire();
    record.push("finished");
    return guard;
  });
  assert.deepEqual(record, ["started"]);
  first?.release();
  assert.equal(semaphore.available, 0, "handed over, never free in between");
  (await child).release();
  assert.deepEqual([record, semaphore.available], [["started", "finished"], 1]);
});

test("tokio sync_semaphore acquire_many, acquire_many_unavailable", async () => {
  const semaphore = new Semaphore(100);
  const first = await semaphore.acquire({ permits: 60 });
  const waiting = semaphore.acquire({ permits: 60 });
  const seen = watch(waiting);
  await quiet();
  assert.equal(seen.state, "pending");
  first.release();
  const second = await waiting;
  assert.equal(semaphore.available, 40);
  second.release();
});

test("tokio batch_semaphore cancel_acquire_releases_permits: a head that was short of some leaves all to the next", async () => {
  const semaphore = new Semaphore(10);
  const four = semaphore.tryAcquire({ permits: 4 });
  const [task] = await begun(() => semaphore.acquire({ permits: 8 }));
  assert.equal(semaphore.available, 6);
  task.cancel();
  await rejection(task);
  const six = semaphore.tryAcquire({ permits: 6 });
  assert.equal(six?.held, true);
  four?.release();
  six?.release();
});

test("tokio sync_semaphore stress_test: many tasks, the permits come out even", async () => {
  const semaphore = new Semaphore(5);
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      coroutines.run(async () => {
        const guard = await semaphore.acquire({ permits: 1 + (index % 5) });
        await undefined;
        guard.release();
      }),
    ),
  );
  assert.equal(semaphore.available, 5);
});

test("kotlinx SemaphoreTest.testCancellationReleasesSemaphore, testAcquireReleaseOnCancelled", async () => {
  const semaphore = new Semaphore(1);
  const guard = await semaphore.acquire();
  const [job] = await begun(async () => {
    const own = await semaphore.acquire();
    own.release();
  });
  job.cancel();
  guard.release();
  await rejection(job);
  assert.equal(semaphore.available, 1);
});

// ---- DirtyHairy/async-mutex, test/semaphoreSuite.ts ----

test("async-mutex semaphoreSuite: acquire does not block while the semaphore has not reached zero", async () => {
  const semaphore = new Semaphore(2);
  const guards = [await semaphore.acquire(), await semaphore.acquire()];
  const seen = watch(semaphore.acquire().then((guard) => guard.release()));
  await quiet();
  assert.equal(seen.state, "pending");
  for (const guard of guards) guard.release();
  await quiet();
  assert.equal(seen.state, "done");
});

test("async-mutex semaphoreSuite: acquire with a weight, and a weight that is no number", async () => {
  const semaphore = new Semaphore(2);
  const log: string[] = [];
  const both = await semaphore.acquire({ permits: 2 });
  const one = semaphore.with(() => log.push("one"));
  const two = semaphore.with(() => log.push("two"), { permits: 2 });
  const three = semaphore.with(() => log.push("three"));
  both.release();
  await Promise.all([one, two, three]);
  assert.deepEqual(log, ["one", "two", "three"]);
  await assert.rejects(semaphore.acquire({ permits: -1 }), RangeError);
});

test("async-mutex semaphoreSuite: runExclusive unblocks after an exception, by a throw and by a rejection", async () => {
  const semaphore = new Semaphore(2);
  const boom = new Error("boom");
  const failing = [
    semaphore.with(() => Promise.reject(boom)),
    semaphore.with(() => {
      throw boom;
    }),
  ];
  assert.deepEqual(
    (await Promise.allSettled(failing)).map((outcome) => outcome.status === "rejected" && outcome.reason),
    [boom, boom],
  );
  assert.equal(semaphore.available, 2);
});

test("async-mutex semaphoreSuite: cancelling the waiters leaves those who hold permits alone", async () => {
  const semaphore = new Semaphore(2);
  const stop = new AbortController();
  const guards = [await semaphore.acquire(), await semaphore.acquire()];
  const waiting = [semaphore.acquire({ signal: stop.signal }), semaphore.acquire({ signal: stop.signal, permits: 2 })];
  stop.abort();
  for (const promise of waiting) assert.equal((await rejection(promise)) instanceof CancelledError, true);
  assert.deepEqual(
    guards.map(({ held }) => held),
    [true, true],
  );
  for (const guard of guards) guard.release();
  assert.equal(semaphore.available, 2);
});

test("async-mutex semaphoreSuite: the semaphore is not lost after waiters were cancelled", async () => {
  const semaphore = new Semaphore(1);
  const stop = new AbortController();
  const guard = await semaphore.acquire();
  const cancelled = rejection(semaphore.acquire({ signal: stop.signal }));
  stop.abort();
  const kept = semaphore.acquire();
  guard.release();
  (await kept).release();
  assert.equal((await cancelled) instanceof CancelledError, true);
  assert.equal(semaphore.available, 1);
});

test("async-mutex withTimeout: late waiters time out, the one that was served keeps what it has", async () => {
  await withVirtualClock(async (clock) => {
    const semaphore = new Semaphore(1);
    const served = await semaphore.acquire({ timeout: 20 });
    const late = semaphore.acquire({ timeout: 20 });
    const seen = watch(late);
    await clock.advance(20);
    assert.deepEqual([seen.state, served.held], ["TimeoutError", true]);
    served.release();
    assert.equal(semaphore.available, 1);
    assert.equal((await rejection(late)) instanceof TimeoutError, true);
  });
});

// ---- Effect ----

test("Effect-TS/effect#6638: a weighted take that is interrupted gives back nothing that it never had", async () => {
  const semaphore = new Semaphore(3);
  const held = await semaphore.acquire({ permits: 2 });
  const [task] = await begun(() => semaphore.with(() => 1, { permits: 3 }));
  task.cancel();
  await rejection(task);
  assert.equal(semaphore.available, 1);
  held.release();
  assert.equal(semaphore.available, 3);
});

test("Effect-TS/effect#7580: interrupting many at once while permits come free leaks none", async () => {
  const semaphore = new Semaphore(4);
  const hold = gate();
  const holders = Array.from({ length: 4 }, () => semaphore.with(() => hold.promise));
  const tasks = Array.from({ length: 50 }, (_, index) =>
    coroutines.run(() => semaphore.with(() => quiet(1), { permits: 1 + (index % 4) })),
  );
  await quiet();
  hold.open();
  for (const [index, task] of tasks.entries()) if (index % 2 === 0) task.cancel();
  await quiet(1);
  for (const [index, task] of tasks.entries()) if (index % 3 === 0) task.cancel();
  await ends([...holders, ...tasks]);
  assert.equal(semaphore.available, 4);
});

// ---- against a model ----

type Command =
  | { readonly kind: "acquire"; readonly permits: number }
  | { readonly kind: "try"; readonly permits: number }
  | { readonly kind: "release"; readonly which: number }
  | { readonly kind: "cancel"; readonly which: number };

/** The specification in arrays: a line of requests, a count, and nothing else. */
class Model {
  available: number;
  line: { id: number; permits: number }[] = [];
  held: { id: number; permits: number }[] = [];

  constructor(permits: number) {
    this.available = permits;
  }

  acquire(id: number, permits: number): void {
    this.line.push({ id, permits });
    this.serve();
  }
  release(id: number): void {
    const [gone] = this.held.splice(
      this.held.findIndex((each) => each.id === id),
      1,
    );
    this.available += gone?.permits ?? 0;
    this.serve();
  }
  cancel(id: number): void {
    this.line = this.line.filter((each) => each.id !== id);
    this.serve();
  }
  serve(): void {
    for (let head = this.line[0]; head !== undefined && head.permits <= this.available; head = this.line[0]) {
      this.line.shift();
      this.available -= head.permits;
      this.held.push(head);
    }
  }
}

test("a semaphore does what the model does, step by step", { timeout: 60_000 }, async () => {
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ kind: fc.constant("acquire" as const), permits: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant("try" as const), permits: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant("release" as const), which: fc.nat() }),
    fc.record({ kind: fc.constant("cancel" as const), which: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const semaphore = new Semaphore(5);
      const model = new Model(5);
      const guards = new Map<number, Guard>();
      const stops = new Map<number, AbortController>();
      let next = 0;
      for (const each of commands) {
        const id = next++;
        if (each.kind === "acquire") {
          const stop = new AbortController();
          stops.set(id, stop);
          const options: PermitOptions = { permits: each.permits, signal: stop.signal };
          semaphore.acquire(options).then(
            (guard) => guards.set(id, guard),
            () => {},
          );
          model.acquire(id, each.permits);
        } else if (each.kind === "try") {
          const guard = semaphore.tryAcquire({ permits: each.permits });
          const can = model.line.length === 0 && model.available >= each.permits;
          assert.equal(guard !== undefined, can);
          if (guard !== undefined) {
            guards.set(id, guard);
            model.acquire(id, each.permits);
          }
        } else if (each.kind === "release") {
          const held = model.held[each.which % Math.max(1, model.held.length)];
          if (held === undefined) continue;
          model.release(held.id);
          guards.get(held.id)?.release();
        } else {
          // Cancels one that waits, or one that has been served, which changes nothing.
          const ids = [...stops.keys()];
          const chosen = ids[each.which % Math.max(1, ids.length)];
          if (chosen === undefined) continue;
          stops.get(chosen)?.abort();
          model.cancel(chosen);
        }
        assert.equal(semaphore.available, model.available);
        // A turn, and not a few microtasks: an operation that happened may wait for one when the time slice is spent.
        await quiet(1);
        for (const { id: holder } of model.held) assert.equal(guards.get(holder)?.held, true);
        assert.equal([...guards.values()].filter(({ held }) => held).length, model.held.length);
      }
      for (const stop of stops.values()) stop.abort();
      for (const guard of guards.values()) guard.release();
      await quiet(1);
      for (const guard of guards.values()) guard.release();
      assert.equal(semaphore.available, 5);
    }),
    { numRuns: 150 },
  );
});
