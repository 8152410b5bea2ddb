// Latch: opens once, for good, after a number of count-downs (Java's CountDownLatch, C++'s latch).
import type { LockOptions } from "../contract/sync.ts";
import type { Clause, WaitOptions } from "../contract/waiting.ts";
import { checkCount } from "../core/durations.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { Gate, PassingClause } from "./gate.ts";
import { inWords } from "./name.ts";

/** Opens once after `count` count-downs, for good; 0 is open from the start.
 *
 *  @example
 *  ```ts
 *  const started = new Latch(2, { name: "started" });
 *  const waiting = started.wait();
 *  started.countDown();
 *  started.countDown();
 *  await waiting;
 *  const left = started.remaining; // 0
 *  ```
 */
export class Latch {
  readonly #gate: Gate;
  #remaining: number;

  /** @param count a whole number, 0 or more; anything else throws `RangeError`. */
  constructor(count: number, options?: LockOptions) {
    this.#remaining = checkCount("The count of the latch", count, 0);
    this.#gate = new Gate(inWords("latch", options?.name), count === 0);
  }

  /** Count-downs that are missing. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Counts down by `n` (default 1), to 0 at the least; nothing once open. Throws `RangeError` unless `n` is a whole number of at
   *  least 1. Never waits. */
  countDown(n = 1): void {
    checkCount("The number to count down by", n, 1);
    this.#remaining = Math.max(0, this.#remaining - n);
    if (this.#remaining === 0) this.#gate.open();
  }

  /** Parks the task until the latch is open. Rejects with `CancelledError` or, after `timeout` ms, `TimeoutError`.
   *
   *  @example
   *  ```ts
   *  const done = new Latch(1);
   *  done.countDown();
   *  await done.wait({ timeout: 1_000 });
   *  ```
   */
  wait(options?: WaitOptions): Promise<void> {
    return this.#gate.wait(options);
  }

  /** A clause that is ready once the latch is open. Never waits.
   *
   *  @example
   *  ```ts
   *  const got = await select({ open: new Latch(0).waiting() });
   *  console.log(got.key); // open
   *  ```
   */
  waiting(): Clause<void> {
    return new PassingClause(this.#gate);
  }
}
bindToThread(Latch, "a Latch");
