// Cancel scope: a node in the tree along which cancellation and deadlines flow (Trio's cancel scopes, level-triggered).
//
// Invariants
// - `error` is set at most once. From then on every brigade operation in this scope throws it, again and again.
// - A cancel flows to all descendants except through a shield, whose parent link exists for context only. The whole
//   subtree is marked first and told afterwards, so nobody who is told finds a scope below that does not know yet.
// - Operations parked in a scope are in its waiter list and are woken by the cancel; nothing polls.
// - A scope leaves its parent's list when it ends; what it leaves behind floats free and is cancelled by nobody above. The
//   deadline it was begun under still holds: from then on it rings for itself.
import { setMaxListeners } from "node:events";
import { CancelledError, messageOf, TimeoutError } from "../contract/errors.ts";
import { type Timer, timers } from "./timers.ts";

/** What a cancelled operation throws. */
export type CancelCause = CancelledError | TimeoutError;

/** One task-local value in force: a list, newest first, so that a scope holds one reference and a rebinding copies nothing. */
export interface LocalBinding {
  /** The `TaskLocal`, or `undefined` for a value that came from another level, which is known by name alone. */
  readonly key: object | undefined;
  readonly name: string;
  readonly value: unknown;
  readonly next: LocalBinding | undefined;
}

/** An operation parked in a scope: a node of the scope's list. */
export interface ScopeWaiter {
  nextWaiter: ScopeWaiter | undefined;
  previousWaiter: ScopeWaiter | undefined;
  /** The scope was cancelled; the node is already out of the list. */
  onCancel(error: CancelCause): void;
}

export class CancelScope {
  parent: CancelScope | undefined;
  /** The pending cancel. */
  error: CancelCause | undefined;
  /** Values of task-locals in force here. */
  readonly locals: LocalBinding | undefined;
  #ended = false;
  /** `undefined` and not a number when there is none: a number would be one more object in each scope. */
  #deadlineAtMs: number | undefined;
  #timer: Timer | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #firstChild: CancelScope | undefined = undefined;
  #nextSibling: CancelScope | undefined = undefined;
  #previousSibling: CancelScope | undefined = undefined;
  #firstWaiter: ScopeWaiter | undefined = undefined;

