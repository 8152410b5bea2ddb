// Once: an initialiser that runs one time (Go's Once, Tokio's OnceCell): the first caller leads, the others wait for its outcome.
//
// States: **idle** → **running** → **done**, or back to **idle** when the initialiser fails. A leader that is cancelled has neither succeeded nor
// failed: it hands the lead to the one who has waited longest, who runs its own initialiser in its own task.
import { DeadlockError } from "../contract/errors.ts";
import type { LockOptions } from "../contract/sync.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { spendBudget } from "../core/checkpoint.ts";
import { ContextFrame, currentScope, currentStore, framesAround, runInScope } from "../core/context.ts";
import { enterOperation } from "../core/parked.ts";
import { ParkingLot } from "../core/parking-lot.ts";
import { type CancelScope, isCancellation } from "../core/scope.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { inWords } from "./name.ts";
import { afterTurn } from "./turn.ts";

/** What a waiter is given: the value, or the lead. */
type Handed<T> = { readonly leads: true } | { readonly leads: false; readonly value: T };

/** The code of an initialiser: running it again from inside would wait for itself. */
class Initialising extends ContextFrame {
  readonly once: object;
  ended = false;

  constructor(once: object) {
    const within = currentStore();
    super(within, within?.locals);
    this.once = once;
  }
}

/** Runs an initialiser once and keeps its value. Callers meanwhile wait for it and share its failure, after which the next call tries
 *  again. A cancelled initialiser hands over to a waiter.
 *
 *  @example
 *  ```ts
 *  const config = new Once<{ port: number }>({ name: "config" });
 *  let loads = 0;
 *  const load = async () => ({ port: 8_000 + ++loads });
 *  const [first, second] = await Promise.all([config.run(load), config.run(load)]);
 *  const same = first === second; // true
 *  ```
 */
export class Once<in out T> {
  readonly #line: ParkingLot<Handed<T>>;
  /** Somebody leads, or has been given the lead. */
  #running = false;
  /** Resolved with the value, once there is one. */
  #result: Promise<T> | undefined;

  constructor(options?: LockOptions) {
    this.#line = new ParkingLot<Handed<T>>({ waitingFor: inWords("initialiser", options?.name) });
  }

  /** An initialiser has succeeded. */
  get done(): boolean {
    return this.#result !== undefined;
  }

  /** The value of the initialiser that ran, or of `fn`, which is then called in this task. Parks the task meanwhile; `signal` and
   *  `timeout` (ms) limit the wait for another's initialiser, not its own. Rejects as the initialiser does, with `CancelledError` or
   *  `TimeoutError`, and with `DeadlockError` inside its own initialiser.
   *
   *  @example
   *  ```ts
   *  const once = new Once<number>();
   *  const failed = await once.run(() => Promise.reject(new Error("no network"))).catch((error) => error.message); // "no network"
   *  const value = await once.run(async () => 42); // 42
   *  ```
   */
  run(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    const turn = spendBudget();
    const settled = options === undefined && currentScope().error === undefined ? this.#result : undefined;
    const value = settled ?? this.#run(fn, options);
    return turn === undefined ? value : afterTurn(value, turn);
  }

  async #run(fn: () => T | PromiseLike<T>, options: WaitOptions | undefined): Promise<T> {
    if (typeof fn !== "function") throw new TypeError("run needs a function: once.run(() => load()).");
    const scope = enterOperation(options);
    if (this.#result !== undefined) return this.#result;
    if (!this.#running) return this.#lead(fn, scope);
    this.#refuseReentry();
    const handed = await this.#line.park(scope, options, undefined).promise;
    return handed.leads ? this.#lead(fn, scope) : handed.value;
  }

  async #lead(fn: () => T | PromiseLike<T>, scope: CancelScope): Promise<T> {
    this.#running = true;
    const frame = new Initialising(this);
    try {
      // It may have been cancelled since it was given the lead.
      scope.check();
      const value = await runInScope(frame, async () => fn());
      this.#running = false;
      this.#result = Promise.resolve(value);
      this.#line.settleAll({ leads: false, value });
      return value;
    } catch (error) {
      if (scope.error !== undefined && isCancellation(error, scope.error)) this.#handOver();
      else this.#fail(error);
      throw error;
    } finally {
      frame.ended = true;
    }
  }

  #fail(error: unknown): void {
    this.#running = false;
    this.#line.failAll(() => error);
  }

  /** Without a waiter nobody leads, and the next call begins anew. */
  #handOver(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#running = false;
    else next.settle({ leads: true });
  }

  #refuseReentry(): void {
    for (const frame of framesAround(currentStore())) {
      if (!(frame instanceof Initialising && frame.once === this && !frame.ended)) continue;
      const what = this.#line.waitingFor;
      throw new DeadlockError(`Running ${what} inside itself can never succeed: it would wait for its own end.`, [
        `${what} waits for itself`,
      ]);
    }
  }
}
bindToThread(Once, "a Once");
