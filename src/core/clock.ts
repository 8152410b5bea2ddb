// The clock seam: all of brigade's time comes from here, so that a virtual clock can stand in.
//
// A clock knows the time and can ring once. Everything else about timers (order, cancellation, many at once) is the timer
// heap's; a stand-in needs only these four functions.

/** A source of time. */
export interface Clock {
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** Rings once after `delayMs`; replaces an alarm that is still set. Keeps the program alive when `keepAlive`. */
  setAlarm(delayMs: number, keepAlive: boolean, ring: () => void): void;
  clearAlarm(): void;
}

// Longer delays overflow Node's timer and would fire at once; the heap simply sets the next alarm when this one rings.
const longestAlarmMs = 2 ** 31 - 1;

/** The machine's monotonic clock. */
export class SystemClock implements Clock {
  #alarm: NodeJS.Timeout | undefined;

  now(): number {
    return performance.now();
  }

  setAlarm(delayMs: number, keepAlive: boolean, ring: () => void): void {
    clearTimeout(this.#alarm);
    // Rounded up: a timer that rings early would find nothing due and be set again.
    this.#alarm = setTimeout(ring, Math.min(longestAlarmMs, Math.ceil(delayMs)));
    if (!keepAlive) this.#alarm.unref();
  }

  clearAlarm(): void {
    clearTimeout(this.#alarm);
    this.#alarm = undefined;
  }
}
