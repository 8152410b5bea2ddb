// The clauses of this room in a real `select`: exactly one commits, the others leave their lines and nothing is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { after } from "../../../src/channels/clauses/after.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { Event } from "../../../src/sync/event.ts";
import { Latch } from "../../../src/sync/latch.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, quiet, rejection } from "./support.ts";

test("a free lock is taken, and only that one of several", async () => {
  const locks = [new Mutex(), new Mutex(), new Mutex()] as const;
  const got = await select({ a: locks[0].acquiring(), b: locks[1].acquiring(), c: locks[2].acquiring() });
  assert.equal(locks.filter(({ locked }) => locked).length, 1);
  got.value.release();
  assert.equal(locks.filter(({ locked }) => locked).length, 0);
});

test("a lock that is released goes to the select in its turn", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const log: string[] = [];
  const before = mutex.with(() => log.push("before"));
  const selecting = select({ lock: mutex.acquiring() }).then(({ value }) => {
    log.push("select");
    value.release();
  });
  const behind = mutex.with(() => log.push("behind"));
  guard.release();
  await Promise.all([before, selecting, behind]);
  assert.deepEqual(log, ["before", "select", "behind"]);
});

test("a select that commits to something else leaves the lines of the locks, and those behind go on", async () => {
  const [mutex, event, semaphore] = [new Mutex(), new Event(), new Semaphore(2)];
  const guards = [await mutex.acquire(), await semaphore.acquire()];
  const selecting = select({ lock: mutex.acquiring(), both: semaphore.acquiring({ permits: 2 }), event: event.waiting() });
  const behind = semaphore.acquire();
  await quiet();
  assert.equal(semaphore.available, 1, "strictly in line behind the select");
  event.set();
  assert.equal((await selecting).key, "event");
  (await behind).release();
  for (const guard of guards) guard.release();
  assert.deepEqual([mutex.locked, semaphore.available], [false, 2]);
});

test("two locks released in one tick: one is taken, the other is free", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const guards = [await a.acquire(), await b.acquire()];
  const selecting = select({ a: a.acquiring(), b: b.acquiring() });
  await quiet();
  for (const guard of guards) guard.release();
  const got = await selecting;
  await quiet();
  assert.deepEqual([a.locked, b.locked], [got.key === "a", got.key === "b"]);
  got.value.release();
});

test("the same lock twice is taken once", async () => {
  const mutex = new Mutex();
  const guard = await mutex.acquire();
  const selecting = select({ a: mutex.acquiring(), b: mutex.acquiring() });
  await quiet();
  guard.release();
  (await selecting).value.release();
  await quiet();
  assert.equal(mutex.locked, false);
});

test("cancelled and timed out, a select has taken nothing", async () => {
  await withVirtualClock(async () => {
    const mutex = new Mutex();
    const guard = await mutex.acquire();
    const [task] = await begun(() => select({ lock: mutex.acquiring() }));
    task.cancel();
    assert.equal((await rejection(task)) instanceof CancelledError, true);
    assert.equal((await rejection(select({ lock: mutex.acquiring() }, { timeout: 5 }))) instanceof TimeoutError, true);
    const late = await select({ lock: mutex.acquiring(), late: after(5) });
    assert.equal(late.key, "late");
    guard.release();
    assert.equal(mutex.locked, false);
  });
});

test("inside the own section a select over the lock rejects as acquire does", async () => {
  const mutex = new Mutex();
  await mutex.with(async () => {
    assert.equal(((await rejection(select({ lock: mutex.acquiring() }))) as Error).name, "DeadlockError");
  });
});

test("readers and writers, latch and event in one select", async () => {
  const [lock, latch, event] = [new RWLock(), new Latch(1), new Event()];
  const writing = await lock.acquireWrite();
  const clauses = () => ({ read: lock.acquiringRead(), latch: latch.waiting(), event: event.waiting() });
  assert.equal(trySelect(clauses()), undefined);
  const selecting = select(clauses());
  writing.downgrade().release();
  const got = await selecting;
  assert.equal(got.key, "read");
  if (got.key === "read") got.value.release();
  latch.countDown();
  const held = lock.tryAcquireWrite();
  assert.equal((await select(clauses())).key, "latch");
  held?.release();
  assert.deepEqual(await ends([lock.withWrite(() => "free")]), ["free"]);
});
