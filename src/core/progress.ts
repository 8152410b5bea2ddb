// Progress: what a task reports, to any number of readers. Each reader holds the newest value only (a latest channel of
// one place), so that a slow reader costs nothing and sees where the task is now, not where it was.
import { enterOperation } from "./parked.ts";
import { ParkingLot } from "./parking-lot.ts";

class Reader {
  readonly waitingFor = "a report of progress";
  readonly line = new ParkingLot<void>(this);
  value: unknown;
  full = false;
}

/** The reports of one task. */
export class Progress implements AsyncIterable<unknown> {
  readonly #readers = new Set<Reader>();
  #ended = false;

  /** Offers a value to every reader. Never waits. */
  report(value: unknown): void {
    for (const reader of this.#readers) {
      reader.value = value;
      reader.full = true;
      reader.line.settleAll();
    }
  }

  /** The task is over: readers get what they hold, then end. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.line.settleAll();
  }

  /** Reads from the first `next()` on. Waiting for a report parks the reader's task. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    const reader = new Reader();
    this.#readers.add(reader);
    try {
      for (;;) {
        if (reader.full) {
          const { value } = reader;
          reader.full = false;
          reader.value = undefined;
          yield value;
        } else if (this.#ended) return;
        else await reader.line.park(enterOperation(), undefined, undefined).promise;
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}
