// Where tasks were submitted: the stack that is put below the worker's when a task fails. Taking it costs as much as everything
// else in a small submission, so there is a budget (a token bucket): a program that submits a hundred at once, or a thousand in a
// second, has the stack of each; one that submits a million has that of some. Then an error ends with the worker's own frames.
import { timers } from "../../core/timers.ts";

/** A submission's stack, formatted only when somebody reads it. */
export interface CallerStack {
  readonly stack?: string | undefined;
}

const burst = 256;
const perMs = 1;

let left = burst;
let filledAtMs = Number.NEGATIVE_INFINITY;

/** The stack above `below`, the function that the caller has called; `undefined` when there were too many of late. */
export function captureCaller(below: (...args: never) => unknown): CallerStack | undefined {
  if (left < 1 && !refill()) return undefined;
  left--;
  const caller: CallerStack = {};
  Error.captureStackTrace(caller, below);
  return caller;
}

function refill(): boolean {
  // The task that is being submitted has just read the clock.
  const now = timers.recentMs;
  left = Math.min(burst, left + Math.max(0, now - filledAtMs) * perMs);
  filledAtMs = now;
  return left >= 1;
}
