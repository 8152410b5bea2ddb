// Adaptive chunk: how many items a map sends in one trip, and how many it takes ahead of its reader (joblib's batch_size="auto").
//
// A trip is to take a few milliseconds, so that the way there and back is a few percent of it at most. How many items that are is
// measured, and grows to the double at most from one trip to the next, so that a quick first item does not decide for all. What is
// wrong about it in the end costs little: a worker gives back what it has not begun of a trip that takes long (`divideAfterMs`).
//
// The window is the promise: at most so many items taken and not yet read. A given one is kept to, and every worker can have two
// trips in it: one that it does and one that waits. By default there is one item for each worker, as long as items take long; and
// four trips for each when they are short, or workers would wait for this side after each.

const tripMs = 10;
const largestChunk = 256;
/** Trips of a worker in the window: one under way, one waiting there, and what waits to be read in order. */
const tripsAhead = 4;
/** An item that takes longer than this is worth the way for itself. */
const shortMs = 20;

/** After this long a worker begins no further item of a trip that others could share. */
export const divideAfterMs = 20;

/** Who maps, and what the caller has chosen. */
export interface ChunkOptions {
  /** Workers; `Infinity` where nothing bounds them. */
  readonly size: number;
  /** Items stay on this thread: a trip is no way. */
  readonly isLocal: boolean;
  readonly concurrency?: number | undefined;
  readonly chunk?: number | undefined;
}

/** How far a map goes ahead of its reader, and in what trips. */
export interface MapWindow {
  /** Items to take and not yet read. */
  readonly limit: number;
  /** Whether what a worker has not begun of a trip may go to another one. */
  readonly isDivisible: boolean;
  /** Items for the next trip, of the `left` ones where it is known how many. */
  chunk(left?: number): number;
  /** A trip of `items` took this long. */
  measured(items: number, ms: number): void;
}

export class AdaptiveChunk implements MapWindow {
  readonly #options: ChunkOptions;
  readonly #workers: number;
  #perItemMs: number | undefined;
  /** Twice the largest trip that was measured. */
  #grown = 1;

  constructor(options: ChunkOptions) {
    this.#options = options;
    this.#workers = Number.isFinite(options.size) ? options.size : 1;
  }

  /** Items to take and not yet read. A chosen chunk widens the default window. */
  get limit(): number {
    const { size, isLocal, concurrency, chunk } = this.#options;
    if (concurrency !== undefined) return concurrency;
    if (chunk !== undefined) return size * chunk || 1;
    const isShort = !isLocal && this.#perItemMs !== undefined && this.#perItemMs < shortMs;
    return isShort ? size * this.chunk() * tripsAhead : size || 1;
  }

  /** Whether what a worker has not begun of a trip may go to another one: not where the order of the calls is the order of the items. */
  get isDivisible(): boolean {
    return this.#options.chunk === undefined && this.#workers > 1;
  }

  /** Items for the next trip. Where it is known how many are `left`, the last trips are small, so that all workers end together. */
  chunk(left = Number.POSITIVE_INFINITY): number {
    const { isLocal, concurrency, chunk } = this.#options;
    if (chunk !== undefined) return Math.min(chunk, this.limit);
    // On this thread every item is a task of its own, and a trip of several would make them wait for each other.
    if (isLocal || this.#perItemMs === undefined) return 1;
    const share = concurrency === undefined ? largestChunk : Math.floor(concurrency / this.#workers / 2);
    const last = this.#workers > 1 ? Math.ceil(left / this.#workers / 2) : left;
    return Math.max(1, Math.min(largestChunk, share, last, this.#grown, Math.floor(tripMs / this.#perItemMs)));
  }

  /** A trip of `items` took this long. */
  measured(items: number, ms: number): void {
    const perItemMs = Math.max(ms / items, 0.0005);
    // Half old, half new: quick to grow, and one hiccup does not shrink it to nothing.
    this.#perItemMs = this.#perItemMs === undefined ? perItemMs : (this.#perItemMs + perItemMs) / 2;
    this.#grown = Math.max(this.#grown, 2 * items);
  }
}
