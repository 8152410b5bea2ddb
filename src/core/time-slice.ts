// The time slice of this thread: how long code may go on, microtask after microtask, before the event loop gets a turn for its
// timers and sockets. A turn costs a macrotask (about 1 µs, and everybody's timers), so it is taken by time and not by count.
//
// A slice begins with the first look at the clock in a turn of the loop; a mark (`setImmediate`) tells when a turn has passed,
// so that work after an idle time is not held back, and a chain of short bursts within one turn is.
import { timers } from "./timers.ts";

const sliceMs = 5;

/** A turn of the loop has not passed since the slice began. */
let marked = false;
let sliceStartMs = 0;
let lastReadMs = Number.NaN;
let gate: Promise<void> | undefined;

const unmark = (): void => {
  marked = false;
};

function begin(now: number): void {
  sliceStartMs = now;
  marked = true;
  setImmediate(unmark).unref();
}

/** Whether the slice is over, by the clock. A clock that stands still (a virtual one) cannot measure a slice: `whenStanding`
 *  says what holds then. */
export function sliceSpent(whenStanding: boolean): boolean {
  const now = timers.now();
  const stands = now === lastReadMs;
  lastReadMs = now;
  if (stands) return whenStanding;
  if (marked) return now - sliceStartMs >= sliceMs;
  begin(now);
  return false;
}

/** The turn that all who have spent their slice wait for together. */
export function nextTurn(): Promise<void> {
  gate ??= new Promise<void>((resolve) => {
    setImmediate(() => {
      gate = undefined;
      marked = false;
      resolve();
    });
  });
  return gate;
}

/** Whether others already wait for the next turn. */
export function turnIsAwaited(): boolean {
  return gate !== undefined;
}
