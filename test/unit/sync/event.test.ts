// Event: the flag, its waiters, its clause; and the cases of other people's suites (own code, their ids).
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { type LazyClause, notReady } from "../../../src/core/clause.ts";
import { timers } from "../../../src/core/timers.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Event } from "../../../src/sync/event.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { TestCase } from "./driver.ts";
import { begun, ends, quiet, rejection, watch } from "./support.ts";

const lazy = (event: Event) => event.waiting() as LazyClause<void>;

test("an event that is set lets everybody through", async () => {
  const event = new Event();
  assert.equal(event.isSet, false);
  event.set();
  event.set();
  assert.equal(event.isSet, true);
  await Promise.all([event.wait(), event.wait(), coroutines.run(() => event.wait())]);
});

test("setting wakes all that wait, in order", async () => {
  const event = new Event();
  const log: number[] = [];
  const waiting = Array.from({ length: 5 }, async (_, index) => {
    await event.wait();
    log.push(index);
  });
  await quiet();
  assert.deepEqual(log, []);
  event.set();
  await Promise.all(waiting);
  assert.deepEqual(log, [0, 1, 2, 3, 4]);
});

test("after clear it is waited for again", async () => {
  const event = new Event();
  event.set();
  event.clear();
  assert.equal(event.isSet, false);
  const seen = watch(event.wait());
  await quiet();
  assert.equal(seen.state, "pending");
  event.set();
  await quiet();
  assert.equal(seen.state, "done");
});

test("set and clear in one tick still wake those who waited", async () => {
  const event = new Event();
  const waiting = event.wait();
  event.set();
  event.clear();
  await waiting;
  assert.equal(event.isSet, false);
});

test("a wait is cancelled, aborted and timed out like any other, and leaves nothing", async () => {
  const event = new Event({ name: "ready" });
  const before = timers.nextAtMs;
  const [task] = await begun(() => event.wait());
  task.cancel();
  assert.equal((await rejection(task)) instanceof CancelledError, true);
  await assert.rejects(event.wait({ signal: AbortSignal.abort("why") }), { name: "AbortError" });
  const controller = new AbortController();
  const aborted = event.wait({ signal: controller.signal, timeout: 60_000 });
  controller.abort();
  assert.equal((await rejection(aborted)) instanceof CancelledError, true);
  await assert.rejects(event.wait({ timeout: 1 }), {
    name: "TimeoutError",
    message: /Waiting for the event "ready" took longer than 1 ms/,
  });
  await assert.rejects(event.wait({ timeout: -1 }), RangeError);
  event.set();
  assert.equal(timers.nextAtMs, before);
});

test("in a cancelled task even a set event throws", async () => {
  const event = new Event();
  event.set();
  const [task] = await begun(async () => {
    await quiet();
    return rejection(event.wait());
  });
  task.cancel();
  assert.equal((await task) instanceof CancelledError, true);
});

test("set, then cancelled, in one tick: the wait has happened; the other way round it has not", async () => {
  for (const setFirst of [true, false]) {
    const event = new Event();
    let woken = false;
    const [task] = await begun(async () => {
      await event.wait();
      woken = true;
    });
    if (setFirst) event.set();
    task.cancel();
    event.set();
    await ends([task]);
    assert.equal(woken, setFirst);
  }
});

test("a loop over a set event gives the event loop its turns", async () => {
  const event = new Event();
  event.set();
  let over = false;
  setImmediate(() => setImmediate(() => (over = true)));
  while (!over) await event.wait();
});

test("its clause is ready while it is set, and a case in line is served by set", async () => {
  const event = new Event();
  assert.equal(lazy(event).attempt(undefined), notReady);
  assert.equal(lazy(event).waitingFor, "an event");
  const node = new TestCase(lazy(event));
  const gone = new TestCase(lazy(event));
  lazy(event).delist(gone);
  event.set();
  await node.promise;
  assert.deepEqual([gone.settled, lazy(event).attempt(undefined)], [false, undefined]);
});

// ---- CPython, Lib/test/test_asyncio/test_locks.py ----

test("cpython EventTests.test_wait, test_wait_on_set", async () => {
  const event = new Event();
  const result: number[] = [];
  const tasks = [1, 2, 3].map((n) =>
    coroutines.run(async () => {
      await event.wait();
      result.push(n);
    }),
  );
  await quiet();
  assert.deepEqual(result, []);
  event.set();
  await Promise.all(tasks);
  assert.deepEqual(result, [1, 2, 3]);
  await event.wait();
});

test("cpython EventTests.test_wait_cancel", async () => {
  const event = new Event();
  const [task] = await begun(() => event.wait());
  task.cancel();
  assert.equal((await rejection(task)) instanceof CancelledError, true);
  event.set();
  await event.wait();
});

test("cpython EventTests.test_clear, test_clear_with_waiters: each set wakes once", async () => {
  const event = new Event();
  const result: string[] = [];
  const [task] = await begun(async () => {
    await event.wait();
    result.push("woken");
    return true;
  });
  event.set();
  event.clear();
  assert.equal(event.isSet, false);
  event.set();
  event.set();
  assert.deepEqual([await task, result], [true, ["woken"]]);
});

// ---- anyio, trio, tokio ----

test("anyio TestEvent.test_event_cancel: cancelled, then set, it is cancelled", async () => {
  const event = new Event();
  const [task] = await begun(() => event.wait());
  task.cancel();
  event.set();
  assert.deepEqual([await ends([task]), event.isSet], [["AbortError"], true]);
});

test("anyio TestEvent.test_event_wait_before_set_before_cancel: set, then cancelled, it is set", async () => {
  const event = new Event();
  let woken = false;
  const [task] = await begun(async () => {
    await event.wait();
    woken = true;
  });
  event.set();
  task.cancel();
  await ends([task]);
  assert.equal(woken, true);
});

test("trio test_Event: children that wait go on when it is set", async () => {
  const event = new Event();
  const record: string[] = [];
  const child = async () => {
    record.push("sleeping");
    await event.wait();
    record.push("woken");
  };
  const tasks = [...(await begun(child)), ...(await begun(child))];
  assert.deepEqual(record, ["sleeping", "sleeping"]);
  event.set();
  await Promise.all(tasks);
  assert.deepEqual(record, ["sleeping", "sleeping", "woken", "woken"]);
});

test("tokio sync_notify notify_waiters: everybody who waits now, and nobody else", async () => {
  const event = new Event();
  const early = [watch(event.wait()), watch(event.wait())];
  event.set();
  event.clear();
  const late = watch(event.wait());
  await quiet();
  assert.deepEqual([early.map(({ state }) => state), late.state], [["done", "done"], "pending"]);
  event.set();
});

test("anyio TestEvent: a timeout of its own does not disturb the others", async () => {
  await withVirtualClock(async (clock) => {
    const event = new Event();
    const patient = event.wait();
    const hasty = rejection(event.wait({ timeout: 10 }));
    await clock.advance(10);
    assert.equal((await hasty) instanceof TimeoutError, true);
    event.set();
    await patient;
  });
});
