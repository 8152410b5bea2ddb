// A queue in an array: what has left stays as a gap in front until the gaps are half of it, so that leaving costs next to nothing
// and a queue that is never empty does not grow.

/** Fewer gaps than this are not worth a copy. */
const sweepFrom = 1024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The item at this place, counted from the first. */
  at(place: number): T | undefined {
    return this.#items[this.#head + place];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) [this.#items.length, this.#head] = [0, 0];
    else if (this.#head >= sweepFrom && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
