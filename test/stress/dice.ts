// Choices that repeat for the same seed.
import { type Random, seededRandom } from "../../src/core/random.ts";

export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** True in `share` of all cases. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)] as T;
  }

  /** A key, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.#random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  /** A seed for another one. */
  seed(): number {
    return this.between(0, 2 ** 31);
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let place = 0; place < length; place++) bytes[place] = Math.floor(this.#random() * 256);
    return bytes;
  }
}
