// SharedMutex: one holder at a time among all threads, over the one-word mutex of memory/.
import { DeadlockError } from "../../contract/errors.ts";
import type { Guard, Lock, LockOptions } from "../../contract/sync.ts";
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { currentScope } from "../../core/context.ts";
import { allocateWords, type SharedWords } from "../../memory/atomics.ts";
import { EXPIRED, FutexMutex, ORPHANED, TAKEN } from "../../memory/futex-mutex.ts";
import { type Party, partyIn } from "../../memory/party.ts";
import { Acquirer, type AcquirerTarget, runGuarded } from "./acquirer.ts";
import { type Place, placeOf, settle } from "./place.ts";
import type { Request, Taking } from "./task-line.ts";
import { Sleeper } from "./watch.ts";

const plain: Request = { permits: 1, repairing: false };

/** The mutex itself, for what waits under one. */
export let mutexOf: (mutex: SharedMutex) => FutexMutex;
/** Takes it back inside its own section. Parks the task. */
export let reacquire: (mutex: SharedMutex) => Promise<Guard>;

/** The blocking forms of a lock. */
export interface LockSync<in O = unknown> {
  /** Blocks the thread; `TimeoutError` after `timeoutMs`. */
  readonly acquireSync: (timeoutMs?: number, options?: O) => Guard;
  /** Blocks the thread to acquire, runs `fn` (which must be synchronous), releases. */
  withSync<R>(fn: () => R extends PromiseLike<unknown> ? never : R, timeoutMs?: number): R;
}

/** A held mutex. Its own class instead of `SharedGuard`, whose closure would cost as much as the lock. */
class MutexGuard implements Guard {
  #mutex: FutexMutex | undefined;

  constructor(mutex: FutexMutex) {
    this.#mutex = mutex;
  }

  get held(): boolean {
    return this.#mutex !== undefined;
  }

