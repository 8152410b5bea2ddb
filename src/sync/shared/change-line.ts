// The tasks of this thread that wait for a change in shared memory: in a line of their own, first in, first out, of which the first tries
// whenever there may be something for it. So a thread sleeps on a word once however many of its tasks wait.
import type { WaitOptions } from "../../contract/waiting.ts";
import { spendBudget } from "../../core/checkpoint.ts";
import { notReady } from "../../core/clause.ts";
import { enterOperation, type LineNode } from "../../core/parked.ts";
import { type LotHost, ParkingLot } from "../../core/parking-lot.ts";
import type { ChangeWord } from "../../memory/change-word.ts";
import { NO_ROUNDS } from "../../memory/slot-ring.ts";
import { Sleeper, unwatch, type Watched, watch } from "./watch.ts";

/** What is waited for. */
export interface Change<R, P> {
  readonly waitingFor: string;
  /** What to sleep on. */
  readonly word: ChangeWord;
  /** The value to sleep on, after an attempt that was not ready. */
  seen(): number;
  /** Does it if it can be done now. `rounds`: how often it was tried; `NO_ROUNDS` by one who does not wait. */
  attempt(payload: P, rounds: number): R | typeof notReady;
  /** It was done, and nobody is there any more to get it. */
  putBack(result: R): void;
  /** Whoever has tried so often has left. */
  giveUp(rounds: number): void;
}

export class ChangeLine<R, P> implements LotHost, Watched {
  readonly lot: ParkingLot<R, P>;
  readonly #change: Change<R, P>;
  readonly #sleeper: Sleeper;
  /** Attempts of the first in line. */
  #rounds = 0;

  constructor(change: Change<R, P>) {
    this.#change = change;
    this.lot = new ParkingLot<R, P>(this);
    this.#sleeper = new Sleeper(change.word.words, () => this.serve());
  }

  get waitingFor(): string {
    return this.#change.waitingFor;
  }

  /** Does it now, or parks the task until it can be done. `payload` is made after the checks. */
  run(makePayload: () => P, options?: WaitOptions): Promise<R> {
    try {
      const scope = enterOperation(options);
      const payload = makePayload();
      const result = this.try(payload);
      if (result !== notReady) return spendBudget()?.then(() => result) ?? Promise.resolve(result);
      const { promise } = this.lot.park(scope, options, payload);
      this.serve();
      return promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Does it if that needs no waiting; those of this thread that wait go first. */
  try(payload: P): R | typeof notReady {
    return this.lot.first === undefined ? this.#change.attempt(payload, NO_ROUNDS) : notReady;
  }

  withdrawn(): void {
    // Another is first now, maybe one that asks for less.
    this.#begin();
    this.serve();
  }

  look(): void {
    this.serve();
  }

  /** Serves the line as far as it goes. */
  serve(): void {
    const change = this.#change;
    for (let { first } = this.lot; first !== undefined; { first } = this.lot) {
      watch(this);
      let result: R | typeof notReady;
      try {
        result = change.attempt(first.payload, this.#rounds++);
      } catch (error) {
        this.#rounds = 0;
        this.#failFirst(first, error);
        continue;
      }
      if (result === notReady) {
        if (this.#sleeper.sleep(change.word.index, change.seen())) return;
        continue;
      }
      this.#rounds = 0;
      // An attempt may have run code of the user, who may have cancelled the first.
      const next = this.lot.shift();
      if (next === undefined) change.putBack(result);
      else next.settle(result);
    }
    this.#begin();
    unwatch(this);
  }

  #failFirst(first: LineNode<R, P>, error: unknown): void {
    if (this.lot.first !== first) return;
    this.lot.remove(first);
    first.fail(error);
  }

  #begin(): void {
    this.#change.giveUp(this.#rounds);
    this.#rounds = 0;
  }
}
