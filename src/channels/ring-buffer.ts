// Ring buffer: a queue in an array whose length is a power of two, so that places wrap by a mask. Grows by doubling.
//
// Invariants
// - The values are in the `length` slots from `#head` on, oldest first; every other slot is `undefined`: what was taken is not held.
// - It never refuses a value: how many may wait is the channel's business.

const smallest = 8;
/** An empty buffer larger than this is given up: a burst must not keep its memory for ever. */
const largestKept = 1024;

export class RingBuffer<T> {
  length = 0;
  #slots: (T | undefined)[] = [];
  #head = 0;

  push(value: T): void {
    if (this.length === this.#slots.length) this.#grow();
    const slots = this.#slots;
    slots[(this.#head + this.length) & (slots.length - 1)] = value;
    this.length++;
  }

  /** Puts a value before all others. */
  unshift(value: T): void {
    if (this.length === this.#slots.length) this.#grow();
    const slots = this.#slots;
    this.#head = (this.#head - 1) & (slots.length - 1);
    slots[this.#head] = value;
    this.length++;
  }

  /** Takes the oldest value. The caller knows that there is one. */
  shift(): T {
    const slots = this.#slots;
    const head = this.#head;
    const value = slots[head] as T;
    slots[head] = undefined;
    this.#head = (head + 1) & (slots.length - 1);
    this.length--;
    if (this.length === 0 && slots.length > largestKept) this.clear();
    return value;
  }

  /** The values, oldest first. */
  *[Symbol.iterator](): Generator<T> {
    for (let n = 0; n < this.length; n++) yield this.#slots[(this.#head + n) & (this.#slots.length - 1)] as T;
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.length = 0;
  }

  #grow(): void {
    const slots = this.#slots;
    const larger = new Array<T | undefined>(Math.max(smallest, slots.length * 2)).fill(undefined);
    for (let n = 0; n < this.length; n++) larger[n] = slots[(this.#head + n) & (slots.length - 1)];
    this.#slots = larger;
    this.#head = 0;
  }
}
