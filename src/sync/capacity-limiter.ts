// Capacity limiter (Trio's): a semaphore of single permits whose total may change while it is in use. What bounds a pool.
import type { Guard, Lock, LockOptions } from "../contract/sync.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { checkCount } from "../core/durations.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { AcquiringClause } from "./acquiring.ts";
import { Permits } from "./permits.ts";

/** A semaphore whose total can change while in use. A total below what is held takes effect as guards are released; 0 lets nobody in
 *  until it is raised. Deadlocks are judged by the largest total that it has had.
 *
 *  @example
 *  ```ts
 *  const limiter = new CapacityLimiter(1, { name: "downloads" });
 *  const guard = await limiter.acquire();
 *  const waiting = limiter.acquire();
 *  limiter.total = 2; // the one that waits may go on
 *  (await waiting).release();
 *  guard.release();
 *  ```
 */
export class CapacityLimiter implements Lock {
  readonly #permits: Permits;

  /** @param total a whole number, 0 or more, or `Infinity`. */
  constructor(total: number, options?: LockOptions) {
    this.#permits = new Permits("capacity limiter", options?.name, checkTotal(total));
  }

  /** How many may hold it at once: a whole number, 0 or more, or `Infinity`; anything else throws `RangeError`. */
  get total(): number {
    return this.#permits.capacity;
  }
  set total(total: number) {
    this.#permits.resize(checkTotal(total));
  }

  /** How many more could hold it now; 0 when more hold it than the total allows. */
  get available(): number {
    return this.#permits.available;
  }

  /** Parks the task until there is room. Rejects with `CancelledError`, `TimeoutError`, or `DeadlockError`.
   *
   *  @example
   *  ```ts
   *  const limiter = new CapacityLimiter(3);
   *  const guard = await limiter.acquire({ timeout: 1_000 });
   *  const left = limiter.available; // 2
   *  guard.release();
   *  ```
   */
  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#permits.acquire(1, options);
  }

  /** The guard, or `undefined` when it would have to wait. Never waits.
   *
   *  @example
   *  ```ts
   *  const limiter = new CapacityLimiter(0);
   *  const none = limiter.tryAcquire(); // undefined
   *  ```
   */
  tryAcquire(): Guard | undefined {
    return this.#permits.tryAcquire(1);
  }

  /** Acquires, runs `fn`, and releases when what `fn` returned has settled. `fn` is entered inside the call when there is room. Parks
   *  the task; rejects as `acquire` and as `fn` do.
   *
   *  @example
   *  ```ts
   *  const limiter = new CapacityLimiter(2);
   *  const lengths = await Promise.all(["a", "bb", "ccc"].map((text) => limiter.with(async () => text.length)));
   *  console.log(lengths.join()); // 1,2,3
   *  ```
   */
  with<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#permits.with(fn, 1, options);
  }

  /** A clause that is ready when there is room; `select` gets the guard. Never waits.
   *
   *  @example
   *  ```ts
   *  const limiter = new CapacityLimiter(1);
   *  const got = await select({ room: limiter.acquiring() });
   *  got.value.release();
   *  ```
   */
  acquiring(): Clause<Guard> {
    return new AcquiringClause<Guard>(this.#permits, 1);
  }
}
bindToThread(CapacityLimiter, "a CapacityLimiter");

function checkTotal(total: number): number {
  return checkCount("The total", total, 0, true);
}