  constructor(parent: CancelScope | undefined, locals: LocalBinding | undefined, shielded = false) {
    this.parent = parent;
    this.locals = locals;
    const linked = parent !== undefined && !shielded;
    this.#deadlineAtMs = linked ? parent.#deadlineAtMs : undefined;
    this.error = linked ? parent.error : undefined;
    if (!linked || parent === rootScope) return;
    if (parent.#ended) this.#float(parent.deadlineAtMs);
    else parent.#addChild(this);
  }

  /** Instant at which this scope or one above it expires; `Infinity` when none. */
  get deadlineAtMs(): number {
    return this.#deadlineAtMs ?? Number.POSITIVE_INFINITY;
  }

  set deadlineAtMs(atMs: number) {
    this.#deadlineAtMs = atMs;
  }

  /** Aborted when the scope is cancelled. Made when first asked for: an unread signal costs nothing. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // Ten fetches under one task are no leak.
      setMaxListeners(0, this.#controller.signal);
      if (this.error) this.#controller.abort(this.error);
    }
    return this.#controller.signal;
  }

  /** Cancels this scope and everything below it; nothing when it is cancelled already or has ended. */
  cancelWith(error: CancelCause): void {
    if (this.error || this.#ended) return;
    this.error = error;
    // A list and not a recursion: a chain of thousands of scopes must not exhaust the stack.
    const reached: CancelScope[] = [this];
    for (const scope of reached) {
      for (let child = scope.#firstChild; child; child = child.#nextSibling) {
        if (child.error) continue;
        child.error = error;
        reached.push(child);
      }
    }
    for (const scope of reached) scope.onCancelled(error);
  }

  /** Tells everybody who waits here that `error` is pending. */
  protected onCancelled(error: CancelCause): void {
    this.#controller?.abort(error);
    for (let waiter = this.#firstWaiter; waiter; waiter = this.#firstWaiter) {
      this.removeWaiter(waiter);
      waiter.onCancel(error);
    }
  }

  /** Expires after `delayMs` from now, unless a scope above expires sooner. Returns the error that will then be thrown, or
   *  `undefined` when the one above comes first. The program stays alive for it when `keepAlive`: where somebody waits. */
  expireAfter(delayMs: number, message: string, keepAlive = false): TimeoutError | undefined {
    const atMs = timers.now() + delayMs;
    if (atMs >= this.deadlineAtMs) return undefined;
    this.deadlineAtMs = atMs;
    const error = new TimeoutError(message);
    timers.clear(this.#timer);
    if (delayMs <= 0) this.cancelWith(error);
    else this.#timer = timers.set(delayMs, () => this.cancelWith(error), keepAlive);
    return error;
  }

  /** Itself: what the ambient context refers to is a scope or a frame around one (`context.ts`), and this tells without asking which. */
  get scope(): CancelScope {
    return this;
  }

  /** The scope whose opener has to wait for this one to end; a task says which. */
  get awaitedBy(): CancelScope | undefined {
    return undefined;
  }

  /** Takes the scope out of the tree. Its own children float free. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    timers.clear(this.#timer);
    if (this.parent !== undefined) this.parent.#removeChild(this);
    for (let child = this.#firstChild; child; child = this.#firstChild) {
      this.#removeChild(child);
      child.#float(this.deadlineAtMs);
    }
  }

  /** The scope above is gone, and so is the timer that would have rung at `deadlineAtMs`. */
  #float(deadlineAtMs: number): void {
    this.parent = rootScope;
    if (deadlineAtMs === Number.POSITIVE_INFINITY || this.error || this.#timer) return;
    const expire = () => this.cancelWith(new TimeoutError("The deadline under which this work was begun has passed."));
    this.#timer = timers.set(deadlineAtMs - timers.now(), expire);
  }

  /** Throws the pending cancel, if any. */
  check(): void {
    if (this.error) throw this.error;
  }

  /** The scopes right below. */
  *children(): Generator<CancelScope> {
    for (let child = this.#firstChild; child; child = child.#nextSibling) yield child;
  }

  addWaiter(waiter: ScopeWaiter): void {
    const first = this.#firstWaiter;
    waiter.nextWaiter = first;
    waiter.previousWaiter = undefined;
    if (first) first.previousWaiter = waiter;
    this.#firstWaiter = waiter;
  }

  removeWaiter(waiter: ScopeWaiter): void {
    if (waiter.previousWaiter) waiter.previousWaiter.nextWaiter = waiter.nextWaiter;
    else if (this.#firstWaiter === waiter) this.#firstWaiter = waiter.nextWaiter;
    if (waiter.nextWaiter) waiter.nextWaiter.previousWaiter = waiter.previousWaiter;
    waiter.nextWaiter = undefined;
    waiter.previousWaiter = undefined;
  }

  #addChild(child: CancelScope): void {
    const first = this.#firstChild;
    child.#nextSibling = first;
    if (first) first.#previousSibling = child;
    this.#firstChild = child;
  }

  /** Takes a child out of the list; nothing for one that is in none: a shielded one, one that floats, one below the root. */
  #removeChild(child: CancelScope): void {
    if (child.#previousSibling) child.#previousSibling.#nextSibling = child.#nextSibling;
    else if (this.#firstChild === child) this.#firstChild = child.#nextSibling;
    if (child.#nextSibling) child.#nextSibling.#previousSibling = child.#previousSibling;
    child.#nextSibling = undefined;
    child.#previousSibling = undefined;
  }
}

/** Around everything: never cancelled, never expires, keeps no list of children (they would only be held in memory). */
export const rootScope: CancelScope = new CancelScope(undefined, undefined);

/** The error of an explicit cancel: a reason that is one already is kept, so that it can be recognised by identity. */
export function cancelledBy(reason: unknown, what: string): CancelledError {
  if (isCancelledError(reason)) return reason;
  return new CancelledError(`${what} was cancelled${describe(reason)}.`, reason === undefined ? undefined : { cause: reason });
}

function isCancelledError(reason: unknown): reason is CancelledError {
  // A reason can be anything, a proxy that refuses to be looked at included; a cancel never throws for it.
  try {
    return reason instanceof CancelledError;
  } catch {
    return false;
  }
}

function describe(reason: unknown): string {
  const text = typeof reason === "string" ? reason : messageOf(reason);
  return text === undefined || text === "" ? "" : `: ${text.replace(/\.$/, "")}`;
}

/** Whether an error is the effect of the pending cancel: the very error, or the platform's way to say "aborted". */
export function isCancellation(error: unknown, pending: CancelCause): boolean {
  if (error === pending) return true;
  // A thrown proxy or a throwing getter must not break the settlement.
  try {
    return typeof error === "object" && error !== null && (error as { name?: unknown }).name === "AbortError";
  } catch {
    return false;
  }
}
