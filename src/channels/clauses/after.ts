// The clause of a moment: ready some time after the select begins.
//
// `After` is what the user has, and may give to many selects; each makes a `Countdown` of it, which is where time runs.
import type { Clause, clauseBrand } from "../../contract/waiting.ts";
import { type CaseNode, notReady } from "../../core/clause.ts";
import { checkDuration } from "../../core/durations.ts";
import { type Timer, timers } from "../../core/timers.ts";
import { QuietClause } from "./quiet.ts";

/** A duration, waiting for a select to begin. */
export class After implements Clause<void> {
  declare readonly [clauseBrand]: void;
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

/** The same, begun. */
export class Countdown extends QuietClause<void> {
  readonly #ms: number;
  readonly #again: boolean;
  /** The instant on the clock of `timers`. Not known where there is one round only, which begins at once and reads no clock for it. */
  #dueAtMs: number | undefined = undefined;
  #timer: Timer | undefined = undefined;

  /** `again`: begins now, and anew whenever it was chosen. */
  constructor(ms: number, again: boolean) {
    super();
    this.#ms = ms;
    this.#again = again;
    this.#begin();
  }

  get waitingFor(): string {
    return "a moment in time";
  }

  /** The clock runs on between two rounds; only the timer is set for each, so that a forgotten select keeps no program alive. */
  override get keepsPlace(): boolean {
    return false;
  }

  attempt(): undefined | typeof notReady {
    if (this.#ms > 0 && (this.#dueAtMs === undefined || timers.now() < this.#dueAtMs)) return notReady;
    this.#begin();
    return undefined;
  }

  enlist(node: CaseNode): void {
    const delayMs = this.#dueAtMs === undefined ? this.#ms : this.#dueAtMs - timers.now();
    const ring = () => {
      this.#begin();
      node.settle(undefined);
    };
    this.#timer = timers.set(delayMs, ring, true);
  }

  delist(): void {
    timers.clear(this.#timer);
  }

  #begin(): void {
    if (this.#again) this.#dueAtMs = timers.now() + this.#ms;
  }
}

/** A clause that is ready `ms` milliseconds after the select begins; with 0, at once. In a `Select` it begins with the select, and
 *  again whenever it was chosen. Keeps the program alive while a select waits for it. Throws `RangeError` for what is no duration.
 *
 *  @example
 *  ```ts
 *  const jobs = new Channel<string>();
 *  const got = await select({ job: jobs.receiving(), late: after(10) });
 *  console.log(got.key); // late
 *  ```
 */
export function after(ms: number): Clause<void> {
  return new After(checkDuration("The time of after", ms));
}
