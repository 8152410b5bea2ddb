// A doorbell (the event count of Reed and Kanodia, 1979): a shared counter that is rung after data has been written.
// A sleeper reads the counter, looks for data, and sleeps only while the counter still holds what it read. Data written after
// the look moved the counter before the sleep, so no wake-up is lost, however many ring and however many sleep.
// A 32-bit counter could wrap to the very value read only after 2^32 rings between the reading and the sleep.
import type { SharedWords } from "./atomics.ts";
import { add, load, notify, wait } from "./atomics.ts";

/** One word of shared memory that can be rung from any thread. */
export class Doorbell {
  readonly #words: SharedWords;
  readonly #index: number;

  /** The bell at `words[index]`; the word belongs to it alone. */
  constructor(words: SharedWords, index = 0) {
    this.#words = words;
    this.#index = index;
  }

  /** Wakes every sleeper. Call it after the data is in place. Never waits. */
  ring(): void {
    add(this.#words, this.#index, 1);
    notify(this.#words, this.#index);
  }

  /** How often it was rung, to be read before looking for data and then given to `sleepSync`. */
  read(): number {
    return load(this.#words, this.#index);
  }

  /** Blocks the thread until the bell has been rung since `seen` was read, `timeoutMs` at most; false when the time ran out. */
  sleepSync(seen: number, timeoutMs: number): boolean {
    return wait(this.#words, this.#index, seen, timeoutMs) !== "timed-out";
  }
}
