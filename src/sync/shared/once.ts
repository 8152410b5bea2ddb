// SharedOnce: one initialiser among all threads: a mutex around a flag.
import { LockPoisonedError } from "../../contract/errors.ts";
import type { Guard, LockOptions } from "../../contract/sync.ts";
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { allocateWords } from "../../memory/atomics.ts";
import { EventWord } from "../../memory/event-word.ts";
import { FlagLine } from "./flag-line.ts";
import { SharedMutex } from "./mutex.ts";
import { atPlace, placeOf, settle } from "./place.ts";

/** Runs an initialiser once among all threads that have it: pass it as an argument. Callers meanwhile wait; when it fails, or its
 *  thread ends, the next of them runs its own. What it makes stays with the thread that ran it, so it gives nothing.
 *
 *  @example
 *  ```ts
 *  const once = new SharedOnce();
 *  const table = new Float64Array(new SharedArrayBuffer(8 * 100));
 *  await once.run(() => void table.fill(1));
 *  await once.run(() => void table.fill(2));
 *  console.log(table[0], once.done); // 1 true
 *  ```
 */
export class SharedOnce {
  /** Words that it needs. */
  static readonly size = 2;

  readonly #mutex: SharedMutex;
  readonly #flag: FlagLine;

  constructor(options?: LockOptions) {
    const place = settle(this, placeOf(options) ?? { words: allocateWords(SharedOnce.size), base: 0, name: options?.name });
    const { words, base, name } = place;
    this.#mutex = new SharedMutex(atPlace({ words, base, name }));
    this.#flag = new FlagLine(
      name === undefined ? "a shared initialiser" : `the shared initialiser ${JSON.stringify(name)}`,
      new EventWord(words, base + 1),
    );
  }

  get done(): boolean {
    return this.#flag.word.isSet;
  }

  /** Runs `fn` unless that has been done; parks the task while another does. Rejects as its own `fn` does. */
  async run(fn: () => void | PromiseLike<void>, options?: WaitOptions): Promise<void> {
    if (this.done) return;
    // An initialiser that died has to be run again, which is all the repair there is.
    const guard = await this.#mutex.acquire(options).catch((error: unknown) => recovered(error, (poisoned) => poisoned.recover(options)));
    try {
      if (this.done) return;
      await fn();
      this.#flag.word.set();
    } finally {
      guard.release();
    }
  }

  /** The same, blocking the thread; `fn` must be synchronous. */
  runSync(fn: () => void, timeoutMs?: number): void {
    if (this.done) return;
    const guard = this.#acquireSync(timeoutMs);
    try {
      if (this.done) return;
      const result: unknown = fn();
      if (typeof (result as { then?: unknown } | undefined)?.then === "function") {
        throw new TypeError("runSync runs a synchronous function; use `run` for one that returns a promise.");
      }
      this.#flag.word.set();
    } finally {
      guard.release();
    }
  }

  /** A clause for `select`: ready when done. */
  waiting(): Clause<void> {
    return this.#flag.clause();
  }

  #acquireSync(timeoutMs: number | undefined): Guard {
    try {
      return this.#mutex.acquireSync(timeoutMs);
    } catch (error) {
      return recovered(error, (poisoned) => poisoned.recoverSync(timeoutMs));
    }
  }
}

function recovered<R>(error: unknown, recover: (poisoned: LockPoisonedError) => R): R {
  if (error instanceof LockPoisonedError) return recover(error);
  throw error;
}
