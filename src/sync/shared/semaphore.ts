// SharedSemaphore: permits for all threads together, strictly first in, first out, over the fair semaphore of memory/.
import type { Guard, Lock, LockOptions, PermitOptions } from "../../contract/sync.ts";
import type { Clause } from "../../contract/waiting.ts";
import { checkCount } from "../../core/durations.ts";
import { allocateWords } from "../../memory/atomics.ts";
import { partyIn } from "../../memory/party.ts";
import { TurnSemaphore } from "../../memory/turn-semaphore.ts";
import { WaitingLine } from "../../memory/waiting-line.ts";
import { Acquirer } from "./acquirer.ts";
import { SharedGuard } from "./guard.ts";
import type { LockSync } from "./mutex.ts";
import { placeOf, settle } from "./place.ts";
import type { Request } from "./task-line.ts";
import { TurnTarget } from "./turn-target.ts";

/** Threads that can hold or wait at once without losing their turn: two places each. */
const places = 124;
const one: Request = { permits: 1, repairing: false };

/** Permits for all threads that have it: pass it as an argument. Strictly first in, first out, so a large request is never overtaken
 *  by small ones; the tasks of a thread come one after another. When a thread ends while it holds permits, it is *poisoned*: every
 *  acquire rejects with `LockPoisonedError` until one recovers it, and then the permits are there again. `RangeError` for a number
 *  that is not whole.
 *
 *  @example
 *  ```ts
 *  const semaphore = new SharedSemaphore(3);
 *  const guard = await semaphore.acquire({ permits: 2 });
 *  console.log(semaphore.available); // 1
 *  guard.release();
 *  ```
 */
export class SharedSemaphore implements Lock<PermitOptions>, LockSync<{ readonly permits?: number | undefined }> {
  /** Words that it needs. */
  static readonly size: number = WaitingLine.size(places);

  readonly #semaphore: TurnSemaphore;
  readonly #acquirer: Acquirer<Guard>;

  constructor(permits: number, options?: LockOptions) {
    checkCount("The permits of a SharedSemaphore", permits, 0);
    const { words, base, name } = settle(this, {
      ...(placeOf(options) ?? { words: allocateWords(SharedSemaphore.size), base: 0, name: options?.name }),
      permits,
    });
    const { me, deaths } = partyIn(words.buffer);
    this.#semaphore = new TurnSemaphore(words, base, places, permits, me, deaths);
    const waitingFor = name === undefined ? "a shared semaphore" : `the shared semaphore ${JSON.stringify(name)}`;
    const makeGuard = (taken: number, repairing: boolean) =>
      new SharedGuard(() => (repairing ? this.#semaphore.endRepair() : this.#semaphore.release(taken)));
    this.#acquirer = new Acquirer(new TurnTarget<Guard>(waitingFor, this.#semaphore, false, makeGuard));
  }

  /** Permits that nobody has. Never waits. */
  get available(): number {
    return this.#semaphore.available;
  }

  /** Parks the task until it has the permits. Rejects with `RangeError` for more than there are. */
  readonly acquire = (options?: PermitOptions): Promise<Guard> => {
    try {
      return this.#acquirer.acquire(this.#request(options?.permits), options);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  /** The guard, or `undefined` when it would have to wait. Never waits. */
  readonly tryAcquire = (options?: Omit<PermitOptions, "signal" | "timeout">): Guard | undefined =>
    this.#acquirer.tryAcquire(this.#request(options?.permits));

  /** Blocks the thread, `timeoutMs` at most; then `TimeoutError`. */
  readonly acquireSync = (timeoutMs?: number, options?: { readonly permits?: number | undefined }): Guard =>
    this.#acquirer.acquireSync(this.#request(options?.permits), timeoutMs);

  /** Acquires, runs `fn`, releases when what `fn` returned has settled. Parks the task. */
  async with<R>(fn: () => R, options?: PermitOptions): Promise<Awaited<R>> {
    return this.#acquirer.with(fn, this.#request(options?.permits), options);
  }

  /** Blocks the thread to acquire one permit, runs `fn`, which must be synchronous, releases. */
  withSync<R>(fn: () => R extends PromiseLike<unknown> ? never : R, timeoutMs?: number): R {
    return this.#acquirer.withSync(fn as () => R, one, timeoutMs);
  }

  /** A clause for `select`. */
  acquiring(options?: Omit<PermitOptions, "signal" | "timeout">): Clause<Guard> {
    return this.#acquirer.clause(this.#request(options?.permits));
  }

  #request(permits: number | undefined): Request {
    if (permits === undefined || permits === 1) return one;
    checkCount("The option permits", permits, 1);
    const total = this.#semaphore.permits;
    if (permits > total) throw new RangeError(`The option permits must be at most ${total}, all there are, not ${permits}.`);
    return { permits, repairing: false };
  }
}
