// The runs that a worker was sent ahead, in order: each an offer that the worker claims when its turn comes, and that this side
// takes back before that (memory/claims.ts). How many: as many as it does in a millisecond, measured, so that it has
// work while this side is busy; what is in its hands waits for nobody, and may wait behind a task that takes long.
import { numberAfter } from "../../memory/claims.ts";
import { Fifo } from "./fifo.ts";
import type { RunOffers } from "./link.ts";
import type { Run } from "./run.ts";

/** Work that a worker is given ahead. */
const aheadMs = 1;
/** With tasks below this one more is sent, so that the worker goes from one to the next without a pause. */
const shortMs = 20;
const mostAhead = 1000;
/** What a clock can tell apart, and no time at all must not stay none for ever. */
const leastMs = 0.001;

export class Ahead {
  readonly #offers: RunOffers | undefined;
  /** Not known to be claimed, in the order in which they were sent; what was taken back leaves when its turn comes. */
  readonly #line = new Fifo<Run>();
  /** The number under which the first of the line was offered; the others follow, since each offer is one more. */
  #firstNumber = 0;
  /** Lowest priority in the line since it was last empty. */
  lowest = Number.POSITIVE_INFINITY;
  /** The one that was seen to have begun and is not answered. */
  #begun: Run | undefined = undefined;
  /** Sent ahead and neither answered nor taken back. */
  size = 0;
  /** Those of them that have a key. */
  keyed = 0;
  #perRunMs: number | undefined;

  constructor(offers: RunOffers | undefined) {
    this.#offers = offers;
  }

  /** How many more may be sent. */
  get room(): number {
    if (this.#offers === undefined || this.#perRunMs === undefined) return 0;
    const depth = Math.min(mostAhead, Math.max(this.#perRunMs < shortMs ? 2 : 1, Math.floor(aheadMs / Math.max(leastMs, this.#perRunMs))));
    return this.size < depth && this.#offers.hasRoom ? depth - this.size : 0;
  }

  /** The number under which a run goes; `undefined` when it has to be begun at once. */
  offer(run: Run): number | undefined {
    const number = this.#offers?.offer();
    if (number === undefined) return undefined;
    this.size++;
    if (run.key !== undefined) this.keyed++;
    if (this.#line.length === 0) this.#firstNumber = number;
    this.#line.push(run);
    if (run.priority < this.lowest) this.lowest = run.priority;
    return number;
  }

  /** Tells which were claimed since the last look: the first of the line, since a worker begins them in order. `isLast`: nothing
   *  more will come from the worker. */
  look(onStarted: (run: Run) => void, isLast = false): void {
    for (let run = this.#line.at(0); run !== undefined; run = this.#line.at(0)) {
      // Otherwise it was taken back, or is answered already.
      if (this.#holds(run, this.#firstNumber)) {
        if (!run.started) {
          if (!this.#offers?.isClaimed(this.#firstNumber)) return;
          // The one before has ended then, and its answer is on the way: until it is here two would seem to run.
          if (!isLast && this.#begun !== undefined) return;
          onStarted(run);
        }
        this.#begun = run;
      }
      this.#line.shift();
      this.#firstNumber = numberAfter(this.#firstNumber, 1);
    }
    this.lowest = Number.POSITIVE_INFINITY;
  }

  /** The newest of those that have not been begun, as far as this side can tell. */
  *newest(): Generator<Run> {
    for (let place = this.#line.length - 1; place >= 0; place--) {
      const run = this.#line.at(place) as Run;
      if (this.#holds(run, numberAfter(this.#firstNumber, place)) && !run.started) yield run;
    }
  }

  /** Takes a run back: true when the worker has not claimed it and never will. */
  takeBack(run: Run): boolean {
    if (run.claim === undefined || !this.#offers?.revoke(run.claim)) return false;
    this.answered(run);
    return true;
  }

  /** Whether the run is still here under that number; elsewhere it may have the same one, and here another. */
  #holds(run: Run, number: number): boolean {
    return run.claim === number && run.worker?.ahead === this;
  }

  /** It is over here. */
  answered(run: Run): void {
    if (run.claim === undefined) return;
    this.#offers?.close(run.claim);
    run.claim = undefined;
    if (this.#begun === run) this.#begun = undefined;
    this.size--;
    if (run.key !== undefined) this.keyed--;
  }

  /** A run took this long. */
  measured(runMs: number): void {
    // Less counts at once by half; more by a quarter, and of that no more than eight times what was. One hiccup (a collection, a busy
    // core) does not empty the line; a machine with too few cores, where many have one, does not either; a change of the work shows
    // within some tasks, and what was sent ahead by then can be taken back.
    const before = this.#perRunMs ?? runMs;
    this.#perRunMs = runMs < before ? (before + runMs) / 2 : before + (Math.min(runMs, 8 * before + leastMs) - before) / 4;
  }
}
