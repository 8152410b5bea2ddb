// Locks: what every one of them can do, whatever it guards.
import type { Clause, WaitOptions } from "./waiting.ts";

/** A held lock, released by whoever has the guard; dispose or `release()` once, nothing when already released. */
export interface Guard extends Disposable {
  readonly held: boolean;
  /** Gives the lock to whoever has waited longest. Never waits. */
  release(): void;
}

/** A held write lock. */
export interface WriteGuard extends Guard {
  /** Becomes a read guard with no gap for another writer; this guard is then released. Throws `NotOwnerError` when it is released
   *  already. Never waits. */
  downgrade(): Guard;
}

/** What every lock can do, FIFO. Acquiring again inside the lock's own `with` section rejects with `DeadlockError` at once;
 *  separate native branches of one task queue like separate tasks. */
export interface Lock<in O extends WaitOptions = WaitOptions> {
  /** Parks the task until the lock is its own. The options limit the wait, not how long it is held. */
  readonly acquire: (options?: O) => Promise<Guard>;
  /** The guard, or `undefined` when it would have to wait. */
  readonly tryAcquire: (options?: Omit<O, keyof WaitOptions>) => Guard | undefined;
  /** Acquires, runs `fn`, releases whatever happens, when what `fn` returned has settled and not before. */
  with<R>(fn: () => R, options?: O): Promise<Awaited<R>>;
  /** A clause for `select`. */
  acquiring(options?: Omit<O, keyof WaitOptions>): Clause<Guard>;
}

/** Settings of a lock. */
export interface LockOptions {
  /** Shown in findings, errors and the task tree. */
  readonly name?: string | undefined;
}

/** How many permits, and how long to wait. */
export interface PermitOptions extends WaitOptions {
  /** How many at once; default 1. */
  readonly permits?: number | undefined;
}
