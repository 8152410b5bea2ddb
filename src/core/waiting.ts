// Waiting with a bound and without: sleep, timeout, shield.
import { currentScope, InnerScope, runInScope } from "./context.ts";
import { checkDuration } from "./durations.ts";
import { enterOperation, type Home, Parked } from "./parked.ts";
import { isCancellation } from "./scope.ts";
import { type Timer, timers } from "./timers.ts";

/** Where a sleeper is parked. */
class Alarm implements Home {
  readonly waitingFor = "a moment in time";
  timer: Timer | undefined;

  withdraw(): void {
    timers.clear(this.timer);
  }
}

/** Parks the task for `ms` milliseconds; 0 gives the event loop a turn, `Infinity` waits for a cancel. Rejects with `CancelledError` (or `TimeoutError`, by its deadline) when the task
 *  or `signal` is cancelled. Keeps the program alive as a timer does.
 *
 *  @example
 *  ```ts
 *  await sleep(20);
 *  ```
 */
export async function sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
  checkDuration("The time of sleep", ms);
  const scope = enterOperation(options);
  const alarm = new Alarm();
  const parked = new Parked<void>(scope, options, alarm, undefined);
  alarm.timer = timers.set(ms, () => parked.settle(), true);
  return parked.promise;
}

/** Runs `fn` with `ms` milliseconds to live: cancels it then, waits for it however long it takes to end, and rejects with
 *  `TimeoutError`. A value that it returns all the same wins, and so does another error. In a cancelled task, and with no
 *  time at all, it rejects without calling `fn`. Parks the task; keeps the program alive as a timer does.
 *
 *  @example
 *  ```ts
 *  const answer = await timeout(1_000, async () => 42);
 *  ```
 */
export async function timeout<R>(ms: number, fn: () => R): Promise<Awaited<R>> {
  checkDuration("The time of timeout", ms);
  if (typeof fn !== "function") throw new TypeError("timeout needs a function: timeout(1_000, () => work()).");
  const scope = new InnerScope();
  const expiry = scope.expireAfter(ms, `The work took longer than ${ms} ms.`, true);
  try {
    scope.check();
    // Awaited inside the scope, so that what `fn` hands back unawaited (a map, a thenable) is read there too.
    return await runInScope(scope, async () => fn());
  } catch (error) {
    // Only its own expiry is turned into a TimeoutError; an outer one passes through as what it is.
    if (expiry !== undefined && scope.error === expiry && isCancellation(error, expiry)) throw expiry;
    throw error;
  } finally {
    scope.end();
  }
}

/** Runs `fn` protected from the cancellation around it, for `timeout` milliseconds at most (default: without limit); then
 *  cancels it, waits for it, and throws the pending cancel, else `TimeoutError`. A value that `fn` returns wins, and a
 *  cancel that came meanwhile is thrown by the next operation. Parks the task; a cancel around it does not end the wait.
 *
 *  @example
 *  ```ts
 *  await shield(async () => { await sleep(1); }, { timeout: 1_000 });
 *  ```
 */
export async function shield<R>(fn: () => R, options?: { readonly timeout?: number | undefined }): Promise<Awaited<R>> {
  const ms = checkDuration("The timeout of shield", options?.timeout ?? Number.POSITIVE_INFINITY);
  if (typeof fn !== "function") throw new TypeError("shield needs a function: shield(() => cleanUp()).");
  const outer = currentScope();
  const scope = new InnerScope(true);
  const expiry = scope.expireAfter(ms, `The shielded work took longer than ${ms} ms.`, true);
  try {
    return await runInScope(scope, async () => fn());
  } catch (error) {
    if (expiry !== undefined && scope.error === expiry && isCancellation(error, expiry)) throw outer.error ?? expiry;
    throw error;
  } finally {
    scope.end();
  }
}
