// What `stream` returns: an iterable to be read once, and its iterator. The iterator is all that a reader holds: when it is collected
// unread, the stream is cancelled, since nobody can ever read it again and its generator would hold its worker for ever.
import type { ScopedTask } from "../../../core/task.ts";
import type { Lead } from "./credit.ts";
import type { StreamInlet } from "./inlet.ts";
import { StreamReader } from "./reader.ts";

const lost = new FinalizationRegistry<{ abandon(): void }>((reader) => reader.abandon());

/** Items of a generator, with the methods that a generator of the language has. */
class StreamIterator<Y> implements AsyncIterableIterator<Y, undefined, undefined> {
  readonly #reader: StreamReader<Y>;
  #begun = false;

  constructor(reader: StreamReader<Y>) {
    this.#reader = reader;
  }

  next(): Promise<IteratorResult<Y, undefined>> {
    if (!this.#begun) {
      this.#begun = true;
      lost.register(this, this.#reader);
    }
    return this.#reader.next(this);
  }

  async return(): Promise<IteratorResult<Y, undefined>> {
    await this.#reader.leave();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    await this.#reader.leave();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export class Stream<Y> implements AsyncIterable<Y> {
  readonly #reader: StreamReader<Y>;
  #claimed = false;

  /** `start` submits the stream; called when it is first read. */
  constructor(lead: Lead, start: (inlet: StreamInlet) => ScopedTask<unknown>) {
    this.#reader = new StreamReader<Y>(lead, start);
  }

  [Symbol.asyncIterator](): AsyncIterator<Y, undefined, undefined> {
    if (this.#claimed) throw new TypeError("A stream can be read once: call stream(…) again to run its generator once more.");
    this.#claimed = true;
    return new StreamIterator(this.#reader);
  }

  get [Symbol.toStringTag](): string {
    return "Stream";
  }
}
