// SharedEvent: a flag to wait for, for all threads, over the event word of memory/.
import { TimeoutError } from "../../contract/errors.ts";
import type { LockOptions } from "../../contract/sync.ts";
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { checkDuration } from "../../core/durations.ts";
import { enterOperation } from "../../core/parked.ts";
import { allocateWords } from "../../memory/atomics.ts";
import { EventWord } from "../../memory/event-word.ts";
import { FlagLine } from "./flag-line.ts";
import { placeOf, settle } from "./place.ts";

/** A flag to wait for, for all threads that have it: pass it as an argument. `set` lets all go on that wait in that moment, also when
 *  `clear` follows at once.
 *
 *  @example
 *  ```ts
 *  const ready = new SharedEvent();
 *  ready.set();
 *  await ready.wait();
 *  ready.waitSync();
 *  ```
 */
export class SharedEvent {
  /** Words that it needs. */
  static readonly size = 1;

  readonly #line: FlagLine;

  constructor(options?: LockOptions) {
    const place = settle(this, placeOf(options) ?? { words: allocateWords(SharedEvent.size), base: 0, name: options?.name });
    const name = place.name === undefined ? "a shared event" : `the shared event ${JSON.stringify(place.name)}`;
    this.#line = new FlagLine(name, new EventWord(place.words, place.base));
  }

  get isSet(): boolean {
    return this.#line.word.isSet;
  }

  /** Lets everybody go on, now and until `clear`. Never waits. */
  set(): void {
    this.#line.word.set();
  }

  /** From now on everybody waits. Never waits. */
  clear(): void {
    this.#line.word.clear();
  }

  /** Parks the task until it is set. */
  wait(options?: WaitOptions): Promise<void> {
    return this.#line.wait(options);
  }

  /** Blocks the thread until it is set, `timeoutMs` at most; then `TimeoutError`. */
  waitSync(timeoutMs: number = Number.POSITIVE_INFINITY): void {
    enterOperation();
    checkDuration("The time limit", timeoutMs);
    if (!this.#line.word.waitSync(timeoutMs))
      throw new TimeoutError(`Waiting for ${this.#line.waitingFor} took longer than ${timeoutMs} ms.`);
  }

  /** A clause for `select`: ready when it is set. */
  waiting(): Clause<void> {
    return this.#line.clause();
  }
}
