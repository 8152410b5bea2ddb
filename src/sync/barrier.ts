// Barrier: lets a number of tasks go on together, round after round (asyncio's Barrier, with `abort`). A cancelled party leaves the round and
// does not break it, since its place can be taken by another; `threading.Barrier` breaks then, and one timeout fails all.
import { BrokenBarrierError } from "../contract/errors.ts";
import type { LockOptions } from "../contract/sync.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { spendBudget } from "../core/checkpoint.ts";
import { checkCount } from "../core/durations.ts";
import { enterOperation } from "../core/parked.ts";
import { ParkingLot } from "../core/parking-lot.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { inWords } from "./name.ts";
import { afterTurn } from "./turn.ts";

/** Lets `parties` tasks go on together, round after round.
 *
 *  @example
 *  ```ts
 *  const barrier = new Barrier(2);
 *  const indices = await Promise.all([barrier.wait(), barrier.wait()]); // [0, 1]
 *  ```
 */
export class Barrier {
  readonly parties: number;
  readonly #line: ParkingLot<number>;
  #broken = false;

  /** @param parties a whole number of at least 1; anything else throws `RangeError`. */
  constructor(parties: number, options?: LockOptions) {
    this.parties = checkCount("The number of parties", parties, 1);
    this.#line = new ParkingLot<number>({ waitingFor: inWords("barrier", options?.name) });
  }

  /** How many wait in this round. */
  get waitingCount(): number {
    return this.#line.length;
  }

  /** `abort()` was called and `reset()` not since. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Parks the task until `parties` of them wait. Resolves with an index unique in the round, 0…parties-1, in the order of arrival.
   *  Rejects with `BrokenBarrierError` after `abort()` or `reset()`, and with `CancelledError` or `TimeoutError`; a cancelled party
   *  leaves the round, which goes on waiting for its number.
   *
   *  @example
   *  ```ts
   *  const barrier = new Barrier(1);
   *  const index = await barrier.wait({ timeout: 1_000 }); // 0
   *  ```
   */
  wait(options?: WaitOptions): Promise<number> {
    const turn = spendBudget();
    const index = this.#arrive(options);
    return turn === undefined ? index : afterTurn(index, turn);
  }

  /** Breaks the round, and makes the barrier new. Never waits. */
  reset(): void {
    this.#broken = false;
    this.#line.failAll(() => this.#error("was reset while this party waited: wait again for the next round."));
  }

  /** Breaks the barrier until `reset()`: those who wait, and those who come, get `BrokenBarrierError`. Never waits. */
  abort(): void {
    this.#broken = true;
    this.#line.failAll(() => this.#error("was aborted while this party waited: call reset() before the next round."));
  }

  #arrive(options: WaitOptions | undefined): Promise<number> {
    try {
      const scope = enterOperation(options);
      if (this.#broken) throw this.#error("is broken: call reset() before the next round.");
      if (this.#line.length + 1 < this.parties) return this.#line.park(scope, options, undefined).promise;
      let index = 0;
      for (let node = this.#line.shift(); node !== undefined; node = this.#line.shift()) node.settle(index++);
      return Promise.resolve(index);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #error(what: string): BrokenBarrierError {
    return new BrokenBarrierError(`Cannot wait: ${this.#line.waitingFor} ${what}`);
  }
}
bindToThread(Barrier, "a Barrier");
