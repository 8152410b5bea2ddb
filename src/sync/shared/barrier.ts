// SharedBarrier: lets a number of parties go on together, over the barrier of memory/.
import { BrokenBarrierError, TimeoutError } from "../../contract/errors.ts";
import type { LockOptions } from "../../contract/sync.ts";
import type { WaitOptions } from "../../contract/waiting.ts";
import { checkCount, checkDuration } from "../../core/durations.ts";
import { enterOperation } from "../../core/parked.ts";
import { sleep } from "../../core/waiting.ts";
import { allocateWords, blockFor } from "../../memory/atomics.ts";
import { partyIn } from "../../memory/party.ts";
import { BROKEN, LEFT, TurnBarrier } from "../../memory/turn-barrier.ts";
import { LINE_FULL, WaitingLine } from "../../memory/waiting-line.ts";
import { placeOf, settle } from "./place.ts";
import { type TurnHost, TurnWait } from "./turn-wait.ts";

/** Lets `parties` tasks or threads go on together, round after round, in all threads that have it: pass it as an argument. A party
 *  that is cancelled leaves the round; one whose thread ends while it waits breaks the barrier. `RangeError` unless `parties` is a
 *  whole number of at least 1.
 *
 *  @example
 *  ```ts
 *  const barrier = new SharedBarrier(2);
 *  const [first, second] = await Promise.all([barrier.wait(), barrier.wait()]);
 *  console.log([first, second].sort()); // [ 0, 1 ]
 *  ```
 */
export class SharedBarrier {
  /** Words that it needs. */
  static size(parties: number): number {
    return WaitingLine.size(2 * parties);
  }

  readonly parties: number;
  readonly #barrier: TurnBarrier;
  readonly #host: TurnHost;

  constructor(parties: number, options?: LockOptions) {
    this.parties = checkCount("The parties of a SharedBarrier", parties, 1);
    const place = settle(this, {
      ...(placeOf(options) ?? { words: allocateWords(SharedBarrier.size(parties)), base: 0, name: options?.name }),
      parties,
    });
    const { me, deaths } = partyIn(place.words.buffer);
    this.#barrier = new TurnBarrier(place.words, place.base, parties, me, deaths);
    this.#host = {
      waitingFor: place.name === undefined ? "a shared barrier" : `the shared barrier ${JSON.stringify(place.name)}`,
      line: this.#barrier.line,
      look: () => this.#barrier.look(),
    };
  }

  /** How many wait in the round. Never waits. */
  get waitingCount(): number {
    return this.#barrier.line.length;
  }

  get broken(): boolean {
    return this.#barrier.broken;
  }

  /** Resolves with an index unique in the round, 0…parties-1, when all parties have come. Parks the task. Rejects with
   *  `BrokenBarrierError` after `abort()`, `reset()` or the death of a party. */
  async wait(options?: WaitOptions): Promise<number> {
    const scope = enterOperation(options);
    let place = this.#barrier.begin();
    for (; place === LINE_FULL; place = this.#barrier.begin()) await sleep(1, { signal: options?.signal });
    if (place <= 0) return this.#index(place === 0 ? this.parties - 1 : place);
    const waiting = new TurnWait(this.#host, place, scope, options);
    let error: { readonly thrown: unknown } | undefined;
    try {
      await waiting.promise;
    } catch (thrown) {
      error = { thrown };
    }
    // A round that was complete before the cancel has happened for this party too.
    const index = this.#barrier.finish(place);
    if (index === LEFT && error !== undefined) throw error.thrown;
    return this.#index(index);
  }

  /** As `wait`, blocking the thread, `timeoutMs` at most; then `TimeoutError`. */
  waitSync(timeoutMs: number = Number.POSITIVE_INFINITY): number {
    enterOperation();
    const endMs = performance.now() + checkDuration("The time limit", timeoutMs);
    let place = this.#barrier.begin();
    for (; place === LINE_FULL; place = this.#barrier.begin()) blockFor(1);
    if (place <= 0) return this.#index(place === 0 ? this.parties - 1 : place);
    this.#barrier.line.sleepSync(place, endMs);
    const index = this.#barrier.finish(place);
    if (index === LEFT) throw new TimeoutError(`Waiting for ${this.#host.waitingFor} took longer than ${timeoutMs} ms.`);
    return this.#index(index);
  }

  /** Breaks the round, and makes the barrier new. Never waits. */
  reset(): void {
    this.#barrier.break(false);
  }

  /** Breaks the barrier until `reset()`. Never waits. */
  abort(): void {
    this.#barrier.break(true);
  }

  #index(outcome: number): number {
    if (outcome !== BROKEN) return outcome;
    throw new BrokenBarrierError(
      `The round cannot complete: ${this.#host.waitingFor} was aborted or reset, or a party ended while it waited.`,
    );
  }
}
