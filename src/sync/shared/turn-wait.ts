// A task of this thread that waits in a place of a line in shared memory.
import type { WaitOptions } from "../../contract/waiting.ts";
import { type Home, Parked } from "../../core/parked.ts";
import type { CancelScope } from "../../core/scope.ts";
import { WAITING, type WaitingLine } from "../../memory/waiting-line.ts";
import { Sleeper, unwatch, type Watched, watch } from "./watch.ts";

/** What stands behind the line. */
export interface TurnHost {
  readonly waitingFor: string;
  readonly line: WaitingLine;
  look(): void;
}

/** Parked until its place does not wait any more; then the caller leaves the place. A cancelled one rejects in its place. */
export class TurnWait implements Home, Watched {
  readonly waitingFor: string;
  readonly #host: TurnHost;
  readonly #place: number;
  readonly #parked: Parked<void>;
  readonly #sleeper: Sleeper;

  constructor(host: TurnHost, place: number, scope: CancelScope, options: WaitOptions | undefined) {
    this.waitingFor = host.waitingFor;
    this.#host = host;
    this.#place = place;
    this.#sleeper = new Sleeper(host.line.words, () => this.#serve());
    this.#parked = new Parked<void>(scope, options, this, undefined);
    watch(this);
    this.#serve();
  }

  get promise(): Promise<void> {
    return this.#parked.promise;
  }

  withdraw(): void {
    unwatch(this);
  }

  look(): void {
    this.#host.look();
    this.#serve();
  }

  #serve(): void {
    const { line } = this.#host;
    while (this.#parked.waiting) {
      if (line.stateOf(this.#place) !== WAITING) {
        unwatch(this);
        this.#parked.settle();
      } else if (this.#sleeper.sleep(line.indexOf(this.#place), WAITING)) return;
    }
  }
}
