// The recorder: what locks tell of, in which order, with what; and that nothing is told or kept without one.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { after } from "../../../src/channels/clauses/after.ts";
import { select } from "../../../src/channels/select.ts";
import type { Guard } from "../../../src/contract/sync.ts";
import type { LazyClause } from "../../../src/core/clause.ts";
import { framesAround } from "../../../src/core/context.ts";
import { enclosingTask } from "../../../src/core/current-task.ts";
import { exchangeLockRecorder, type LockHold, type LockRecorder, type LockUse, type LockWait } from "../../../src/core/lock-recorder.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { CapacityLimiter } from "../../../src/sync/capacity-limiter.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { KeyedLimiter } from "../../../src/sync/keyed-limiter.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { TestCase } from "./driver.ts";
import { begun, ends, gate, quiet, rejection } from "./support.ts";

/** Keeps what it is told, and checks the order that a recorder may rely on. */
class Notes implements LockRecorder {
  readonly log: string[] = [];
  readonly waits: LockWait[] = [];
  readonly holds: LockHold[] = [];
  readonly open = new Set<LockUse>();

  waiting(wait: LockWait): void {
    this.waits.push(wait);
    this.open.add(wait);
    this.#note("waits for", wait);
  }
  granted(hold: LockHold, wait: LockWait | undefined): void {
    if (wait !== undefined) assert.equal(this.open.delete(wait), true, "granted after its wait");
    this.holds.push(hold);
    this.open.add(hold);
    this.#note(wait === undefined ? "takes" : "gets", hold);
  }
  withdrawn(wait: LockWait): void {
    assert.equal(this.open.delete(wait), true, "withdrawn after its wait");
    this.#note("leaves", wait);
  }
  released(hold: LockHold): void {
    assert.equal(this.open.delete(hold), true, "released after its grant, once");
    this.#note("releases", hold);
  }
  #note(what: string, use: LockUse): void {
    const { lock, permits } = use;
    this.log.push(
      `${enclosingTask(use.scope)?.name ?? "main"} ${what} ${permits === lock.capacity && permits > 1 ? "all" : permits} of ${lock.name}`,
    );
  }
}

afterEach(() => exchangeLockRecorder(undefined));

function record(): Notes {
  const notes = new Notes();
  exchangeLockRecorder(notes);
  return notes;
}

test("taking, waiting, getting, releasing: who and what, each once", async () => {
  const notes = record();
  const mutex = new Mutex({ name: "m" });
  const hold = gate();
  const one = coroutines.with({ name: "one" }).run(() => mutex.with(() => hold.promise));
  const two = coroutines.with({ name: "two" }).run(() => mutex.with(() => {}));
  await quiet();
  hold.open();
  await Promise.all([one, two]);
  assert.deepEqual(notes.log, [
    "one takes 1 of m",
    "two waits for 1 of m",
    "one releases 1 of m",
    "two gets 1 of m",
    "two releases 1 of m",
  ]);
  assert.equal(notes.open.size, 0);
});

test("every way of taking and every way of leaving is told of", async () => {
  await withVirtualClock(async () => {
    const notes = record();
    const semaphore = new Semaphore(2, { name: "s" });
    semaphore.tryAcquire()?.release();
    const all = await semaphore.acquire({ permits: 2 });
    const controller = new AbortController();
    const waits = [
      semaphore.acquire({ timeout: 10 }),
      semaphore.acquire({ signal: controller.signal }),
      ...(await begun(() => semaphore.acquire())),
    ];
    controller.abort();
    (waits[2] as ReturnType<typeof coroutines.run>).cancel();
    await ends(waits);
    all.release();
    assert.deepEqual(
      notes.log.map((line) => line.replace(/^\S+ /, "")),
      [
        "takes 1 of s",
        "releases 1 of s",
        "takes all of s",
        "waits for 1 of s",
        "waits for 1 of s",
        "waits for 1 of s",
        "leaves 1 of s",
        "leaves 1 of s",
        "leaves 1 of s",
        "releases all of s",
      ],
    );
    assert.equal(notes.open.size, 0);
  });
});

test("readers take one, a writer all; a downgrade is a new hold without a gap", async () => {
  const notes = record();
  const lock = new RWLock({ name: "rw" });
  const reading = await lock.acquireRead();
  const writing = lock.acquireWrite();
  reading.release();
  const reader = (await writing).downgrade();
  reader.release();
  assert.deepEqual(notes.log, [
    "main takes 1 of rw",
    "main waits for all of rw",
    "main releases 1 of rw",
    "main gets all of rw",
    "main takes 1 of rw",
    "main releases all of rw",
    "main releases 1 of rw",
  ]);
});

test("kind, name, words and capacity of the lock", async () => {
  const notes = record();
  const guards = [
    await new Mutex({ name: "m" }).acquire(),
    await new RWLock().acquireRead(),
    await new Semaphore(3).acquire(),
    await new CapacityLimiter(Number.POSITIVE_INFINITY).acquire(),
  ];
  await new KeyedLimiter({ concurrency: 2, name: "k" }).run("key", () => 1);
  assert.deepEqual(
    notes.holds.map(({ lock: { kind, name, waitingFor, capacity } }) => [kind, name, waitingFor, kind === "rwlock" || capacity]),
    [
      ["mutex", "m", 'the mutex "m"', 1],
      ["rwlock", undefined, "an RWLock", true],
      ["semaphore", undefined, "a semaphore", 3],
      ["capacity limiter", undefined, "a capacity limiter", Number.POSITIVE_INFINITY],
      ["capacity limiter", "k key", 'the capacity limiter "k key"', 2],
    ],
  );
  for (const guard of guards) guard.release();
});

