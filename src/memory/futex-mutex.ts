// Mutex in one word of shared memory: Drepper's third ("Futexes Are Tricky", 2011) with the layout of Linux' robust futexes, where
// the word names the holder, and with a reservation against starvation in the manner of Go's `sync.Mutex`. States, steps and the
// race that each step avoids: README.md beside. Checked by test/model/protocols/futex-mutex.ts.
//
// Invariants
// - The holder stands in the word from the very step that takes the lock: there is no instant in which a holder could die unnamed.
// - Whoever sleeps has seen WAITERS in the word, and sleeps only while the word still is what it saw.
// - Only the holder writes a word that names a holder, except to add WAITERS or RESERVED, or to bury a dead holder.
import type { SharedWords } from "./atomics.ts";
import { compareExchange, load, notify, wait } from "./atomics.ts";
import type { Deaths } from "./obituary.ts";

/** The holder, counted from 1; 0 when nobody holds it. */
const HOLDER = 0x07ff_ffff;
/** A waiter has been passed over too often: who comes later lets it go first. */
const RESERVED = 1 << 28;
/** The holder that is named died inside, and nobody has taken the lock since to repair what it guards. */
const POISONED = 1 << 29;
/** Somebody may sleep, so a release must wake. */
const WAITERS = 1 << 30;

/** It is held. */
export const TAKEN = 0;
/** It was not taken: a holder died inside, and nobody has repaired it. */
export const ORPHANED = -1;
/** It was not taken: the time ran out. */
export const EXPIRED = -2;

/** How often a waiter is passed over before it reserves the lock. */
const defaultPatience = 4;
/** How long a thread sleeps before it looks whether the holder still lives. */
const defaultLookMs = 20;

export class FutexMutex {
  readonly #words: SharedWords;
  readonly #index: number;
  readonly #me: number;
  readonly #obituary: Deaths;
  readonly #patience: number;
  readonly #lookMs: number;

  /** The mutex at `words[index]`, 0 at first, as the thread `me` uses it. */
  constructor(
    words: SharedWords,
    index: number,
    me: number,
    obituary: Deaths,
    patience: number = defaultPatience,
    lookMs: number = defaultLookMs,
  ) {
    this.#words = words;
    this.#index = index;
    this.#me = me;
    this.#obituary = obituary;
    this.#patience = patience;
    this.#lookMs = lookMs;
  }

  /** The thread that holds it; 0 when none does. It may be dead. */
  get holder(): number {
    const word = load(this.#words, this.#index);
    return (word & POISONED) === 0 ? word & HOLDER : 0;
  }

  /** This thread holds it. */
  get isMine(): boolean {
    return this.holder === this.#me;
  }

  /** The thread that died inside; 0 when it is not poisoned. */
  get lost(): number {
    const word = load(this.#words, this.#index);
    return (word & POISONED) === 0 ? 0 : word & HOLDER;
  }

  /** Takes it if it is free, reserved for nobody and not poisoned. Never waits. */
  tryAcquire(): boolean {
    return compareExchange(this.#words, this.#index, 0, this.#me) === 0;
  }

  /** One attempt of a waiter that has slept `rounds` times: `TAKEN`, `ORPHANED`, or the value of the word on which to sleep before the
   *  next. `repairing` takes a poisoned lock too. Never waits. */
  attempt(rounds: number, repairing: boolean): number {
    for (;;) {
      const word = load(this.#words, this.#index);
      const holder = word & HOLDER;
      const poisoned = (word & POISONED) !== 0;
      if (holder !== 0 && !poisoned && this.#obituary.has(holder)) {
        this.#bury(word);
        continue;
      }
      if (poisoned && !repairing) return ORPHANED;
      const overdue = rounds > this.#patience;
      // The one that was woken cannot know whether it was the last to sleep: it goes on warning the next release.
      const warning = rounds > 0 ? WAITERS : word & WAITERS;
      const takes = (holder === 0 || poisoned) && (overdue || (word & RESERVED) === 0);
      const next = takes ? this.#me | warning : word | WAITERS | (overdue ? RESERVED : 0);
      if (next !== word && compareExchange(this.#words, this.#index, word, next) !== word) continue;
      // Not told by the holder in `next`: that may be another task of this thread.
      return takes ? TAKEN : next;
    }
  }

  /** Releases it; nothing when this thread is not the holder. Never waits. */
  release(): void {
    if (compareExchange(this.#words, this.#index, this.#me, 0) !== this.#me) this.#releaseSlow();
  }

  /** A waiter leaves without the lock after an attempt with that many rounds. */
  giveUp(rounds: number): void {
    if (rounds <= this.#patience) return;
    for (;;) {
      const word = load(this.#words, this.#index);
      if ((word & RESERVED) === 0) return;
      // Those that stood back for the reservation sleep on a free lock.
      const free = (word & HOLDER) === 0;
      if (compareExchange(this.#words, this.#index, word, free ? word & ~(RESERVED | WAITERS) : word & ~RESERVED) !== word) continue;
      if (free) notify(this.#words, this.#index);
      return;
    }
  }

  /** A wake-up came for a waiter that is no longer there: somebody else gets it. */
  passOn(): void {
    notify(this.#words, this.#index, 1);
  }

  /** Blocks the thread until the attempt succeeds, `timeoutMs` at most: `TAKEN`, `ORPHANED` or `EXPIRED`. */
  acquireSync(timeoutMs: number, repairing: boolean): number {
    return this.tryAcquire() ? TAKEN : this.#acquireSlowSync(timeoutMs, repairing);
  }

  #acquireSlowSync(timeoutMs: number, repairing: boolean): number {
    const endMs = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : performance.now() + timeoutMs;
    for (let rounds = 0; ; rounds++) {
      const outcome = this.attempt(rounds, repairing);
      if (outcome <= 0) return outcome;
      const leftMs = endMs === Number.POSITIVE_INFINITY ? endMs : endMs - performance.now();
      if (leftMs <= 0) {
        this.giveUp(rounds);
        return EXPIRED;
      }
      wait(this.#words, this.#index, outcome, Math.min(leftMs, this.#lookMs));
    }
  }

  /** The word names a dead holder: poisons the lock. All wake, since all have to be told. */
  #bury(word: number): void {
    if (compareExchange(this.#words, this.#index, word, POISONED | (word & HOLDER)) === word) notify(this.#words, this.#index);
  }

  #releaseSlow(): void {
    for (;;) {
      const word = load(this.#words, this.#index);
      // Not ours: a guard outlived the lock, which somebody has buried.
      if ((word & (HOLDER | POISONED)) !== this.#me) return;
      if (compareExchange(this.#words, this.#index, word, word & RESERVED) !== word) continue;
      // The one that reserved it may be any of the sleepers.
      if ((word & WAITERS) !== 0) notify(this.#words, this.#index, (word & RESERVED) === 0 ? 1 : undefined);
      return;
    }
  }
}
