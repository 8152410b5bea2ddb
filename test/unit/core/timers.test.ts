// The timer heap against a naive list, and what it asks of its clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Clock, SystemClock } from "../../../src/core/clock.ts";
import { type Timer, TimerHeap } from "../../../src/core/timers.ts";
import { gate } from "./support.ts";

/** A clock moved by hand that keeps to its word: it rings once, when its time has come. */
class ManualClock implements Clock {
  nowMs: number;
  alarm: { readonly atMs: number; readonly keepAlive: boolean; readonly ring: () => void } | undefined;
  settings = 0;

  constructor(nowMs = 0) {
    this.nowMs = nowMs;
  }
  now(): number {
    return this.nowMs;
  }
  setAlarm(delayMs: number, keepAlive: boolean, ring: () => void): void {
    assert.equal(delayMs >= 0, true, "an alarm lies ahead");
    this.settings++;
    this.alarm = { atMs: this.nowMs + delayMs, keepAlive, ring };
  }
  clearAlarm(): void {
    this.alarm = undefined;
  }
  /** Lets time pass, ringing on the way. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.alarm !== undefined && this.alarm.atMs <= untilMs) {
      const { atMs, ring } = this.alarm;
      this.nowMs = Math.max(this.nowMs, atMs);
      this.alarm = undefined;
      ring();
    }
    this.nowMs = untilMs;
  }
}

/** The same by sorting a list each time. */
class NaiveTimers {
  #pending: { readonly id: number; readonly atMs: number; readonly keepAlive: boolean; readonly thenMs: number | undefined }[] = [];
  readonly fired: string[] = [];
  #nextId = 0;
  nowMs = 0;

  set(delayMs: number, keepAlive: boolean, thenMs?: number): number {
    const id = this.#nextId++;
    if (delayMs !== Number.POSITIVE_INFINITY) this.#pending.push({ id, atMs: this.nowMs + Math.max(0, delayMs), keepAlive, thenMs });
    return id;
  }
  clear(id: number): void {
    this.#pending = this.#pending.filter((timer) => timer.id !== id);
  }
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const first = this.#first();
      if (first === undefined || first.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, first.atMs);
      this.clear(first.id);
      this.fired.push(`${first.id}@${this.nowMs}`);
      if (first.thenMs !== undefined) this.set(first.thenMs, false);
    }
    this.nowMs = untilMs;
  }
  get nextAtMs(): number {
    return this.#first()?.atMs ?? Number.POSITIVE_INFINITY;
  }
  get keepAlive(): boolean {
    return this.#pending.some((timer) => timer.keepAlive);
  }
  #first() {
    return this.#pending.toSorted((a, b) => a.atMs - b.atMs || a.id - b.id)[0];
  }
}

type Step =
  | { readonly do: "set"; readonly delayMs: number; readonly keepAlive: boolean; readonly thenMs: number | undefined }
  | { readonly do: "clear"; readonly which: number }
  | { readonly do: "pass"; readonly ms: number };

const delays = fc.oneof(fc.nat(20), fc.constantFrom(-5, Number.POSITIVE_INFINITY));
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      do: fc.constant("set" as const),
      delayMs: delays,
      keepAlive: fc.boolean(),
      thenMs: fc.option(fc.nat(5), { nil: undefined }),
    }),
    fc.record({ do: fc.constant("clear" as const), which: fc.nat(40) }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.nat(15) }),
  ),
  { maxLength: 80 },
);

