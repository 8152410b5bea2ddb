// Progress: what a task reports, to any number of readers. Each reader holds the newest value only (a latest channel of
// one place), so that a slow reader costs nothing and sees where the task is now, not where it was.
import { enterOperation, Parked } from "./parked.ts";

interface Reader {
  value: unknown;
  full: boolean;
  wake: (() => void) | undefined;
}

/** Parks the reading task until there is a report or the end. */
async function parked(reader: Reader): Promise<void> {
  const forget = () => {
    reader.wake = undefined;
  };
  const waiting = new Parked<void>(enterOperation(), undefined, forget);
  reader.wake = () => {
    forget();
    waiting.settle();
  };
  await waiting.promise;
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
      reader.wake?.();
    }
  }

  /** The task is over: readers get what they hold, then end. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.wake?.();
  }

  /** Reads from the first `next()` on. Waiting for a report parks the reader's task. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    const reader: Reader = { value: undefined, full: false, wake: undefined };
    this.#readers.add(reader);
    try {
      for (;;) {
        if (reader.full) {
          const { value } = reader;
          reader.full = false;
          reader.value = undefined;
          yield value;
        } else if (this.#ended) return;
        else await parked(reader);
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}