  release(): void {
    const mutex = this.#mutex;
    if (mutex === undefined) return;
    this.#mutex = undefined;
    mutex.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The steps of the mutex, for the tasks and the blocking calls of this thread. */
class MutexTarget implements AcquirerTarget<Guard> {
  readonly exclusive = true;
  readonly waitingFor: string;
  readonly mutex: FutexMutex;
  readonly #index: number;
  readonly #words: SharedWords;
  readonly party: Party;
  #sleeper: Sleeper | undefined;

  constructor({ words, base, name }: Place) {
    this.waitingFor = name === undefined ? "a shared mutex" : `the shared mutex ${JSON.stringify(name)}`;
    this.party = partyIn(words.buffer);
    this.mutex = new FutexMutex(words, base, this.party.me, this.party.deaths);
    this.#words = words;
    this.#index = base;
  }

  get lock(): object {
    return this.mutex;
  }

  get lost(): number {
    return this.mutex.lost;
  }

  nameOf(thread: number): string {
    return this.party.nameOf(thread);
  }

  tryTake(request: Request): number {
    if (this.mutex.tryAcquire()) return TAKEN;
    if (request.repairing) return EXPIRED;
    return this.mutex.lost > 0 ? ORPHANED : EXPIRED;
  }

  takeSync({ repairing }: Request, timeoutMs: number): number {
    if (this.mutex.tryAcquire()) return TAKEN;
    if (this.mutex.isMine && timeoutMs === Number.POSITIVE_INFINITY) {
      const cycle = [`this thread holds ${this.waitingFor}`, "and blocks until it is released"];
      throw new DeadlockError(
        "This thread holds the lock and would block until it releases it itself. Use `acquire`, or release first.",
        cycle,
      );
    }
    return this.mutex.acquireSync(timeoutMs, repairing);
  }

  begin({ repairing }: Request, wake: () => void): Taking {
    this.#sleeper ??= new Sleeper(this.#words, wake);
    const sleeper = this.#sleeper;
    let rounds = 0;
    return {
      attempt: () => {
        for (;;) {
          const outcome = this.mutex.attempt(rounds++, repairing);
          if (outcome <= 0 || sleeper.sleep(this.#index, outcome)) return outcome;
        }
      },
      look: () => {},
      abandon: () => this.mutex.giveUp(rounds),
    };
  }

  grant(): Guard {
    return new MutexGuard(this.mutex);
  }

  strayWake(): void {
    this.mutex.passOn();
  }
}

/** One holder at a time among all threads that have it: pass it as an argument. Tasks of one thread get it first in, first out; among
 *  threads the running one has the advantage, but nobody is passed over for long. When a thread ends while it holds it, it is
 *  *poisoned*: every acquire rejects with `LockPoisonedError` until one recovers it. An owner is a `with` section, and for the blocking
 *  forms a thread: acquiring again inside throws `DeadlockError`.
 *
 *  @example
 *  ```ts
 *  const mutex = new SharedMutex({ name: "till" });
 *  const till = new Int32Array(new SharedArrayBuffer(4));
 *  mutex.withSync(() => {
 *    till[0] = (till[0] ?? 0) + 5;
 *  });
 *  await mutex.with(async () => {
 *    till[0] = (till[0] ?? 0) + 7;
 *  });
 *  console.log(till[0]); // 12
 *  ```
 */
export class SharedMutex implements Lock, LockSync {
  static {
    mutexOf = (mutex) => mutex.#mutex;
    reacquire = (mutex) => mutex.#acquirer.acquire(plain, undefined, true);
  }
  readonly #mutex: FutexMutex;
  readonly #acquirer: Acquirer<Guard>;

  /** Words that it needs. */
  static readonly size = 1;

  constructor(options?: LockOptions) {
    const place = settle(this, placeOf(options) ?? { words: allocateWords(SharedMutex.size), base: 0, name: options?.name });
    const target = new MutexTarget(place);
    this.#mutex = target.mutex;
    this.#acquirer = new Acquirer(target);
  }

  /** Somebody holds it. */
  get locked(): boolean {
    return this.#mutex.holder !== 0;
  }

  /** Parks the task until the lock is its own. Rejects with `LockPoisonedError`, `CancelledError`, `TimeoutError` or `DeadlockError`. */
  readonly acquire = (options?: WaitOptions): Promise<Guard> => this.#acquirer.acquire(plain, options);

  /** The guard, or `undefined` when it would have to wait. Never waits. Throws `LockPoisonedError`. */
  readonly tryAcquire = (): Guard | undefined => {
    const mutex = this.#mutex;
    // Those of this thread that wait go first.
    if (!this.#acquirer.hasWaiters && mutex.tryAcquire()) return new MutexGuard(mutex);
    return this.#acquirer.tryAcquire(plain);
  };

  /** Blocks the thread, `timeoutMs` at most; then `TimeoutError`. `DeadlockError` when this thread holds it. */
  readonly acquireSync = (timeoutMs?: number): Guard => {
    const mutex = this.#mutex;
    // The short way of what the acquirer does for all locks: through its layers a free mutex would cost twice as much.
    if (timeoutMs === undefined && currentScope().error === undefined && mutex.tryAcquire()) return new MutexGuard(mutex);
    return this.#acquirer.acquireSync(plain, timeoutMs);
  };

  /** Acquires, runs `fn`, releases when what `fn` returned has settled. Parks the task. */
  with<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#acquirer.with(fn, plain, options);
  }

  /** Blocks the thread to acquire, runs `fn`, which must be synchronous, releases. */
  withSync<R>(fn: () => R extends PromiseLike<unknown> ? never : R, timeoutMs?: number): R {
    return runGuarded(this.acquireSync(timeoutMs), fn as () => R);
  }

  /** A clause for `select`: ready when it is free. */
  acquiring(): Clause<Guard> {
    return this.#acquirer.clause(plain);
  }
}
