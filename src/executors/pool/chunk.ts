// Adaptive chunk: how many items a map sends in one trip (joblib's batch_size="auto", bounded by the caller's window).
//
// The window is the promise: at most `concurrency` items taken and not yet read. A chunk never exceeds its share of the
// window per worker, so every worker can have one. A chosen chunk widens the default window, an adapted one does not.

const tripMs = 2;
const largestChunk = 256;

export class AdaptiveChunk {
  readonly limit: number;
  readonly #fixed: number | undefined;
  readonly #largest: number;
  #perItemMs: number | undefined;

  constructor(size: number, concurrency: number | undefined, chunk: number | undefined) {
    const workers = Number.isFinite(size) ? Math.max(1, size) : 1;
    this.limit = concurrency ?? (size * (chunk ?? 1) || 1);
    this.#fixed = chunk;
    // Where nothing bounds the workers every item is a coroutine of its own, and a trip of several would make them wait for each other.
    this.#largest = Number.isFinite(size) ? Math.min(largestChunk, Math.max(1, Math.floor(this.limit / workers))) : 1;
  }

  get chunk(): number {
    if (this.#fixed !== undefined) return Math.min(this.#fixed, this.limit);
    if (this.#perItemMs === undefined) return 1;
    return Math.max(1, Math.min(this.#largest, Math.floor(tripMs / this.#perItemMs)));
  }

  /** A trip of `items` took this long. */
  measured(items: number, ms: number): void {
    const perItemMs = Math.max(ms / items, 0.0005);
    // Half old, half new: quick to grow, and one hiccup does not shrink it to nothing.
    this.#perItemMs = this.#perItemMs === undefined ? perItemMs : (this.#perItemMs + perItemMs) / 2;
  }
}
