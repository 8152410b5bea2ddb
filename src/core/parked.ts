// A parked operation: the one place where a task waits inside brigade. It ends in exactly one way (settled, cancelled by
// its scope, aborted by its own signal, timed out) and leaves no node, listener or timer behind.
//
// Cancel XOR effect (Trio): whoever cancels calls `withdraw` first, so a cancelled operation did not happen; once `settle`
// has been called the result stands, and a cancel that comes later waits for the next operation.
import { TimeoutError } from "../contract/errors.ts";
import { currentScope } from "./context.ts";
import { checkDuration } from "./durations.ts";
import { type CancelCause, type CancelScope, cancelledBy, type ScopeWaiter } from "./scope.ts";
import { checkSignal, listenToSignal, type SignalListener, stopListening } from "./signals.ts";
import { type Timer, timers } from "./timers.ts";

/** How long a waiting operation may wait. What is cancelled or timed out did not happen. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; then `TimeoutError`. */
  readonly timeout?: number | undefined;
}

export class Parked<T> implements ScopeWaiter, SignalListener {
  nextWaiter: ScopeWaiter | undefined;
  previousWaiter: ScopeWaiter | undefined;
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;
  #scope: CancelScope | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #withdraw: () => void;
  #timer: Timer | undefined;

  /** Parks the current task. `withdraw` undoes what was begun; it is called before a rejection, never after `settle`. */
  constructor(scope: CancelScope, options: WaitOptions | undefined, withdraw: () => void) {
    this.#scope = scope;
    this.#signal = options?.signal;
    this.#withdraw = withdraw;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    scope.addWaiter(this);
    if (this.#signal) listenToSignal(this.#signal, this);
    const timeoutMs = options?.timeout;
    if (timeoutMs !== undefined) {
      this.#timer = timers.set(timeoutMs, () => this.fail(new TimeoutError(`Nothing came within ${timeoutMs} ms.`)), true);
    }
  }

  /** Still parked. */
  get waiting(): boolean {
    return this.#scope !== undefined;
  }

  /** The operation happened. */
  settle(value: T): void {
    if (this.#leave()) this.#resolve(value);
  }

  /** The operation did not happen. */
  fail(error: unknown): void {
    if (!this.#leave()) return;
    this.#withdraw();
    this.#reject(error);
  }

  onCancel(error: CancelCause): void {
    this.fail(error);
  }

  onAbort(reason: unknown): void {
    this.fail(cancelledBy(reason, "The operation"));
  }

  #leave(): boolean {
    const scope = this.#scope;
    if (scope === undefined) return false;
    this.#scope = undefined;
    scope.removeWaiter(this);
    if (this.#signal) stopListening(this.#signal, this);
    timers.clear(this.#timer);
    return true;
  }
}

/** The check that every waiting operation begins with: bad options throw, a pending cancel or an aborted signal rejects
 *  before anything is taken or sent. Returns the scope to park in. */
export function enterOperation(options?: WaitOptions): CancelScope {
  checkSignal(options?.signal);
  if (options?.timeout !== undefined) checkDuration("The option timeout", options.timeout);
  const scope = currentScope();
  scope.check();
  if (options?.signal?.aborted) throw cancelledBy(options.signal.reason, "The operation");
  return scope;
}
