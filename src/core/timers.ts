// Timer heap: a binary heap of deadlines over one alarm of the clock (Williams' heap, with each node knowing its place so
// that a timer leaves in O(log n)).
//
// Own timers instead of one `setTimeout` each, for three reasons: `joinSync` and `checkpointSync` can run what is due
// while the event loop stands still; a virtual clock replaces one object; and a timer costs one small object.
// Callbacks may run inside `runDue` of such a caller, so they only change state and settle promises: never user code.
import { type Clock, SystemClock } from "./clock.ts";

/** A pending call. */
export interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
  readonly keepAlive: boolean;
  /** Equal instants fire in order of creation. */
  readonly sequence: number;
  /** Place in the heap; -1 when it has fired or was cleared. */
  place: number;
}

/** Timers of one thread. */
export class TimerHeap {
  /** What `now` said last: the time for whoever knows that somebody has just asked. */
  recentMs = Number.NEGATIVE_INFINITY;
  #clock: Clock;
  #heap: Timer[] = [];
  #sequence = 0;
  #keepAlive = 0;
  /** What the alarm is set for; the alarm is set again only when this changes for the sooner or its kind changes. */
  #alarmAtMs = Number.POSITIVE_INFINITY;
  #alarmKeepsAlive = false;
  readonly #ring = () => {
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    try {
      this.runDue();
    } finally {
      // Also after a callback that threw: the other timers must not die of it.
      this.#rearm();
    }
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back after `delayMs` (at once-ish when not positive; never when infinite). */
  set(delayMs: number, callback: () => void, keepAlive = false): Timer {
    const timer: Timer = { atMs: this.#clock.now() + Math.max(0, delayMs), callback, keepAlive, sequence: this.#sequence++, place: -1 };
    if (delayMs === Number.POSITIVE_INFINITY) return timer;
    timer.place = this.#heap.length;
    this.#heap.push(timer);
    this.#up(timer);
    if (keepAlive) this.#keepAlive++;
    this.#rearm();
    return timer;
  }

  /** Forgets a timer; nothing when it has fired. */
  clear(timer: Timer | undefined): void {
    if (timer === undefined || timer.place < 0) return;
    this.#remove(timer);
    this.#rearm();
  }

  /** The instant of the next timer, or `Infinity`. */
  get nextAtMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Fires what is due now; cheap when nothing is. */
  runDue(): void {
    const now = this.#clock.now();
    // What a callback adds for "now" waits for the next round, so that a chain of zero delays cannot hold the thread.
    const last = this.#sequence;
    for (let timer = this.#heap[0]; timer !== undefined && timer.atMs <= now && timer.sequence < last; timer = this.#heap[0]) {
      this.#remove(timer);
      timer.callback();
    }
  }

  /** Puts another clock in; pending timers keep their remaining time. Returns the clock that was there. */
  exchangeClock(clock: Clock): Clock {
    const previous = this.#clock;
    const shift = clock.now() - previous.now();
    previous.clearAlarm();
    this.#clock = clock;
    this.#heap = this.#heap.map((timer) => Object.assign(timer, { atMs: timer.atMs + shift }));
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    this.#rearm();
    return previous;
  }

  now(): number {
    this.recentMs = this.#clock.now();
    return this.recentMs;
  }

  #rearm(): void {
    const first = this.#heap[0];
    const keepAlive = this.#keepAlive > 0;
    if (first === undefined) {
      if (this.#alarmAtMs !== Number.POSITIVE_INFINITY) this.#clock.clearAlarm();
      this.#alarmAtMs = Number.POSITIVE_INFINITY;
    } else if (first.atMs < this.#alarmAtMs || keepAlive !== this.#alarmKeepsAlive) {
      // An alarm that is now too early is left to ring and finds nothing due: cheaper than setting it for every clear.
      this.#alarmAtMs = first.atMs;
      this.#alarmKeepsAlive = keepAlive;
      this.#clock.setAlarm(Math.max(0, first.atMs - this.#clock.now()), keepAlive, this.#ring);
    }
  }

  #remove(timer: Timer): void {
    const last = this.#heap.pop() as Timer;
    if (last !== timer) {
      last.place = timer.place;
      this.#heap[last.place] = last;
      this.#up(last);
      this.#down(last);
    }
    timer.place = -1;
    if (timer.keepAlive) this.#keepAlive--;
  }

  #up(timer: Timer): void {
    while (timer.place > 0) {
      const parent = this.#heap[(timer.place - 1) >> 1] as Timer;
      if (!before(timer, parent)) return;
      this.#swap(timer, parent);
    }
  }

  #down(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.place + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * timer.place + 2];
      const child = right !== undefined && before(right, left) ? right : left;
      if (!before(child, timer)) return;
      this.#swap(child, timer);
    }
  }

  /** Exchanges a node with its parent. */
  #swap(child: Timer, parent: Timer): void {
    [child.place, parent.place] = [parent.place, child.place];
    this.#heap[child.place] = child;
    this.#heap[parent.place] = parent;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

/** The timers of this thread. */
export const timers = new TimerHeap(new SystemClock());
