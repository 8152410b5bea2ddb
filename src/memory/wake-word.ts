// A wake word: how one thread wants to be woken, in one shared word (the sleep states of an event count, after rayon's and Go's
// "check again before you sleep"). Its owner says so and looks for work once more; whoever has published work reads the word
// and takes the owner out of its sleep, once, however many publish. Protocol and proof: README.md beside.
import type { SharedWords } from "./atomics.ts";
import { compareExchange, load, notify, store, wait } from "./atomics.ts";

/** Awake, or on the way to it: it will look for work by itself. */
const RUN = 0;
/** In its event loop: a message wakes it. */
const LOOP = 1;
/** Blocked on this very word. */
const FUTEX = 2;

/** The word at `words[index]`, which belongs to it alone. Fresh words say RUN. */
export class WakeWord {
  readonly #words: SharedWords;
  readonly #index: number;

  constructor(words: SharedWords, index = 0) {
    this.#words = words;
    this.#index = index;
  }

  // ---- whoever has published work ----

  /** Call it after the work is published. True when the owner is in its event loop and the caller has to send it a message; all
   *  other callers are told false until the owner rests again. Never waits. */
  wake(): boolean {
    const state = load(this.#words, this.#index);
    return state !== RUN && this.#wakeSlow();
  }

  #wakeSlow(): boolean {
    const state = load(this.#words, this.#index);
    // Lost against another who wakes it, or the owner has woken by itself: either way it looks after what was published here.
    if (state === RUN || compareExchange(this.#words, this.#index, state, RUN) !== state) return false;
    if (state === FUTEX) notify(this.#words, this.#index);
    return state === LOOP;
  }

  // ---- the owner ----

  /** It is awake: nobody needs to wake it. It must look for work before it rests again. */
  awake(): void {
    store(this.#words, this.#index, RUN);
  }

  /** It goes to its event loop. Look for work *after* this, and take `leave` when there is some. */
  rest(): void {
    store(this.#words, this.#index, LOOP);
  }

  /** It found work after `rest`. False when somebody has woken it already, so that a message is on its way. */
  leave(): boolean {
    return compareExchange(this.#words, this.#index, LOOP, RUN) === LOOP;
  }

  /** It is about to block. Look for work *after* this, then call `sleepSync`, or `awake` when there is some. */
  drowse(): void {
    store(this.#words, this.#index, FUTEX);
  }

  /** Blocks the thread until it is woken, `timeoutMs` at most. Awake afterwards. */
  sleepSync(timeoutMs: number): void {
    wait(this.#words, this.#index, FUTEX, timeoutMs);
    this.awake();
  }
}
