// Semaphore: weighted permits, strictly first in first out (Tokio's Semaphore): the head of the line blocks, so that a large request
// is never starved by small ones. Released by guards only, so it never gets more permits than it had.
import type { Guard, Lock, LockOptions, PermitOptions } from "../contract/sync.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { checkCount } from "../core/durations.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { AcquiringClause } from "./acquiring.ts";
import { Permits } from "./permits.ts";

/** A number of permits for any task to take and give back. Not owned: whoever has the guard may release it. A request above the
 *  capacity rejects with `RangeError`, and one that the enclosing `with` sections have made impossible with `DeadlockError`.
 *
 *  @example
 *  ```ts
 *  const connections = new Semaphore(2, { name: "connections" });
 *  const pages = await Promise.all(["a", "b", "c"].map((page) => connections.with(async () => page.toUpperCase())));
 *  console.log(pages.join()); // A,B,C
 *  ```
 */
export class Semaphore implements Lock<PermitOptions> {
  readonly #permits: Permits;

  /** @param permits a whole number, 0 or more; `Infinity` is allowed. */
  constructor(permits: number, options?: LockOptions) {
    this.#permits = new Permits("semaphore", options?.name, checkCount("The number of permits", permits, 0, true));
  }

  /** Permits that nobody holds. */
  get available(): number {
    return this.#permits.available;
  }

  /** Parks the task until it has `permits` (default 1) at once. Rejects with `RangeError` for more than there are, `CancelledError`,
   *  `TimeoutError`, or `DeadlockError`.
   *
   *  @example
   *  ```ts
   *  const semaphore = new Semaphore(5);
   *  const guard = await semaphore.acquire({ permits: 3 });
   *  const left = semaphore.available; // 2
   *  guard.release();
   *  ```
   */
  acquire(options?: PermitOptions): Promise<Guard> {
    try {
      return this.#permits.acquire(this.#wanted(options), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The guard, or `undefined` when it would have to wait, also behind others. Never waits; throws `RangeError` as `acquire` rejects.
   *
   *  @example
   *  ```ts
   *  const semaphore = new Semaphore(2);
   *  const both = semaphore.tryAcquire({ permits: 2 });
   *  const third = semaphore.tryAcquire(); // undefined
   *  both?.release();
   *  ```
   */
  tryAcquire(options?: Omit<PermitOptions, keyof WaitOptions>): Guard | undefined {
    return this.#permits.tryAcquire(this.#wanted(options));
  }

  /** Acquires, runs `fn`, and releases when what `fn` returned has settled. `fn` is entered inside the call when the permits are free.
   *  Parks the task; rejects as `acquire` and as `fn` do.
   *
   *  @example
   *  ```ts
   *  const semaphore = new Semaphore(5);
   *  const size = await semaphore.with(() => 3, { permits: 2, timeout: 1_000 }); // 3
   *  ```
   */
  with<R>(fn: () => R, options?: PermitOptions): Promise<Awaited<R>> {
    try {
      return this.#permits.with(fn, this.#wanted(options), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A clause that is ready when the permits can be had; `select` gets the guard. Never waits; throws `RangeError` at once.
   *
   *  @example
   *  ```ts
   *  const semaphore = new Semaphore(2);
   *  const got = await select({ permits: semaphore.acquiring({ permits: 2 }) });
   *  got.value.release();
   *  ```
   */
  acquiring(options?: Omit<PermitOptions, keyof WaitOptions>): Clause<Guard> {
    return new AcquiringClause<Guard>(this.#permits, this.#wanted(options));
  }

  #wanted(options: Pick<PermitOptions, "permits"> | undefined): number {
    const permits = options?.permits;
    if (permits === undefined && this.#permits.capacity > 0) return 1;
    const wanted = checkCount("The option permits", permits ?? 1, 1);
    const { capacity, waitingFor } = this.#permits;
    if (wanted > capacity) {
      throw new RangeError(`The option permits asks for ${wanted}, but ${waitingFor} has ${capacity}: it could never be granted.`);
    }
    return wanted;
  }
}
bindToThread(Semaphore, "a Semaphore");
