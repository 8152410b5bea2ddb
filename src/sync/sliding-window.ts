// Sliding window log: the instants of the latest starts, in a ring. At most `limit` of them lie in any window of `intervalMs`, a window
// being half open: what began at t is out of it at t + intervalMs.
//
// A log and not a token bucket: a full bucket that refills while it is drawn from lets through twice its size in one interval, and a
// service that counts per interval refuses the second half. The price is 8 bytes for each start that is still in the window.

const firstSlots = 8;

export class SlidingWindow {
  readonly #limit: number;
  readonly #intervalMs: number;
  /** A ring; its length is a power of two. */
  #starts = new Float64Array(firstSlots);
  #first = 0;
  #count = 0;

  constructor(limit: number, intervalMs: number) {
    this.#limit = limit;
    this.#intervalMs = intervalMs;
  }

  /** How many may start now. */
  free(nowMs: number): number {
    this.#forget(nowMs);
    return this.#limit - this.#count;
  }

  /** The instant from which one more may start. */
  nextAtMs(nowMs: number): number {
    return this.free(nowMs) > 0 ? nowMs : this.#at(0) + this.#intervalMs;
  }

  /** One has started. */
  add(nowMs: number): void {
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[(this.#first + this.#count++) & (this.#starts.length - 1)] = nowMs;
  }

  #forget(nowMs: number): void {
    // A clock that was exchanged, for a virtual one or back: what was noted by the other means nothing.
    if (this.#count > 0 && nowMs < this.#at(this.#count - 1)) this.#count = 0;
    while (this.#count > 0 && this.#at(0) + this.#intervalMs <= nowMs) {
      this.#first = (this.#first + 1) & (this.#starts.length - 1);
      this.#count--;
    }
  }

  #at(place: number): number {
    return this.#starts[(this.#first + place) & (this.#starts.length - 1)] as number;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#starts.length);
    for (let place = 0; place < this.#count; place++) larger[place] = this.#at(place);
    this.#starts = larger;
    this.#first = 0;
  }
}
