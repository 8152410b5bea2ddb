// Ageing: how what is less urgent gets its turn although more urgent work keeps coming.
//
// Rule: of four turns that are given out while somebody waits since a second or longer, one is for whoever has waited longest.
// So nobody starves: with n others that came before it, a run has its turn after a second and 4(n + 1) turns at the latest. And the
// most urgent wait for one turn in four at most, however long the queue. The textbook's priority that grows with the waiting time
// does not promise that: behind a backlog of minutes everything has grown, and what is urgent now would wait for all of it.

/** Somebody who waits. */
export interface Ageing {
  readonly task: { readonly metrics: { readonly queuedMs: number } };
}

/** Who has waited this long has aged. */
const agedMs = 1_000;
/** Turns that go to more urgent ones before one is for age. */
const mostPassed = 3;

export function hasAged(entry: Ageing): boolean {
  return entry.task.metrics.queuedMs >= agedMs;
}

/** The turns at one place, such as a worker or a queue. */
export class Turns {
  /** Turns in a row that were not for whoever had waited longest. */
  #passed = 0;

  /** Whose turn it is: the most urgent one, or the one that came first. */
  choose<T extends Ageing>(urgent: T, oldest: T): T {
    return urgent !== oldest && this.#passed >= mostPassed && hasAged(oldest) ? oldest : urgent;
  }

  /** A turn was given out while `oldest` waited, or to it. */
  given(entry: Ageing, oldest: Ageing): void {
    this.#passed = entry === oldest ? 0 : this.#passed + 1;
  }
}