test("model: the heap fires what a sorted list would, in the same order, at the same instants", () => {
  fc.assert(
    fc.property(steps, (program) => {
      const clock = new ManualClock();
      const heap = new TimerHeap(clock);
      const naive = new NaiveTimers();
      const fired: string[] = [];
      const handles: Timer[] = [];
      const set = (delayMs: number, keepAlive: boolean, thenMs?: number): void => {
        const id = handles.length;
        const callback = () => {
          fired.push(`${id}@${clock.nowMs}`);
          if (thenMs !== undefined) set(thenMs, false);
        };
        handles.push(heap.set(delayMs, callback, keepAlive));
      };
      for (const step of program) {
        if (step.do === "set") {
          set(step.delayMs, step.keepAlive, step.thenMs);
          naive.set(step.delayMs, step.keepAlive, step.thenMs);
        } else if (step.do === "clear") {
          // Also what has fired, was cleared before, or was never set.
          heap.clear(handles[step.which]);
          naive.clear(step.which);
        } else {
          clock.pass(step.ms);
          naive.pass(step.ms);
        }
        assert.deepEqual(fired, naive.fired);
        assert.equal(heap.nextAtMs, naive.nextAtMs);
        if (naive.nextAtMs === Number.POSITIVE_INFINITY) assert.equal(clock.alarm, undefined, "no alarm without a timer");
        else {
          assert.equal((clock.alarm?.atMs ?? Number.POSITIVE_INFINITY) <= Math.max(naive.nextAtMs, clock.nowMs), true, "an alarm in time");
          assert.equal(clock.alarm?.keepAlive, naive.keepAlive);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("model: runDue by hand fires what is due, and what it adds for now waits for the next call", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ delayMs: fc.nat(10), again: fc.boolean() }), { maxLength: 30 }), fc.nat(12), (timers, untilMs) => {
      const clock = new ManualClock();
      const heap = new TimerHeap(clock);
      const fired: number[] = [];
      let added = 0;
      for (const [id, { delayMs, again }] of timers.entries()) {
        heap.set(delayMs, () => {
          fired.push(id);
          if (again) heap.set(0, () => added++);
        });
      }
      clock.nowMs = untilMs;
      heap.runDue();
      const due = timers.map((timer, id) => ({ ...timer, id })).filter(({ delayMs }) => delayMs <= untilMs);
      assert.deepEqual(
        fired,
        due.toSorted((a, b) => a.delayMs - b.delayMs || a.id - b.id).map(({ id }) => id),
      );
      assert.equal(added, 0);
      heap.runDue();
      assert.equal(added, due.filter(({ again }) => again).length);
    }),
  );
});

test("many timers under one alarm: clearing them does not set the alarm again", () => {
  const clock = new ManualClock();
  const heap = new TimerHeap(clock);
  const timers = Array.from({ length: 1_000 }, (_, n) => heap.set(10 + n, () => {}));
  assert.equal(clock.settings, 1);
  for (const timer of timers.slice(0, 999)) heap.clear(timer);
  assert.equal(clock.settings, 1);
  heap.clear(timers[999]);
  assert.equal(clock.alarm, undefined);
});

test("a callback may clear and set others", () => {
  const clock = new ManualClock();
  const heap = new TimerHeap(clock);
  const log: string[] = [];
  const victim = heap.set(5, () => log.push("never"));
  heap.set(5, () => log.push("c"));
  heap.set(1, () => {
    log.push("a");
    heap.clear(victim);
    heap.set(2, () => log.push("b"));
  });
  clock.pass(10);
  assert.deepEqual(log, ["a", "b", "c"]);
});

test("a callback that throws does not take the timers after it with it", () => {
  const clock = new ManualClock();
  const heap = new TimerHeap(clock);
  const log: string[] = [];
  heap.set(1, () => {
    throw new RangeError("a bug");
  });
  heap.set(1, () => log.push("same instant"));
  heap.set(5, () => log.push("later"));
  assert.throws(() => clock.pass(2), RangeError);
  clock.pass(10);
  assert.deepEqual(log, ["same instant", "later"]);
});

test("another clock: what is pending keeps its remaining time", () => {
  const first = new ManualClock(1_000);
  const heap = new TimerHeap(first);
  const log: number[] = [];
  heap.set(30, () => log.push(30));
  heap.set(10, () => log.push(10));
  first.pass(5);
  const second = new ManualClock(0);
  assert.equal(heap.exchangeClock(second), first);
  assert.equal(first.alarm, undefined);
  assert.deepEqual([heap.now(), heap.nextAtMs], [0, 5]);
  second.pass(5);
  assert.deepEqual(log, [10]);
  second.pass(20);
  assert.deepEqual(log, [10, 30]);
});

test("the system clock rings, once, and an alarm that is set again replaces the one before", async () => {
  const clock = new SystemClock();
  const rung = gate();
  let count = 0;
  clock.setAlarm(60_000, true, () => assert.fail("replaced"));
  const begun = clock.now();
  clock.setAlarm(5, true, () => {
    count++;
    rung.open();
  });
  await rung.promise;
  assert.equal(count, 1);
  assert.equal(clock.now() - begun >= 4, true);
  clock.setAlarm(1, true, () => assert.fail("cleared"));
  clock.clearAlarm();
  clock.clearAlarm();
  const heap = new TimerHeap(clock);
  const fired = gate();
  heap.set(2 ** 40, () => {});
  heap.set(0.25, fired.open, true);
  await fired.promise;
});