test("since when, where, and with what bound", async () => {
  await withVirtualClock(async (clock) => {
    const notes = record();
    const mutex = new Mutex();
    const guard = await mutex.acquire();
    await clock.advance(5);
    const free = mutex.acquire();
    const bounded = [mutex.acquire({ timeout: 1_000 }), coroutines.with({ deadline: 1_000 }).run(() => mutex.acquire())];
    await clock.advance(5);
    guard.release();
    (await free).release();
    for (const each of bounded) (await each).release();
    assert.deepEqual(
      notes.waits.map(({ sinceMs, bounded: isBounded }) => [sinceMs, isBounded]),
      [
        [5, false],
        [5, true],
        [5, true],
      ],
    );
    assert.deepEqual(notes.holds.map(({ sinceMs }) => sinceMs).slice(0, 2), [0, 10]);
    for (const { stack } of [...notes.waits, ...notes.holds]) assert.match(stack, /^\s+at .*lock-recorder\.test\.[jt]s/);
  });
});

test("a hold of a section names it, and waits inside it are found by it; a bare guard has none", async () => {
  const notes = record();
  const [outer, inner] = [new Mutex({ name: "outer" }), new Mutex({ name: "inner" })];
  const blocking = await inner.acquire();
  const section = outer.with(() => inner.with(() => {}));
  await quiet();
  const [bare, held] = notes.holds;
  assert.deepEqual([bare?.section, held?.section !== undefined], [undefined, true]);
  const [wait] = notes.waits;
  assert.equal([...framesAround(wait?.context)].includes(held?.section as never), true);
  blocking.release();
  await section;
  assert.equal(notes.holds[2]?.section !== undefined, true, "one that had to wait has its section, too");
});

test("a guard by way of a select is told of in the name of who selects", async () => {
  const notes = record();
  const mutex = new Mutex({ name: "m" });
  const first = await coroutines.with({ name: "holder" }).run(() => mutex.acquire());
  const task = coroutines.with({ name: "selector" }).run(async () => {
    const node = new TestCase(mutex.acquiring() as LazyClause<Guard>);
    (await node.promise).release();
  });
  await quiet();
  first.release();
  await task;
  assert.deepEqual(notes.log, [
    "holder takes 1 of m",
    "selector waits for 1 of m",
    "holder releases 1 of m",
    "selector gets 1 of m",
    "selector releases 1 of m",
  ]);
  assert.equal(notes.waits[0]?.bounded, true, "it waits for other things too");
});

test("a case of a select that is left is told of as withdrawn", async () => {
  const notes = record();
  const mutex = new Mutex({ name: "m" });
  const guard = await mutex.acquire();
  assert.equal((await select({ lock: mutex.acquiring(), late: after(1) })).key, "late");
  await quiet();
  guard.release();
  assert.deepEqual(notes.log, ["main takes 1 of m", "main waits for 1 of m", "main leaves 1 of m", "main releases 1 of m"]);
});

test("a wait for a condition gives the hold back and gets a new one", async () => {
  const notes = record();
  const condition = new Condition(new Mutex({ name: "m" }));
  const waiting = condition.mutex.with(() => condition.wait());
  await quiet();
  await condition.mutex.with(() => condition.notify());
  await waiting;
  assert.deepEqual(notes.log, [
    "main takes 1 of m",
    "main releases 1 of m",
    "main takes 1 of m",
    "main releases 1 of m",
    "main takes 1 of m",
    "main releases 1 of m",
  ]);
  assert.equal(notes.open.size, 0);
});

test("what clear removes is told of as withdrawn", async () => {
  const notes = record();
  const limiter = new KeyedLimiter({ concurrency: 1, name: "k" });
  const hold = gate();
  const running = limiter.run("a", () => hold.promise);
  const waiting = rejection(limiter.run("a", () => 1));
  limiter.clear();
  await waiting;
  hold.open();
  await running;
  assert.deepEqual(
    notes.log.map((line) => line.split(" ")[1]),
    ["takes", "waits", "leaves", "releases"],
  );
});

test("a recorder that comes late or goes early is told nothing that makes no sense", async () => {
  const mutex = new Mutex({ name: "m" });
  const before = await mutex.acquire();
  const waiting = mutex.acquire();
  const notes = record();
  before.release();
  const held = await waiting;
  const next = mutex.acquire();
  assert.equal(exchangeLockRecorder(undefined), notes);
  held.release();
  (await next).release();
  assert.deepEqual(notes.log, ["main waits for 1 of m"]);
});

test("a failed deadlock check leaves no wait behind", async () => {
  const notes = record();
  const mutex = new Mutex({ name: "m" });
  await mutex.with(async () => {
    await rejection(mutex.acquire());
  });
  assert.deepEqual(notes.log, ["main takes 1 of m", "main releases 1 of m"]);
});
