// Obituary: one bit for each thread of the program, set when the thread has ended and never cleared, since the platform never
// gives an id twice. So a lock whose word names its holder can be seen to be orphaned, by anyone, at any time (robust futexes,
// Linux: there the kernel walks the list of the dead; here nobody does, and whoever waits looks from time to time).
//
// Threads are counted from 1 here, so that 0 can mean nobody.
import type { SharedWords } from "./atomics.ts";
import { allocateWords, load, setBits } from "./atomics.ts";

/** Threads that a program can have started before the later ones count as immortal. */
const capacity = 1 << 20;

/** Who knows of deaths. */
export interface Deaths {
  /** Whether it has ended; "no" may be late. */
  has(thread: number): boolean;
}

export class Obituary implements Deaths {
  readonly #words: SharedWords;

  constructor(words: SharedWords) {
    this.#words = words;
  }

  /** Words for one program. */
  static allocate(): SharedWords {
    return allocateWords(capacity / 32);
  }

  /** The thread has ended: it takes no more steps. */
  record(thread: number): void {
    const word = thread >>> 5;
    if (word < this.#words.length) setBits(this.#words, word, 1 << (thread & 31));
  }

  has(thread: number): boolean {
    const word = thread >>> 5;
    return word < this.#words.length && (load(this.#words, word) & (1 << (thread & 31))) !== 0;
  }
}
