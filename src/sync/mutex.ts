// Mutex: mutual exclusion, first in first out, by direct hand-off (Trio's Lock). One permit.
import type { Guard, Lock, LockOptions } from "../contract/sync.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { AcquiringClause } from "./acquiring.ts";
import { Permits } from "./permits.ts";

/** The state of a mutex, for what waits under one. */
export let permitsOf: (mutex: Mutex) => Permits;

/** One holder at a time. Those who wait get it in the order in which they came; what is released belongs to the next at once, so
 *  nobody can slip in between. An owner is a `with` section, not a task: acquiring again inside the section rejects with
 *  `DeadlockError`, and so does a `with` that closes a cycle of sections over several locks.
 *
 *  @example
 *  ```ts
 *  const mutex = new Mutex({ name: "till" });
 *  let till = 0;
 *  const pay = (amount: number) =>
 *    mutex.with(async () => {
 *      const before = till;
 *      await sleep(1);
 *      till = before + amount;
 *    });
 *  await Promise.all([pay(5), pay(7)]);
 *  const total = till; // 12
 *  ```
 */
export class Mutex implements Lock {
  readonly #permits: Permits;

  static {
    permitsOf = (mutex) => mutex.#permits;
  }

  constructor(options?: LockOptions) {
    this.#permits = new Permits("mutex", options?.name, 1);
  }

  /** Somebody holds it; exact right after a release. */
  get locked(): boolean {
    return this.#permits.taken > 0;
  }

  /** Parks the task until the lock is its own; `signal` and `timeout` (ms) end the wait, not the hold. Rejects with `CancelledError`,
   *  `TimeoutError`, or `DeadlockError` when the wait could never end.
   *
   *  @example
   *  ```ts
   *  const mutex = new Mutex();
   *  const guard = await mutex.acquire({ timeout: 1_000 });
   *  try {
   *    // alone here
   *  } finally {
   *    guard.release();
   *  }
   *  ```
   */
  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#permits.acquire(1, options);
  }

  /** The guard, or `undefined` when it would have to wait, for its own holder too. Never waits.
   *
   *  @example
   *  ```ts
   *  const mutex = new Mutex();
   *  const first = mutex.tryAcquire();
   *  const second = mutex.tryAcquire(); // undefined
   *  first?.release();
   *  ```
   */
  tryAcquire(): Guard | undefined {
    return this.#permits.tryAcquire(1);
  }

  /** Acquires, runs `fn`, and releases when what `fn` returned has settled: a cancelled task keeps the lock until then. A free lock is
   *  taken and `fn` entered inside the call, as an async function begins. Parks the task; rejects as `acquire` and as `fn` do.
   *
   *  @example
   *  ```ts
   *  const mutex = new Mutex();
   *  const sum = await mutex.with(async () => 40 + 2); // 42
   *  ```
   */
  with<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#permits.with(fn, 1, options);
  }

  /** A clause that is ready when the mutex is free; `select` gets the guard. Never waits.
   *
   *  @example
   *  ```ts
   *  const mutex = new Mutex();
   *  const got = await select({ lock: mutex.acquiring(), late: after(1_000) });
   *  if (got.key === "lock") got.value.release();
   *  ```
   */
  acquiring(): Clause<Guard> {
    return new AcquiringClause<Guard>(this.#permits, 1);
  }
}
bindToThread(Mutex, "a Mutex");
