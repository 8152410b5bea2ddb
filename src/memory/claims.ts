// Claims: offers that one thread makes and another takes up, until the first takes them back. Each offer is one word, which both
// sides move by compare-and-exchange, so that exactly one of them gets it (the state word of Chase and Lev's deque, one per
// entry, because offers are taken back from anywhere).
//
// The packed word: the number of the offer in the upper 30 bits, its state in the lower 2. The number is what makes a place
// usable again at once: whoever still holds an older offer finds another number there and has lost it.
import type { SharedWords } from "./atomics.ts";
import { allocateWords, compareExchange, load, store } from "./atomics.ts";

/** Offers that may be open at once. */
export const claimPlaces = 1024;

const OFFERED = 1;
const CLAIMED = 2;
const REVOKED = 3;
const numbers = 2 ** 30;

/** The number of the offer that is made `count` offers after this one. */
export const numberAfter = (number: number, count: number): number => (number + count) % numbers;

const wordOf = (number: number, state: number): number => (number << 2) | state;
const placeOf = (number: number): number => number & (claimPlaces - 1);

/** Fresh words for the two sides. */
export function allocateClaims(): SharedWords {
  return allocateWords(claimPlaces);
}

/** The side that makes offers. An offer is open → claimed (by the other side) | revoked (by this one); `close` ends it. */
export class Offers {
  readonly #words: SharedWords;
  /** Places whose offer has not been closed. */
  readonly #open = new Uint8Array(claimPlaces);
  #last = 0;

  constructor(words: SharedWords) {
    this.#words = words;
  }

  /** Whether an offer can be made. */
  get hasPlace(): boolean {
    return this.#open[placeOf(numberAfter(this.#last, 1))] === 0;
  }

  /** Makes an offer and returns its number; `undefined` when its place is still taken by an old one. Never waits. */
  offer(): number | undefined {
    if (!this.hasPlace) return undefined;
    const number = numberAfter(this.#last, 1);
    this.#last = number;
    this.#open[placeOf(number)] = 1;
    store(this.#words, placeOf(number), wordOf(number, OFFERED));
    return number;
  }

  /** Takes an offer back: true when the other side has not claimed it, and never will. Never waits. */
  revoke(number: number): boolean {
    const offered = wordOf(number, OFFERED);
    return compareExchange(this.#words, placeOf(number), offered, wordOf(number, REVOKED)) === offered;
  }

  /** Whether the other side has claimed it. */
  isClaimed(number: number): boolean {
    return load(this.#words, placeOf(number)) === wordOf(number, CLAIMED);
  }

  /** The offer is over, claimed or revoked: its place may be used again. */
  close(number: number): void {
    this.#open[placeOf(number)] = 0;
  }
}

/** Takes up an offer: true when it is the caller's now, false when it was taken back. Each offer at most once. Never waits. */
export function claim(words: SharedWords, number: number): boolean {
  const offered = wordOf(number, OFFERED);
  return compareExchange(words, placeOf(number), offered, wordOf(number, CLAIMED)) === offered;
}
