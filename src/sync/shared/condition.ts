// SharedCondition: waiting for a predicate under a SharedMutex, over the condition of memory/.
import { NotOwnerError, TimeoutError } from "../../contract/errors.ts";
import type { WaitOptions } from "../../contract/waiting.ts";
import { checkCount, checkDuration } from "../../core/durations.ts";
import { enterOperation } from "../../core/parked.ts";
import { shield } from "../../core/waiting.ts";
import { allocateWords } from "../../memory/atomics.ts";
import { partyIn } from "../../memory/party.ts";
import { TurnCondition } from "../../memory/turn-condition.ts";
import { WaitingLine } from "../../memory/waiting-line.ts";
import { mutexOf, reacquire, SharedMutex } from "./mutex.ts";
import { atPlace, type Place, placeOf, settle } from "./place.ts";
import { type TurnHost, TurnWait } from "./turn-wait.ts";

/** Tasks that can wait at once. */
const places = 252;

/** Where a condition lies, and its mutex. */
export interface ConditionPlace extends Place {
  readonly mutex: SharedMutex;
}

/** Waiting for a predicate under a shared mutex, in all threads that have it: pass it as an argument, and its mutex comes along. All
 *  but `mutex` throw `NotOwnerError` unless a task of this thread holds the mutex. A notify wakes exactly those who have waited longest.
 *  `RangeError` when more than 252 wait.
 *
 *  @example
 *  ```ts
 *  const condition = new SharedCondition();
 *  const jobs = new Int32Array(new SharedArrayBuffer(4));
 *  const worker = condition.mutex.with(() => condition.waitFor(() => jobs[0] === 1));
 *  await condition.mutex.with(() => {
 *    jobs[0] = 1;
 *    condition.notify();
 *  });
 *  await worker;
 *  ```
 */
export class SharedCondition {
  /** Words that it needs. */
  static readonly size: number = WaitingLine.size(places);

  readonly mutex: SharedMutex;
  readonly #condition: TurnCondition;
  readonly #host: TurnHost;

  /** The condition at a place. @internal */
  static at(place: ConditionPlace): SharedCondition {
    return new SharedCondition(atPlace(place) as unknown as SharedMutex);
  }

  constructor(mutex: SharedMutex = new SharedMutex()) {
    const given = placeOf(mutex) as ConditionPlace | undefined;
    const place = given ?? { words: allocateWords(SharedCondition.size), base: 0, name: undefined, mutex };
    this.mutex = place.mutex;
    settle(this, place);
    const { me, deaths } = partyIn(place.words.buffer);
    this.#condition = new TurnCondition(place.words, place.base, places, me, deaths);
    this.#host = { waitingFor: "a shared condition", line: this.#condition.line, look: () => this.#condition.look() };
  }

  /** Releases the mutex, waits for a notify, and acquires the mutex again, also when it throws. A notify that a cancelled waiter got is
   *  passed on. Parks the task. */
  async wait(options?: WaitOptions): Promise<void> {
    const scope = enterOperation(options);
    const place = this.#begin();
    const waiting = new TurnWait(this.#host, place, scope, options);
    let served = false;
    try {
      mutexOf(this.mutex).release();
      await waiting.promise;
      served = true;
    } finally {
      this.#condition.finish(place, served);
      // Whatever has happened to the task, the section that it is in holds the mutex.
      await shield(() => reacquire(this.mutex));
    }
  }

  /** Waits until the predicate holds, which is asked under the mutex. Parks the task. */
  async waitFor(predicate: () => boolean, options?: WaitOptions): Promise<void> {
    this.#checkOwner();
    while (!predicate()) await this.wait(options);
  }

  /** As `wait`, blocking the thread, `timeoutMs` at most; then `TimeoutError`. */
  waitSync(timeoutMs: number = Number.POSITIVE_INFINITY): void {
    enterOperation();
    checkDuration("The time limit", timeoutMs);
    const place = this.#begin();
    mutexOf(this.mutex).release();
    this.#condition.line.sleepSync(place, performance.now() + timeoutMs);
    const served = this.#condition.finish(place, true);
    this.mutex.acquireSync();
    if (!served) throw new TimeoutError(`Waiting for a shared condition took longer than ${timeoutMs} ms.`);
  }

  /** As `waitFor`, blocking the thread, `timeoutMs` at most; then `TimeoutError`. */
  waitForSync(predicate: () => boolean, timeoutMs: number = Number.POSITIVE_INFINITY): void {
    this.#checkOwner();
    const endMs = performance.now() + checkDuration("The time limit", timeoutMs);
    while (!predicate()) this.waitSync(Math.max(0, endMs - performance.now()));
  }

  /** Wakes `n` of those who have waited longest. Never waits. */
  notify(n = 1): void {
    this.#checkOwner();
    this.#condition.notify(checkCount("The number to notify", n, 0, true));
  }

  /** Wakes all. Never waits. */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY);
  }

  #begin(): number {
    this.#checkOwner();
    const place = this.#condition.begin();
    if (place === 0) throw new RangeError(`More than ${places} tasks wait for one shared condition.`);
    return place;
  }

  #checkOwner(): void {
    if (mutexOf(this.mutex).isMine) return;
    throw new NotOwnerError("A condition is used under its mutex: `condition.mutex.with(() => condition.wait())`.");
  }
}
