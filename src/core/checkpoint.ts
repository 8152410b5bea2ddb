// Checkpoints: where long work asks whether it shall go on, and lets others have a turn.
//
// A 5 ms slice (`time-slice.ts`), then all tasks that are over it share one turn of the event loop. A checkpoint reads the clock each
// time; operations that need not wait, such as a send with room, are counted and read it every 64th time.
import { currentScope } from "./context.ts";
import type { CancelScope } from "./scope.ts";
import { nextTurn, sliceSpent, turnIsAwaited } from "./time-slice.ts";
import { timers } from "./timers.ts";

const operationsPerClockRead = 64;

let operations = 0;
const passed = Promise.resolve();

/** Counts one operation that need not wait: of many in a row the event loop must not notice. Returns what to wait for when the
 *  slice is spent, else `undefined`. Whoever calls it has committed the operation, so a cancel does not end that wait. */
export function spendBudget(): Promise<void> | undefined {
  return ++operations % operationsPerClockRead === 0 && (turnIsAwaited() || sliceSpent(true)) ? nextTurn() : undefined;
}

/** Throws `CancelledError` or `TimeoutError` when due; gives the event loop a turn when the time slice is spent. Parks the
 *  task for that turn.
 *
 *  @example
 *  ```ts
 *  let sum = 0;
 *  for (const n of [1, 2, 3]) {
 *    sum += n;
 *    await checkpoint();
 *  }
 *  ```
 */
export function checkpoint(): Promise<void> {
  return checkpointIn(currentScope());
}

/** A checkpoint of a scope that is known. */
export function checkpointIn(scope: CancelScope): Promise<void> {
  if (scope.error) return Promise.reject(scope.error);
  return turnDue()?.then(() => scope.check()) ?? passed;
}

/** The turn of the event loop that work has to wait for whose slice is spent; `undefined` while it may go on. A cancel does not end
 *  that wait. */
export function turnDue(): Promise<void> | undefined {
  // Looks at the clock each time: there may be milliseconds of work between two checkpoints. Only one that stands still is asked by count.
  return turnIsAwaited() || sliceSpent(++operations % operationsPerClockRead === 0) ? nextTurn() : undefined;
}

let poll: (() => void) | undefined;

/** Lets a worker look for a cancel while its code does not give the event loop a turn. */
export function setSyncPoll(next: (() => void) | undefined): void {
  poll = next;
}

let syncChecks = 0;

/** The same check without a turn, for tight loops: reads a shared flag on threads, the pipe now and then on processes. Never waits. */
export function checkpointSync(): void {
  poll?.();
  const scope = currentScope();
  if (scope.error) throw scope.error;
  // No timer fires while the loop runs, so deadlines are looked at here, at the price of a clock read every 64 checks.
  if ((++syncChecks & (operationsPerClockRead - 1)) === 0 && timers.nextAtMs <= timers.now()) {
    timers.runDue();
    scope.check();
  }
}
