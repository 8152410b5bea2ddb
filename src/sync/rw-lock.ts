// Readers-writer lock in one first-in-first-out line (Tokio's RwLock): a reader takes one permit and a writer all of them, so a waiting
// writer keeps later readers out and neither side starves. No upgrade: two readers that wait to become writers would wait for each other.
import { NotOwnerError } from "../contract/errors.ts";
import type { Guard, LockOptions, WriteGuard } from "../contract/sync.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { currentStore } from "../core/context.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { AcquiringClause } from "./acquiring.ts";
import { PermitGuard } from "./guard.ts";
import { Permits } from "./permits.ts";
import { sectionsAround } from "./section.ts";

/** More readers than there can be. */
const everything = 2 ** 30;
const one = 1;

class WritePermitGuard extends PermitGuard implements WriteGuard {
  downgrade(): Guard {
    if (!this.held) throw new NotOwnerError(`This guard of ${this.lock.waitingFor} is released already: downgrade it while it is held.`);
    this.state = "released";
    return this.lock.shrink(this, one);
  }
}

class ReadWritePermits extends Permits {
  protected override newGuard(permits: number): PermitGuard {
    return permits === everything ? new WritePermitGuard(this, permits) : new PermitGuard(this, permits);
  }

  /** A reader inside its own read section goes past waiting writers: they wait for it. */
  protected override passes(permits: number): boolean {
    return permits === one && sectionsAround(currentStore()).some(({ guard }) => guard?.lock === this && guard.permits === one);
  }
}

/** Many readers or one writer; waiting writers go before new readers. A read inside the lock's own read section is let in; every other
 *  way of acquiring it inside its own section rejects with `DeadlockError`.
 *
 *  @example
 *  ```ts
 *  const lock = new RWLock({ name: "settings" });
 *  let settings = { theme: "light" };
 *  await lock.withWrite(async () => {
 *    settings = { theme: "dark" };
 *  });
 *  const theme = await lock.withRead(() => settings.theme); // "dark"
 *  ```
 */
export class RWLock {
  readonly #permits: Permits;

  constructor(options?: LockOptions) {
    this.#permits = new ReadWritePermits("rwlock", options?.name, everything);
  }

  /** Parks the task until no writer holds it or stands in line before. Rejects with `CancelledError`, `TimeoutError`, or `DeadlockError`.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const [first, second] = [await lock.acquireRead(), await lock.acquireRead()];
   *  first.release();
   *  second.release();
   *  ```
   */
  acquireRead(options?: WaitOptions): Promise<Guard> {
    return this.#permits.acquire(one, options);
  }

  /** Parks the task until it is the only one. Rejects as `acquireRead` does.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const writing = await lock.acquireWrite({ timeout: 1_000 });
   *  const reading = writing.downgrade();
   *  const alone = writing.held; // false
   *  reading.release();
   *  ```
   */
  acquireWrite(options?: WaitOptions): Promise<WriteGuard> {
    return this.#permits.acquire(everything, options) as Promise<Guard> as Promise<WriteGuard>;
  }

  /** The guard of a reader, or `undefined` when it would have to wait. Never waits.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const guard = lock.tryAcquireRead();
   *  const writer = lock.tryAcquireWrite(); // undefined
   *  guard?.release();
   *  ```
   */
  tryAcquireRead(): Guard | undefined {
    return this.#permits.tryAcquire(one);
  }

  /** The guard of a writer, or `undefined` when it would have to wait. Never waits.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const guard = lock.tryAcquireWrite();
   *  const reader = lock.tryAcquireRead(); // undefined
   *  guard?.release();
   *  ```
   */
  tryAcquireWrite(): WriteGuard | undefined {
    return this.#permits.tryAcquire(everything) as Guard | undefined as WriteGuard | undefined;
  }

  /** Runs `fn` as a reader, and releases when what `fn` returned has settled. Parks the task; rejects as `acquireRead` and as `fn` do.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const inner = await lock.withRead(() => lock.withRead(async () => "both read")); // "both read"
   *  ```
   */
  withRead<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#permits.with(fn, one, options);
  }

  /** Runs `fn` as the only one, and releases when what `fn` returned has settled. Parks the task; rejects as `acquireWrite` and as `fn` do.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const written = await lock.withWrite(async () => 1); // 1
   *  ```
   */
  withWrite<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#permits.with(fn, everything, options);
  }

  /** A clause that is ready when a reader may enter; `select` gets the guard. Never waits.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const got = await select({ read: lock.acquiringRead(), late: after(1_000) });
   *  if (got.key === "read") got.value.release();
   *  ```
   */
  acquiringRead(): Clause<Guard> {
    return new AcquiringClause<Guard>(this.#permits, one);
  }

  /** A clause that is ready when a writer may enter; `select` gets the guard. Never waits.
   *
   *  @example
   *  ```ts
   *  const lock = new RWLock();
   *  const got = await select({ write: lock.acquiringWrite() });
   *  got.value.downgrade().release();
   *  ```
   */
  acquiringWrite(): Clause<WriteGuard> {
    return new AcquiringClause<WriteGuard>(this.#permits, everything);
  }
}
bindToThread(RWLock, "an RWLock");
