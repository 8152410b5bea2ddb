// An event in one word: a count of changes, odd while it is set. A waiter remembers the count it read and waits for another: so it
// has seen a `set` that is followed by `clear` before it wakes, as one that was parked must. Checked by
// test/model/protocols/event-word.ts.
import type { SharedWords } from "./atomics.ts";
import { compareExchange, load, notify, wait } from "./atomics.ts";

export class EventWord {
  readonly words: SharedWords;
  readonly index: number;

  constructor(words: SharedWords, index: number) {
    this.words = words;
    this.index = index;
  }

  get isSet(): boolean {
    return (this.read() & 1) === 1;
  }

  /** The count, to be given to `passed`, and to be slept on. */
  read(): number {
    return load(this.words, this.index);
  }

  /** Whether it has been set, now or since `seen` was read. */
  passed(seen: number): boolean {
    return (seen & 1) === 1 || this.read() !== seen;
  }

  /** Sets it and wakes all; nothing when it is set. Never waits. */
  set(): void {
    const count = this.read();
    // Lost to another `set`, or to one that was cleared again: either way it has been set in this moment.
    if ((count & 1) === 0 && compareExchange(this.words, this.index, count, (count + 1) | 0) === count) notify(this.words, this.index);
  }

  /** Never waits. */
  clear(): void {
    const count = this.read();
    if ((count & 1) === 1) compareExchange(this.words, this.index, count, (count + 1) | 0);
  }

  /** Blocks the thread until it is set, `timeoutMs` at most; false when the time ran out. */
  waitSync(timeoutMs: number): boolean {
    const seen = this.read();
    const until = performance.now() + timeoutMs;
    for (let left = timeoutMs; !this.passed(seen); left = until - performance.now()) {
      // A `set` wakes after it has changed the word: who saw the change, cleared it and waits again may be woken by that, for nothing.
      if (left < 0 || wait(this.words, this.index, seen, left) === "timed-out") return this.passed(seen);
    }
    return true;
  }
}
