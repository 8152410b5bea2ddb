// Checkpoints: where long work asks whether it shall go on, and lets others have a turn.
//
// A turn costs a macrotask (about 1 µs and everybody's timers), so it is taken by time and not by count: an operation
// counter, the clock read every 64 operations, a 5 ms slice, then all tasks that are over it share one gate.
import { currentScope } from "./context.ts";
import { timers } from "./timers.ts";

const operationsPerClockRead = 64;
const sliceMs = 5;

let operations = 0;
let sliceStartMs = 0;
let lastReadMs = 0;
let gate: Promise<void> | undefined;
const passed = Promise.resolve();

/** Counts one operation that need not wait: of many in a row the event loop must not notice. Returns what to wait for when the
 *  slice is spent, else `undefined`. Whoever calls it has committed the operation, so a cancel does not end that wait. */
export function spendBudget(): Promise<void> | undefined {
  return ++operations % operationsPerClockRead === 0 ? lookAtClock() : undefined;
}

function lookAtClock(): Promise<void> | undefined {
  if (gate !== undefined) return gate;
  const now = timers.now();
  // A clock that stands still (a virtual one) cannot measure a slice, so every look at it ends one.
  const stands = now === lastReadMs;
  lastReadMs = now;
  if (now - sliceStartMs < sliceMs && !stands) return undefined;
  gate = new Promise<void>((resolve) => {
    setImmediate(() => {
      gate = undefined;
      sliceStartMs = timers.now();
      resolve();
    });
  });
  return gate;
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
  const scope = currentScope();
  if (scope.error) return Promise.reject(scope.error);
  const turn = spendBudget();
  return turn === undefined ? passed : turn.then(() => scope.check());
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
