// The numbers of the objects in a message, in the order in which they were first met. Most messages meet none twice, so a set, which says
// whether one was met, is all that is kept at first: it costs half of a map.

/** The objects met so far. */
export class ObjectNumbers {
  readonly #met = new Set<object>();
  /** Made when the first one comes again. */
  #numbers: Map<object, number> | undefined;

  /** How many were met. */
  get size(): number {
    return this.#met.size;
  }

  has(value: object): boolean {
    return this.#met.has(value);
  }

  /** Numbers one that has not been met. */
  add(value: object): void {
    this.#numbers?.set(value, this.#met.size);
    this.#met.add(value);
  }

  /** The number of one that has been met. */
  of(value: object): number {
    if (this.#numbers === undefined) {
      this.#numbers = new Map();
      for (const object of this.#met) this.#numbers.set(object, this.#numbers.size);
    }
    return this.#numbers.get(value) as number;
  }
}
