// Choices: one word for each select that waits in several queues at once, so that exactly one of them serves it (the commit point of
// Reppy's CML, one word as in Go's `selectDone`). The queues have guards of their own; this word is where they meet.
//
// | state | who moves it |
// |---|---|
// | **closed** | the owner: it waits for nothing; whoever meets it passes it over |
// | **held** | the owner: it looks for itself, or serves itself from this thread, and nobody else may |
// | **open** | the owner: whoever can serve one of its cases may *win* it |
// | **won** by a case | whoever serves that case; the owner closes it |
//
// Whoever meets it *held* leaves the mark MISSED; the owner finds that when it opens, and looks again. Protocol and proof: README.md
// beside.
import type { SharedWords } from "./atomics.ts";
import { compareExchange, load, store } from "./atomics.ts";

const CLOSED = 0;
const OPEN = 1;
const HELD = 2;
const WON = 3;
const STATE = 3;
/** Somebody passed it over who might have served it: look again. */
const MISSED = 4;
const caseShift = 3;

export class Choices {
  readonly #words: SharedWords;

  constructor(words: SharedWords) {
    this.#words = words;
  }

  // ---- those who serve ----

  /** Wins it for the case; false when it cannot be had, and then its owner will look by itself if it still waits. */
  win(choice: number, which: number): boolean {
    for (;;) {
      const word = load(this.#words, choice);
      const state = word & STATE;
      if (state === OPEN) {
        if (compareExchange(this.#words, choice, word, WON | (which << caseShift)) === word) return true;
      } else if (state !== HELD || (word & MISSED) !== 0 || compareExchange(this.#words, choice, word, word | MISSED) === word) {
        return false;
      }
    }
  }

  /** Tells the owner to look again. True when it may be asleep: then the caller wakes it. */
  remind(choice: number): boolean {
    for (;;) {
      const word = load(this.#words, choice);
      const state = word & STATE;
      if ((state !== OPEN && state !== HELD) || (word & MISSED) !== 0) return false;
      if (compareExchange(this.#words, choice, word, word | MISSED) === word) return state === OPEN;
    }
  }

  /** Whether it can be won now. */
  isOpen(choice: number): boolean {
    return (load(this.#words, choice) & STATE) === OPEN;
  }

  /** Whether it was won for this case. */
  isWonBy(choice: number, which: number): boolean {
    return load(this.#words, choice) === (WON | (which << caseShift));
  }

  // ---- the owner ----

  /** From now on nobody else serves it; false when somebody has won it. Whoever opens it again looks before, so a mark is not kept. */
  hold(choice: number): boolean {
    for (;;) {
      const word = load(this.#words, choice);
      const state = word & STATE;
      if (state === WON) return false;
      if (state === HELD || compareExchange(this.#words, choice, word, HELD) === word) return true;
    }
  }

  /** Held becomes open; false when somebody was passed over meanwhile: the owner looks again, and then opens again. */
  open(choice: number): boolean {
    if (compareExchange(this.#words, choice, HELD, OPEN) === HELD) return true;
    store(this.#words, choice, HELD);
    return false;
  }

  /** Somebody has told the owner to look again. */
  isReminded(choice: number): boolean {
    return (load(this.#words, choice) & MISSED) !== 0;
  }

  /** It waits no more. Only when it is held, or was won. */
  close(choice: number): void {
    store(this.#words, choice, CLOSED);
  }
}
