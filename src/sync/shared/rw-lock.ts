// SharedRWLock: many readers or one writer among all threads. A fair semaphore with a permit for every reader; a writer takes all.
import { NotOwnerError } from "../../contract/errors.ts";
import type { Guard, LockOptions, WriteGuard } from "../../contract/sync.ts";
import type { Clause, WaitOptions } from "../../contract/waiting.ts";
import { allocateWords } from "../../memory/atomics.ts";
import { partyIn } from "../../memory/party.ts";
import { TurnSemaphore } from "../../memory/turn-semaphore.ts";
import { WaitingLine } from "../../memory/waiting-line.ts";
import { Acquirer } from "./acquirer.ts";
import { SharedGuard } from "./guard.ts";
import { placeOf, settle } from "./place.ts";
import type { Request } from "./task-line.ts";
import { TurnTarget } from "./turn-target.ts";

/** Threads that can hold or wait at once without losing their turn: two places each. */
const places = 124;
/** Readers at once. */
const allPermits = 1 << 20;
const reading: Request = { permits: 1, repairing: false };
const writing: Request = { permits: allPermits, repairing: false };

/** A write guard; one for a repair has no permits to keep for reading. */
class SharedWriteGuard extends SharedGuard implements WriteGuard {
  readonly #downgrade: () => Guard;
  #given = false;

  constructor(release: () => void, downgrade: () => Guard) {
    super(() => {
      if (!this.#given) release();
    });
    this.#downgrade = downgrade;
  }

  downgrade(): Guard {
    if (!this.held) throw new NotOwnerError("This write guard is released: there is nothing to downgrade.");
    this.#given = true;
    this.release();
    return this.#downgrade();
  }
}

/** Many readers or one writer among all threads that have it: pass it as an argument. Strictly first in, first out: new readers wait
 *  behind a writer that waits. When a thread ends while it holds it, it is *poisoned*: every acquire rejects with
 *  `LockPoisonedError` until one recovers it.
 *
 *  @example
 *  ```ts
 *  const lock = new SharedRWLock();
 *  const table = new Float64Array(new SharedArrayBuffer(8 * 100));
 *  await lock.withWrite(() => table.fill(1));
 *  console.log(lock.withReadSync(() => table[7])); // 1
 *  ```
 */
export class SharedRWLock {
  /** Words that it needs. */
  static readonly size: number = WaitingLine.size(places);

  readonly #readers: Acquirer<Guard>;
  readonly #writers: Acquirer<WriteGuard>;

  constructor(options?: LockOptions) {
    const place = settle(this, placeOf(options) ?? { words: allocateWords(SharedRWLock.size), base: 0, name: options?.name });
    const { me, deaths } = partyIn(place.words.buffer);
    const semaphore = new TurnSemaphore(place.words, place.base, places, allPermits, me, deaths);
    const name = place.name === undefined ? "a shared readers-writer lock" : `the shared readers-writer lock ${JSON.stringify(place.name)}`;
    const makeReadGuard = (permits: number, repairing: boolean) =>
      new SharedGuard(() => (repairing ? semaphore.endRepair() : semaphore.release(permits)));
    const makeWriteGuard = (permits: number, repairing: boolean) =>
      new SharedWriteGuard(
        () => (repairing ? semaphore.endRepair() : semaphore.release(permits)),
        () => {
          // Under repair nobody else is in: the repair goes on until the read guard is released.
          if (repairing) return new SharedGuard(() => semaphore.endRepair());
          semaphore.release(permits - 1);
          return makeReadGuard(1, false);
        },
      );
    this.#readers = new Acquirer(new TurnTarget<Guard>(name, semaphore, true, makeReadGuard));
    this.#writers = new Acquirer(new TurnTarget<WriteGuard>(name, semaphore, true, makeWriteGuard));
  }

  /** Parks the task until it may read. */
  acquireRead(options?: WaitOptions): Promise<Guard> {
    return this.#readers.acquire(reading, options);
  }

  /** Parks the task until it may write. */
  acquireWrite(options?: WaitOptions): Promise<WriteGuard> {
    return this.#writers.acquire(writing, options);
  }

  /** The guard, or `undefined` when it would have to wait. Never waits. */
  tryAcquireRead(): Guard | undefined {
    return this.#readers.tryAcquire(reading);
  }

  /** The guard, or `undefined` when it would have to wait. Never waits. */
  tryAcquireWrite(): WriteGuard | undefined {
    return this.#writers.tryAcquire(writing);
  }

  /** Blocks the thread until it may read, `timeoutMs` at most; then `TimeoutError`. */
  acquireReadSync(timeoutMs?: number): Guard {
    return this.#readers.acquireSync(reading, timeoutMs);
  }

  /** Blocks the thread until it may write, `timeoutMs` at most; then `TimeoutError`. */
  acquireWriteSync(timeoutMs?: number): WriteGuard {
    return this.#writers.acquireSync(writing, timeoutMs);
  }

  /** Runs `fn` among the readers. Parks the task. */
  withRead<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#readers.with(fn, reading, options);
  }

  /** Runs `fn` alone. Parks the task. */
  withWrite<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    return this.#writers.with(fn, writing, options);
  }

  /** Runs `fn`, which must be synchronous, among the readers. Blocks the thread. */
  withReadSync<R>(fn: () => R, timeoutMs?: number): R {
    return this.#readers.withSync(fn, reading, timeoutMs);
  }

  /** Runs `fn`, which must be synchronous, alone. Blocks the thread. */
  withWriteSync<R>(fn: () => R, timeoutMs?: number): R {
    return this.#writers.withSync(fn, writing, timeoutMs);
  }

  /** A clause for `select`. */
  acquiringRead(): Clause<Guard> {
    return this.#readers.clause(reading);
  }

  /** A clause for `select`. */
  acquiringWrite(): Clause<WriteGuard> {
    return this.#writers.clause(writing);
  }
}
