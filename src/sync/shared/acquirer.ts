// The forms in which every shared lock can be acquired, over the steps of one target.
import { LockPoisonedError, TimeoutError } from "../../contract/errors.ts";
import type { Guard } from "../../contract/sync.ts";
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { type CaseNode, LazyClause, notReady } from "../../core/clause.ts";
import { checkDuration } from "../../core/durations.ts";
import { enterOperation } from "../../core/parked.ts";
import { EXPIRED, ORPHANED } from "../../memory/futex-mutex.ts";
import { checkSections, inSection } from "./section.ts";
import { type Request, type Target, TaskLine } from "./task-line.ts";

/** A lock, for all forms. */
export interface AcquirerTarget<G extends Guard> extends Omit<Target<G>, "poisoned"> {
  /** `TAKEN`, `ORPHANED`, or `EXPIRED` when it would have to wait. */
  tryTake(request: Request): number;
  takeSync(request: Request, timeoutMs: number): number;
  /** The thread that died with it. */
  readonly lost: number;
  nameOf(thread: number): string;
  /** What it is one lock with, in the eyes of sections. */
  readonly lock: object;
  /** Who waits while it is this code's own waits for ever. */
  readonly exclusive: boolean;
}

export class Acquirer<G extends Guard> {
  readonly #target: AcquirerTarget<G>;
  readonly #line: TaskLine<G>;

  constructor(target: AcquirerTarget<G>) {
    this.#target = target;
    this.#line = new TaskLine<G>({
      waitingFor: target.waitingFor,
      begin: (request, wake) => target.begin(request, wake),
      grant: (request, outcome) => target.grant(request, outcome),
      strayWake: () => target.strayWake(),
      poisoned: () => this.#poisoned(),
    });
  }

  /** `again`: the sections around are of one who has let go of the lock for a while and takes it back. */
  acquire(request: Request, options?: WaitOptions, again = false): Promise<G> {
    try {
      const scope = enterOperation(options);
      const guard = this.tryAcquire(request);
      if (guard !== undefined) return Promise.resolve(guard);
      if (this.#target.exclusive && !again) checkSections(this.#target.lock, this.#target.waitingFor);
      const parked = this.#line.lot.park(scope, options, request);
      this.#line.serve();
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Tasks of this thread stand in line. */
  get hasWaiters(): boolean {
    return this.#line.lot.first !== undefined;
  }

  tryAcquire(request: Request): G | undefined {
    // Those of this thread that wait go first.
    if (this.hasWaiters) return undefined;
    return this.#result(request, this.#target.tryTake(request));
  }

  acquireSync(request: Request, timeoutMs: number = Number.POSITIVE_INFINITY): G {
    enterOperation();
    checkDuration("The time limit", timeoutMs);
    const guard = this.#result(request, this.#target.takeSync(request, timeoutMs));
    if (guard !== undefined) return guard;
    throw new TimeoutError(`Waiting for ${this.#target.waitingFor} took longer than ${timeoutMs} ms.`);
  }

  async with<R>(fn: () => R, request: Request, options?: WaitOptions): Promise<Awaited<R>> {
    const guard = await this.acquire(request, options);
    try {
      return await inSection(this.#target.lock, guard, fn);
    } finally {
      guard.release();
    }
  }

  withSync<R>(fn: () => R, request: Request, timeoutMs?: number): R {
    return runGuarded(this.acquireSync(request, timeoutMs), fn);
  }

  clause(request: Request): Clause<G> {
    return new SharedClause(this.#target.waitingFor, this, this.#line, request);
  }

  #result(request: Request, outcome: number): G | undefined {
    if (outcome === EXPIRED) return undefined;
    if (outcome === ORPHANED) throw this.#poisoned();
    return this.#target.grant(request, outcome);
  }

  #poisoned(): LockPoisonedError {
    const who = this.#target.nameOf(this.#target.lost);
    const repair: Request = { permits: 1, repairing: true };
    return new LockPoisonedError(
      `${who} ended while it held ${this.#target.waitingFor}; what that guards may be half done. Call recover() on this error, repair it, and release.`,
      who,
      {
        recover: (options) => this.acquire(repair, options),
        recoverSync: (timeoutMs) => this.acquireSync(repair, timeoutMs),
      },
    );
  }
}

/** Runs a synchronous function and releases. It is no section: nothing that it starts can be waited for inside it, and what blocks its
 *  thread is refused by the thread that holds the lock. */
export function runGuarded<R>(guard: Guard, fn: () => R): R {
  try {
    const result = fn();
    if (typeof (result as { then?: unknown } | null)?.then === "function") {
      throw new TypeError("withSync runs a synchronous function; use `with` for one that returns a promise.");
    }
    return result;
  } finally {
    guard.release();
  }
}

/** An acquisition that `select` may commit to. */
class SharedClause<G extends Guard> extends LazyClause<G> {
  override readonly payload: Request;
  readonly waitingFor: string;
  readonly #acquirer: Acquirer<G>;
  readonly #line: TaskLine<G>;

  constructor(waitingFor: string, acquirer: Acquirer<G>, line: TaskLine<G>, request: Request) {
    super();
    this.waitingFor = waitingFor;
    this.payload = request;
    this.#acquirer = acquirer;
    this.#line = line;
  }

  attempt(): G | typeof notReady {
    return this.#acquirer.tryAcquire(this.payload) ?? notReady;
  }

  enlist(node: CaseNode): void {
    this.#line.lot.enlist(node as never);
  }

  override arrived(): void {
    this.#line.serve();
  }

  override stoodAside(): void {
    this.#line.serve();
  }

  delist(node: CaseNode): void {
    this.#line.lot.withdraw(node as never);
  }
}
