// A parked operation: the one place where a task waits inside brigade. It ends in exactly one way (settled, cancelled by
// its scope, aborted by its own signal, timed out) and leaves no node, listener or timer behind.
//
// Cancel XOR effect (Trio): a cancelled operation did not happen. Whoever cancels tells the operation's `home` first, which
// takes it out of its line; once `settle` has been called the result stands, and a cancel that comes later waits for the
// next operation. Both are synchronous, so there is no instant between "granted" and "cancelled".
//
// One object is node of its scope's list, node of a line (`core/parking-lot.ts`) and owner of the promise: waiting costs this
// object, a promise and its two functions, and with a signal or a timeout one more.
import { TimeoutError } from "../contract/errors.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { currentScope } from "./context.ts";
import { checkDuration } from "./durations.ts";
import { type ParkedOperation, parkRecorder } from "./park-recorder.ts";
import { type CancelCause, type CancelScope, cancelledBy, type ScopeWaiter } from "./scope.ts";
import { Settlement } from "./settlement.ts";
import { checkSignal, listenToSignal, type SignalListener, stopListening } from "./signals.ts";
import { type Timer, timers } from "./timers.ts";

/** Where an operation is parked. */
export interface Home {
  /** What its operations wait for, in words, such as `the mutex "db"`. Read when somebody asks, never on the way. */
  readonly waitingFor: string;
  /** The operation is cancelled and did not happen: undo what was begun. Never called after `settle`. */
  withdraw(operation: LineNode<never, never>): void;
  /** Asked before a cancel, where others than this thread may serve: true when it is not for this thread to say. Then the operation has
   *  happened meanwhile and been settled, or whoever knows is asked, and it will be settled, or fail with this error. */
  late?(operation: LineNode<never, never>, error: unknown): boolean;
}

/** What stands in a line and is served from it: a parked operation, or a case of a `select`. */
export interface LineNode<T, P> {
  next: LineNode<T, P> | undefined;
  previous: LineNode<T, P> | undefined;
  /** What the operation brings: a value to send, a number of permits. */
  readonly payload: P;
  /** May be served now; the cases of a `select` between two rounds keep their place and are passed over. */
  readonly ready: boolean;
  /** The `select` it is a case of. Two cases of one select never serve each other. */
  readonly select: object | undefined;
  /** It happened, with this result. The node is out of its line. */
  settle(value: T): void;
  /** It failed. The node is out of its line. */
  fail(error: unknown): void;
}

/** What ends a wait besides its scope. */
class Bounds implements SignalListener {
  readonly #operation: Parked<never, never>;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: Timer | undefined;

  constructor(operation: Parked<never, never>, { signal, timeout: timeoutMs }: WaitOptions) {
    this.#operation = operation;
    this.#signal = signal;
    if (signal) listenToSignal(signal, this);
    if (timeoutMs !== undefined) {
      const expire = () => operation.cancel(new TimeoutError(`Waiting for ${operation.home.waitingFor} took longer than ${timeoutMs} ms.`));
      this.#timer = timers.set(timeoutMs, expire, true);
    }
  }

  onAbort(reason: unknown): void {
    this.#operation.cancel(cancelledBy(reason, "The operation"));
  }

  lift(): void {
    if (this.#signal) stopListening(this.#signal, this);
    timers.clear(this.#timer);
  }
}

export class Parked<T, P = undefined> extends Settlement<T> implements ScopeWaiter, LineNode<T, P> {
  nextWaiter: ScopeWaiter | undefined = undefined;
  previousWaiter: ScopeWaiter | undefined = undefined;
  next: LineNode<T, P> | undefined = undefined;
  previous: LineNode<T, P> | undefined = undefined;
  readonly payload: P;
  /** Changes when a line moves to where other threads can see it. */
  home: Home;
  #scope: CancelScope | undefined;
  #bounds: Bounds | undefined;

  /** Parks the current task. The caller has asked `enterOperation`, which gives the scope. */
  constructor(scope: CancelScope, options: WaitOptions | undefined, home: Home, payload: P) {
    super();
    this.payload = payload;
    this.home = home;
    this.#scope = scope;
    this.#bounds = undefined;
    scope.addWaiter(this);
    if (options !== undefined && (options.signal !== undefined || options.timeout !== undefined)) {
      this.#bounds = new Bounds(this as unknown as Parked<never, never>, options);
    }
    parkRecorder?.parked(this as unknown as ParkedOperation);
  }

  /** Still parked. */
  get waiting(): boolean {
    return this.#scope !== undefined;
  }

  /** Where it is parked; `undefined` once it has ended. */
  get scope(): CancelScope | undefined {
    return this.#scope;
  }

  /** Something besides its scope may end the wait. */
  get bounded(): boolean {
    return this.#bounds !== undefined;
  }

  get ready(): boolean {
    return true;
  }

  get select(): undefined {
    return undefined;
  }

  settle(value: T): void {
    if (this.#leave()) this.resolve(value);
  }

  fail(error: unknown): void {
    if (this.#leave()) this.reject(error);
  }

  /** The operation did not happen: takes it from its home first. */
  cancel(error: unknown): void {
    if (this.#scope === undefined || this.home.late?.(this as unknown as LineNode<never, never>, error)) return;
    this.#leave();
    this.home.withdraw(this as unknown as LineNode<never, never>);
    this.reject(error);
  }

  onCancel(error: CancelCause): void {
    this.cancel(error);
  }

  #leave(): boolean {
    const scope = this.#scope;
    if (scope === undefined) return false;
    this.#scope = undefined;
    scope.removeWaiter(this);
    if (this.#bounds !== undefined) this.#bounds.lift();
    parkRecorder?.left(this as unknown as ParkedOperation);
    return true;
  }
}

/** The check that every waiting operation begins with: bad options throw, a pending cancel or an aborted signal throws
 *  before anything is taken or sent. Returns the scope to park in. */
export function enterOperation(options?: WaitOptions): CancelScope {
  if (options !== undefined) checkWait(options);
  const scope = currentScope();
  if (scope.error !== undefined) throw scope.error;
  return scope;
}

function checkWait({ signal, timeout: timeoutMs }: WaitOptions): void {
  checkSignal(signal);
  if (timeoutMs !== undefined) checkDuration("The option timeout", timeoutMs);
  // The pending cancel of the scope comes first: level-triggered, whatever else is wrong.
  currentScope().check();
  if (signal?.aborted) throw cancelledBy(signal.reason, "The operation");
}
