// What tasks of this thread wait for in shared memory is looked at every 20 ms: a holder may have died without a word, and with it a
// wake-up that was on its way. One interval for all; it also keeps the program alive, which `Atomics.waitAsync` does not.
import { type SharedWords, waitAsync } from "../../memory/atomics.ts";

const lookMs = 20;

/** Something with waiting tasks. */
export interface Watched {
  look(): void;
}

const watched = new Set<Watched>();
let interval: NodeJS.Timeout | undefined;

export function watch(each: Watched): void {
  watched.add(each);
  interval ??= setInterval(() => {
    for (const one of [...watched]) one.look();
  }, lookMs);
}

export function unwatch(each: Watched): void {
  watched.delete(each);
  if (watched.size > 0 || interval === undefined) return;
  clearInterval(interval);
  interval = undefined;
}

/** Sleeps of this thread on one word, of which there is only one at a time: a sleep cannot be taken back, and those of cancelled
 *  tasks would pile up. */
export class Sleeper {
  readonly #words: SharedWords;
  readonly #onWake: () => void;
  /** Words slept on, by index. */
  readonly #sleeping = new Set<number>();

  constructor(words: SharedWords, onWake: () => void) {
    this.#words = words;
    this.#onWake = onWake;
  }

  /** Sleeps while the word holds `value`; false when it does not, so that there is something to look at now. */
  sleep(index: number, value: number): boolean {
    if (this.#sleeping.has(index)) return true;
    const waiting = waitAsync(this.#words, index, value);
    // A platform that has no room for another wait answers at once too: the same look finds nothing, and the interval does the rest.
    if (!waiting.async) return waiting.value !== "not-equal";
    this.#sleeping.add(index);
    void waiting.value.then(() => {
      this.#sleeping.delete(index);
      this.#onWake();
    });
    return true;
  }
}
