// Condition variable (Hoare's monitors with Mesa semantics, as in pthreads and asyncio): a notified waiter queues for the mutex like
// everybody else, so what was true at the notify may be false again: wait for a predicate.
//
// Invariants
// - `wait` ends with the mutex held again, however it ends. While it waits the guard of the caller is suspended; the same guard is held
//   again afterwards, so whoever has it (a section, a `using`) goes on as before.
// - Getting the mutex back is shielded: a cancel ends the wait for the notify, never the way back.
// - No notify is lost: one that a waiter got who is cancelled on the way back goes to the next.
import { NotOwnerError, TimeoutError } from "../contract/errors.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { spendBudget } from "../core/checkpoint.ts";
import { currentStore, framesAround, InnerScope } from "../core/context.ts";
import { checkCount } from "../core/durations.ts";
import { enterOperation } from "../core/parked.ts";
import { ParkingLot } from "../core/parking-lot.ts";
import type { CancelScope } from "../core/scope.ts";
import { bindToThread } from "../core/thread-bound.ts";
import type { PermitGuard } from "./guard.ts";
import { Mutex, permitsOf } from "./mutex.ts";
import type { Permits } from "./permits.ts";
import { WholeWait } from "./whole-wait.ts";

/** Waiting for a predicate under a mutex. All but `mutex` throw `NotOwnerError` unless the caller holds it: a section of `with` is the
 *  holder itself, and of a bare guard nobody can tell whose it is, so it counts as the caller's.
 *
 *  @example
 *  ```ts
 *  const condition = new Condition();
 *  const jobs: string[] = [];
 *  const worker = condition.mutex.with(async () => {
 *    await condition.waitFor(() => jobs.length > 0);
 *    return jobs.shift();
 *  });
 *  await condition.mutex.with(() => {
 *    jobs.push("paint");
 *    condition.notify();
 *  });
 *  const job = await worker; // "paint"
 *  ```
 */
export class Condition<out M = Mutex> {
  readonly mutex: M;
  readonly #permits: Permits;
  readonly #line: ParkingLot<void>;

  /** @param mutex one of its own when not given. */
  constructor(mutex?: M) {
    const own: unknown = mutex ?? new Mutex();
    if (!(own instanceof Mutex)) throw new TypeError("Condition needs a Mutex: new Condition(new Mutex()).");
    this.mutex = own as M;
    this.#permits = permitsOf(own);
    this.#line = new ParkingLot<void>({ waitingFor: `a condition of ${this.#permits.waitingFor}` });
  }

  /** Releases the mutex, parks the task until it is notified, and acquires the mutex again, also when it rejects: with
   *  `CancelledError`, `TimeoutError` after `timeout` ms, or `NotOwnerError`. Getting the mutex back may take longer than the timeout.
   *
   *  @example
   *  ```ts
   *  const condition = new Condition();
   *  const outcome = await condition.mutex.with(() => condition.wait({ timeout: 1 }).catch((error) => error.name));
   *  console.log(outcome); // TimeoutError
   *  ```
   */
  async wait(options?: WaitOptions): Promise<void> {
    const guard = this.#owned("wait");
    const scope = enterOperation(options);
    const turn = spendBudget();
    const waiting = this.#line.park(scope, options, undefined).promise;
    guard.suspend();
    let notified = false;
    try {
      await waiting;
      notified = true;
    } finally {
      await this.#return(guard, notified, scope);
      await turn;
    }
  }

  /** Waits until `predicate` returns true; it is called with the mutex held. Rejects as `wait` does, and with what the predicate throws;
   *  `timeout` (ms) limits the whole, and is no failure when the predicate holds in the end.
   *
   *  @example
   *  ```ts
   *  const condition = new Condition();
   *  await condition.mutex.with(() => condition.waitFor(() => true));
   *  ```
   */
  async waitFor(predicate: () => boolean, options?: WaitOptions): Promise<void> {
    if (typeof predicate !== "function") throw new TypeError("waitFor needs a function: condition.waitFor(() => queue.length > 0).");
    this.#owned("waitFor");
    await spendBudget();
    const scope = enterOperation(options);
    const whole = new WholeWait(options);
    while (!predicate()) {
      try {
        await this.wait(whole.rest());
      } catch (error) {
        if (scope.error === undefined && error instanceof TimeoutError && predicate()) return;
        throw error;
      }
    }
  }

  /** Wakes the `n` (default 1) who have waited longest; they go on once they have the mutex. Never waits. Throws `NotOwnerError`, and
   *  `RangeError` unless `n` is a whole number, 0 or more.
   *
   *  @example
   *  ```ts
   *  const condition = new Condition();
   *  await condition.mutex.with(() => condition.notify(2));
   *  ```
   */
  notify(n = 1): void {
    this.#owned("notify");
    checkCount("The number to notify", n, 0, true);
    this.#wake(n);
  }

  /** Wakes everybody who waits. Never waits. Throws `NotOwnerError`. */
  notifyAll(): void {
    this.#owned("notifyAll");
    this.#line.settleAll(undefined);
  }

  /** The guard that holds the mutex, when it is the caller's. */
  #owned(what: string): PermitGuard {
    const guard = this.#permits.newest;
    if (guard !== undefined && (guard.section === undefined || isInside(guard.section))) return guard;
    throw new NotOwnerError(`${what} needs ${this.#permits.waitingFor} to be held by the caller: call it inside mutex.with(…).`);
  }

  #wake(n: number): void {
    for (let left = n; left > 0; left--) {
      const node = this.#line.shift();
      if (node === undefined) return;
      node.settle();
    }
  }

  /** The way back into the mutex. A notified waiter that is not to go on leaves the notify to the next. */
  async #return(guard: PermitGuard, notified: boolean, scope: CancelScope): Promise<void> {
    // A scope of its own: a cancel does not reach it, and it still stands where the wait stood.
    const shielded = new InnerScope(true);
    try {
      await guard.resume(shielded);
      if (notified) scope.check();
    } catch (error) {
      if (notified) this.#wake(1);
      throw error;
    } finally {
      shielded.end();
    }
  }
}
bindToThread(Condition, "a Condition");

function isInside(section: object): boolean {
  for (const frame of framesAround(currentStore())) if (frame === section) return true;
  return false;
}
