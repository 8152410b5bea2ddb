// A mutex that is held for a few steps and never across anybody's code, so blocking for it is no matter, on an event loop either. A
// thread that dies inside leaves half of its steps; the next one in makes whole what follows from the words that were committed.
import { DeadlockError } from "../contract/errors.ts";
import type { SharedWords } from "./atomics.ts";
import { FutexMutex, TAKEN } from "./futex-mutex.ts";
import type { Deaths } from "./obituary.ts";

export class ShortGuard {
  readonly #mutex: FutexMutex;
  readonly #me: number;
  readonly #rebuild: () => void;

  /** The guard at `words[index]`, 0 at first. `rebuild` is called inside it after a death, and may be called again. */
  constructor(words: SharedWords, index: number, me: number, obituary: Deaths, lookMs: number | undefined, rebuild: () => void) {
    this.#mutex = new FutexMutex(words, index, me, obituary, undefined, lookMs);
    this.#me = me;
    this.#rebuild = rebuild;
  }

  /** Blocks the thread for the few steps of others. `DeadlockError` inside itself, which only code that was called there can bring about. */
  enter(): void {
    if (!this.#mutex.tryAcquire()) this.#enterSlow();
  }

  leave(): void {
    this.#mutex.release();
  }

  #enterSlow(): void {
    if (this.#mutex.holder === this.#me) {
      throw new DeadlockError("This thread is inside already: a function that is called there must not use what it is called for.", []);
    }
    if (this.#mutex.acquireSync(Number.POSITIVE_INFINITY, false) === TAKEN) return;
    // Another may have repaired it meanwhile; then there is nothing left to do, and doing it is no harm.
    this.#mutex.acquireSync(Number.POSITIVE_INFINITY, true);
    this.#rebuild();
  }
}
