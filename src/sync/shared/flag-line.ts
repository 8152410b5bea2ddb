// The tasks of this thread that wait for one event word: all that have seen it change go on.
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { type CaseNode, LazyClause, notReady } from "../../core/clause.ts";
import { enterOperation } from "../../core/parked.ts";
import { type LotHost, ParkingLot } from "../../core/parking-lot.ts";
import type { EventWord } from "../../memory/event-word.ts";
import { Sleeper, unwatch, type Watched, watch } from "./watch.ts";

export class FlagLine implements LotHost, Watched {
  readonly waitingFor: string;
  readonly word: EventWord;
  readonly #lot: ParkingLot<void, unknown>;
  readonly #sleeper: Sleeper;
  /** The count when the first of those in line came. */
  #seen = 0;

  constructor(waitingFor: string, word: EventWord) {
    this.waitingFor = waitingFor;
    this.word = word;
    this.#lot = new ParkingLot<void, unknown>(this);
    this.#sleeper = new Sleeper(word.words, () => this.look());
  }

  wait(options?: WaitOptions): Promise<void> {
    try {
      const scope = enterOperation(options);
      const seen = this.word.read();
      if (this.word.passed(seen)) return Promise.resolve();
      this.#open(seen);
      const { promise } = this.#lot.park(scope, options, undefined);
      this.look();
      return promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  clause(): Clause<void> {
    return new FlagClause(this);
  }

  enlist(node: CaseNode): void {
    this.#open(this.word.read());
    this.#lot.enlist(node as never);
  }

  delist(node: CaseNode): void {
    this.#lot.withdraw(node as never);
  }

  withdrawn(): void {
    if (this.#lot.length === 0) unwatch(this);
  }

  look(): void {
    while (this.#lot.length > 0) {
      if (this.word.passed(this.#seen)) {
        this.#lot.settleAll();
        unwatch(this);
      } else if (this.#sleeper.sleep(this.word.index, this.#seen)) return;
    }
  }

  #open(seen: number): void {
    // Those before have seen another count: they go on first.
    this.look();
    if (this.#lot.length === 0) this.#seen = seen;
    watch(this);
  }
}

class FlagClause extends LazyClause<void> {
  readonly waitingFor: string;
  readonly #line: FlagLine;

  constructor(line: FlagLine) {
    super();
    this.waitingFor = line.waitingFor;
    this.#line = line;
  }

  attempt(): undefined | typeof notReady {
    return this.#line.word.isSet ? undefined : notReady;
  }

  enlist(node: CaseNode): void {
    this.#line.enlist(node);
  }

  override arrived(): void {
    this.#line.look();
  }

  delist(node: CaseNode): void {
    this.#line.delist(node);
  }
}
