// A count of changes to sleep on (the event count of Reed and Kanodia, 1979), written under its host's guard alone. The lowest bit says
// that somebody sleeps, so that a change which nobody waits for wakes nobody, which costs more than the change.
import type { SharedWords } from "./atomics.ts";
import { load, notify, store, wait } from "./atomics.ts";

const ASLEEP = 1;

export class ChangeWord {
  readonly words: SharedWords;
  readonly index: number;

  constructor(words: SharedWords, index: number) {
    this.words = words;
    this.index = index;
  }

  /** Inside the guard, of one who has found nothing: the value to sleep on until something changes. */
  await(): number {
    const word = load(this.words, this.index) | ASLEEP;
    store(this.words, this.index, word);
    return word;
  }

  /** Inside the guard: something has changed. True when `wake` has to follow, outside the guard. */
  change(): boolean {
    const word = load(this.words, this.index);
    // Takes the bit away and counts on, in one step.
    store(this.words, this.index, ((word | ASLEEP) + 1) | 0);
    return (word & ASLEEP) !== 0;
  }

  /** Wakes all who sleep: what one of them wants another may not, and the first may be dead. */
  wake(): void {
    notify(this.words, this.index);
  }

  /** Blocks the thread while the word holds `seen`, `timeoutMs` at most. */
  sleepSync(seen: number, timeoutMs: number): void {
    wait(this.words, this.index, seen, timeoutMs);
  }
}
