// all, race, any, settled: the names of Promise's, but over functions, so that the losers can be cancelled and waited for.
//
// Waiter nodes instead of `Promise.race`, which leaves a reaction on every loser for as long as it lives.
import { TaskGroupError } from "../contract/errors.ts";
import type { ScopeOptions } from "../contract/group.ts";
import type { Outcome } from "../contract/task.ts";
import { captureContext, currentScope } from "./context.ts";
import { checkCount } from "./durations.ts";
import { nameOf } from "./local-run.ts";
import { Nursery } from "./nursery.ts";
import { cancelledBy } from "./scope.ts";
import { checkSignal, listenToSignal, stopListening } from "./signals.ts";
import type { ScopedTask } from "./task.ts";

type Functions = readonly (() => unknown)[];

/** Runs functions as coroutines, `concurrency` at once, tells of each end in the order in which ends happen, and resolves
 *  when all are over; `stop` cancels those that are left. Rejects when the caller's scope or the signal cancels it. */
async function runAll(
  fns: Functions,
  options: ScopeOptions | undefined,
  onEnd: (index: number, outcome: Outcome<unknown>, stop: () => void) => void,
) {
  if (!Array.isArray(fns)) throw new TypeError("An array of functions is needed: all([() => fetchUser(1), () => fetchUser(2)]).");
  for (const [index, fn] of fns.entries()) {
    if (typeof fn !== "function") {
      throw new TypeError(`Element ${index} is not a function: give functions, not promises that already run (() => work()).`);
    }
  }
  checkSignal(options?.signal);
  const limit = checkCount("concurrency", options?.concurrency ?? Number.POSITIVE_INFINITY, 1, true);
  currentScope().check();
  // The next are submitted by the caller too, and see its context, not that of the child that made room.
  const nursery = new Nursery(() => context?.runInAsyncScope(startMore));
  const { scope } = nursery;
  const onSignal = { onAbort: (reason: unknown) => scope.cancelWith(cancelledBy(reason, "The work")) };
  const signal = options?.signal;
  if (signal?.aborted) onSignal.onAbort(signal.reason);
  else if (signal) listenToSignal(signal, onSignal);
  const context = limit < fns.length ? captureContext() : undefined;
  let stopped = false;
  /** Some function was ended by a cancel from outside. */
  let cutOff = false;
  let next = 0;
  const stop = () => {
    stopped = true;
    scope.cancelWith(cancelledBy("the outcome is decided", "The work"));
  };
  const ended = (index: number, task: ScopedTask<unknown>) => {
    const outcome = task.outcome as Outcome<unknown>;
    if (scope.error !== undefined && outcome.state !== "succeeded" && outcome.error === scope.error) cutOff = true;
    if (!stopped) onEnd(index, outcome, stop);
  };
  const startMore = () => {
    while (next < fns.length && nursery.running < limit && scope.error === undefined) {
      const index = next++;
      const fn = fns[index] as () => unknown;
      const task: ScopedTask<unknown> = nursery.start(nameOf(fn), fn);
      task.whenSettled(() => ended(index, task));
      nursery.adopt(task);
    }
  };
  startMore();
  await nursery.idle();
  if (signal) stopListening(signal, onSignal);
  scope.end();
  // A cancel that came too late to cut anything off has lost against the results.
  if (!stopped && (cutOff || next < fns.length)) scope.check();
}

/** Results in input order; the first failure cancels the others, waits for them, and rejects with it. Parks the task.
 *
 *  @example
 *  ```ts
 *  const [one, two] = await all([() => 1, async () => "two"]);
 *  ```
 */
export async function all<const F extends Functions>(
  fns: F,
  options?: ScopeOptions,
): Promise<{ -readonly [K in keyof F]: Awaited<ReturnType<F[K]>> }> {
  const values: unknown[] = [];
  let failure: { readonly error: unknown } | undefined;
  await runAll(fns, options, (index, outcome, stop) => {
    if (outcome.state === "succeeded") values[index] = outcome.value;
    else {
      failure = outcome;
      stop();
    }
  });
  if (failure) throw failure.error;
  return values as { -readonly [K in keyof F]: Awaited<ReturnType<F[K]>> };
}

/** The first to settle, after the others are cancelled and over. Parks the task.
 *
 *  @example
 *  ```ts
 *  const winner = await race([() => sleep(50), () => "at once"]);
 *  ```
 */
export async function race<const F extends Functions>(fns: F, options?: ScopeOptions): Promise<Awaited<ReturnType<F[number]>>> {
  if (Array.isArray(fns) && fns.length === 0) throw new RangeError("race needs at least one function: a race of none would never end.");
  let first: Outcome<unknown> | undefined;
  await runAll(fns, options, (_index, outcome, stop) => {
    first = outcome;
    stop();
  });
  if (first?.state !== "succeeded") throw first?.error;
  return first.value as Awaited<ReturnType<F[number]>>;
}

/** The first to succeed, after the others are cancelled and over; `TaskGroupError` when none does. Parks the task.
 *
 *  @example
 *  ```ts
 *  const mirror = await any([async () => { throw new Error("down"); }, async () => "up"]);
 *  ```
 */
export async function any<const F extends Functions>(fns: F, options?: ScopeOptions): Promise<Awaited<ReturnType<F[number]>>> {
  const failures: unknown[] = [];
  let winner: { readonly value: unknown } | undefined;
  await runAll(fns, options, (_index, outcome, stop) => {
    if (outcome.state !== "succeeded") failures.push(outcome.error);
    else {
      winner = outcome;
      stop();
    }
  });
  if (winner === undefined) throw new TaskGroupError(failures, failures.length === 0 ? "any was given no function." : undefined);
  return winner.value as Awaited<ReturnType<F[number]>>;
}

/** Every outcome in input order; a failure cancels nobody. Parks the task.
 *
 *  @example
 *  ```ts
 *  const outcomes = await settled([() => 1, () => { throw new Error("no"); }]);
 *  ```
 */
export async function settled<const F extends Functions>(
  fns: F,
  options?: ScopeOptions,
): Promise<{ -readonly [K in keyof F]: Outcome<Awaited<ReturnType<F[K]>>> }> {
  const outcomes: Outcome<unknown>[] = [];
  await runAll(fns, options, (index, outcome) => {
    outcomes[index] = outcome;
  });
  return outcomes as { -readonly [K in keyof F]: Outcome<Awaited<ReturnType<F[K]>>> };
}
