// A 64-bit count. Read as a number, so it refuses what a number cannot hold exactly.
import { compareExchangeLong, loadLong, type SharedLongs, storeLong } from "./atomics.ts";

/** A count that threads share; every operation is atomic. `RangeError` beyond safe integers, and then nothing has changed. */
export class LongCounter {
  readonly #longs: SharedLongs;
  readonly #index: number;

  constructor(longs: SharedLongs, index: number) {
    this.#longs = longs;
    this.#index = index;
  }

  get value(): number {
    return Number(loadLong(this.#longs, this.#index));
  }

  /** Adds `n` (default 1) and returns the new value. Never waits. */
  add(n = 1): number {
    checkInteger(n);
    // Not one atomic addition: that could leave the safe integers before anybody sees it.
    for (;;) {
      const old = loadLong(this.#longs, this.#index);
      const sum = checkInteger(Number(old) + n);
      if (compareExchangeLong(this.#longs, this.#index, old, BigInt(sum)) === old) return sum;
    }
  }

  /** Never waits. */
  set(value: number): void {
    storeLong(this.#longs, this.#index, BigInt(checkInteger(value)));
  }

  /** Sets `next` if the value is `expected`, and says whether it did. Never waits. */
  compareAndSet(expected: number, next: number): boolean {
    const old = BigInt(checkInteger(expected));
    return compareExchangeLong(this.#longs, this.#index, old, BigInt(checkInteger(next))) === old;
  }
}

function checkInteger(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`A shared counter holds safe integers, not ${String(value)}.`);
}
