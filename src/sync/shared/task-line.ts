// The tasks of this thread that wait for one shared lock. They stand in a line of their own; the first of them takes the lock in steps,
// as a thread of its own would by blocking. So order within a thread is first in, first out, a cancelled task leaves at once, and a
// thread sleeps on a word once however many of its tasks wait.
import type { Guard } from "../../contract/sync.ts";
import type { LineNode } from "../../core/parked.ts";
import { type LotHost, ParkingLot } from "../../core/parking-lot.ts";
import { ORPHANED, TAKEN } from "../../memory/futex-mutex.ts";
import { TAKEN_TO_REPAIR } from "../../memory/turn-semaphore.ts";
import { LINE_FULL } from "../../memory/waiting-line.ts";
import { unwatch, type Watched, watch } from "./watch.ts";

/** What is asked of a lock. Compared by identity: equal requests take over from each other. */
export interface Request {
  readonly permits: number;
  /** Takes a poisoned lock. */
  readonly repairing: boolean;
}

/** One acquisition, in steps that never block. */
export interface Taking {
  /** `TAKEN`, `TAKEN_TO_REPAIR`, `ORPHANED`, or something else when it has to be tried again; then it has gone to sleep. */
  attempt(): number;
  /** Looks for the dead. */
  look(): void;
  /** It shall not happen: gives back what it has got. */
  abandon(): void;
}

/** The lock. */
export interface Target<G extends Guard> {
  /** In words, such as `the shared mutex "db"`. */
  readonly waitingFor: string;
  /** Begins an acquisition; `wake` has it tried again. */
  begin(request: Request, wake: () => void): Taking;
  grant(request: Request, outcome: number): G;
  poisoned(): Error;
  /** A wake-up came, and nobody waits here any more. */
  strayWake(): void;
}

export class TaskLine<G extends Guard> implements LotHost, Watched {
  readonly lot: ParkingLot<G, Request>;
  readonly #target: Target<G>;
  #taking: Taking | undefined;
  #request: Request | undefined;
  readonly wake = (): void => {
    if (this.lot.length === 0) this.#target.strayWake();
    else this.serve();
  };

  constructor(target: Target<G>) {
    this.#target = target;
    this.lot = new ParkingLot<G, Request>(this);
  }

  get waitingFor(): string {
    return this.#target.waitingFor;
  }

  withdrawn(): void {
    this.serve();
  }

  look(): void {
    this.#taking?.look();
    this.serve();
  }

  /** Serves the line as far as it goes. */
  serve(): void {
    for (;;) {
      const { first } = this.lot;
      if (first?.payload !== this.#request) this.#turnTo(first);
      if (first === undefined) return;
      watch(this);
      this.#taking ??= this.#target.begin(first.payload, this.wake);
      const outcome = this.#taking.attempt();
      if (outcome > 0 || outcome === LINE_FULL) return;
      this.#taking = undefined;
      this.lot.remove(first);
      if (outcome === TAKEN || outcome === TAKEN_TO_REPAIR) first.settle(this.#target.grant(first.payload, outcome));
      else if (outcome === ORPHANED) first.fail(this.#target.poisoned());
    }
  }

  #turnTo(first: LineNode<G, Request> | undefined): void {
    this.#taking?.abandon();
    this.#taking = undefined;
    this.#request = first?.payload;
    if (first === undefined) unwatch(this);
  }
}
