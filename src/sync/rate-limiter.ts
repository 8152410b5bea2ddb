// Rate limiter: at most so many starts in any interval, over a line of those who wait for theirs (what p-queue's `interval` and
// Bottleneck's reservoir are used for). A composition: sliding windows for the rate, a capacity limiter's permits for the concurrency.
import { CancelledError } from "../contract/errors.ts";
import type { LockOptions } from "../contract/sync.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { spendBudget } from "../core/checkpoint.ts";
import { currentScope } from "../core/context.ts";
import { checkCount, checkDuration } from "../core/durations.ts";
import { enterOperation } from "../core/parked.ts";
import { ParkingLot } from "../core/parking-lot.ts";
import { bindToThread } from "../core/thread-bound.ts";
import { type Timer, timers } from "../core/timers.ts";
import { Gate } from "./gate.ts";
import { inWords } from "./name.ts";
import { Permits } from "./permits.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { afterTurn } from "./turn.ts";
import { WholeWait } from "./whole-wait.ts";

/** Settings of a rate limiter. */
export interface RateLimiterOptions extends LockOptions {
  /** Starts allowed in any `interval`: a whole number of at least 1. */
  readonly limit: number;
  /** Milliseconds. */
  readonly interval: number;
  /** How many may run at once; default without limit. */
  readonly concurrency?: number | undefined;
  /** How many may start in one go; the others are spread evenly over the interval. Default `limit`; 1 spreads them all. */
  readonly burst?: number | undefined;
}

const passed = Promise.resolve();

/** Never more than `limit` starts in any window of `interval` milliseconds, wherever the window is laid; first in, first out. Time
 *  counts from the moment at which a start is granted.
 *
 *  @example
 *  ```ts
 *  const api = new RateLimiter({ limit: 10, interval: 1_000, concurrency: 2, name: "api" });
 *  const answers = await Promise.all(["a", "b"].map((word) => api.run(async () => word.toUpperCase())));
 *  console.log(answers.join()); // A,B
 *  ```
 */
export class RateLimiter {
  readonly #windows: readonly SlidingWindow[];
  readonly #running: Permits;
  readonly #line: ParkingLot<void>;
  readonly #idle: Gate;
  #paused = false;
  #activeCount = 0;
  /** Calls of `run` that have not ended. */
  #calls = 0;
  #timer: Timer | undefined;

  /** Throws `RangeError` for settings that are no such numbers. */
  constructor({ limit, interval, concurrency, burst, name }: RateLimiterOptions) {
    checkCount("The option limit", limit, 1);
    checkDuration("The option interval", interval);
    checkCount("The option burst", burst ?? limit, 1);
    checkCount("The option concurrency", concurrency ?? 1, 1, true);
    const waitingFor = inWords("rate limiter", name);
    this.#line = new ParkingLot<void>({ waitingFor, withdrawn: () => this.#serve() });
    this.#windows = [new SlidingWindow(limit, interval)];
    // A second window and not a bucket: the first one's promise holds whatever this one lets through.
    if (burst !== undefined && burst < limit) this.#windows = [...this.#windows, new SlidingWindow(burst, (interval * burst) / limit)];
    this.#running = new Permits("capacity limiter", name, concurrency ?? Number.POSITIVE_INFINITY);
    this.#idle = new Gate(`${waitingFor} to be idle`, true);
  }

  /** How many could start at this moment. */
  get available(): number {
    if (this.#paused || this.#line.length > 0) return 0;
    const now = timers.now();
    return Math.min(this.#running.available, ...this.#windows.map((window) => window.free(now)));
  }

  /** How many functions given to `run` run now. */
  get activeCount(): number {
    return this.#activeCount;
  }

  /** How many wait for their start. */
  get waitingCount(): number {
    return this.#line.length + this.#running.line.length;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Parks the task until it may start one thing; does not count as running. Rejects with `CancelledError` (also by `clear`) or, after
   *  `timeout` ms, `TimeoutError`; what was rejected has used up no start.
   *
   *  @example
   *  ```ts
   *  const limiter = new RateLimiter({ limit: 2, interval: 1_000 });
   *  await limiter.acquire({ timeout: 5_000 });
   *  const left = limiter.available; // 1
   *  ```
   */
  acquire(options?: WaitOptions): Promise<void> {
    const turn = spendBudget();
    const started = this.#start(options);
    return turn === undefined ? started : afterTurn(started, turn);
  }

  /** Runs `fn` when its start has come and there is room, in the caller's context. Parks the task; rejects as `acquire` and as `fn` do,
   *  and a failure does not hold up the others. The options limit the wait. A `run` inside another's `fn` that could never get room
   *  rejects with `DeadlockError`.
   *
   *  @example
   *  ```ts
   *  const limiter = new RateLimiter({ limit: 2, interval: 1_000 });
   *  const sum = await limiter.run(async () => 40 + 2); // 42
   *  ```
   */
  async run<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>> {
    if (typeof fn !== "function") throw new TypeError("run needs a function: limiter.run(() => fetch(url)).");
    const whole = new WholeWait(options);
    this.#calls++;
    this.#idle.isOpen = false;
    try {
      return await this.#running.with(() => this.#runNext(fn, whole), 1, options);
    } finally {
      this.#calls--;
      this.#lookIdle();
    }
  }

  /** Lets nothing start until `resume()`; what runs goes on. Never waits. */
  pause(): void {
    this.#paused = true;
    this.#serve();
  }

  /** Goes on after `pause()`. Never waits. */
  resume(): void {
    this.#paused = false;
    this.#serve();
  }

  /** Rejects all that wait with `CancelledError`; what runs goes on. Never waits. */
  clear(): void {
    const makeError = () => new CancelledError(`${this.#line.waitingFor} was cleared before this could start.`);
    // Those without room first: they would take the place of the others.
    this.#running.line.failAll(makeError);
    this.#line.failAll(makeError);
    this.#serve();
  }

  /** Parks the task until nothing waits or runs. Rejects with `CancelledError` or `TimeoutError`.
   *
   *  @example
   *  ```ts
   *  const limiter = new RateLimiter({ limit: 1, interval: 1 });
   *  const working = limiter.run(() => sleep(1));
   *  await limiter.drain();
   *  const active = limiter.activeCount; // 0
   *  ```
   */
  drain(options?: WaitOptions): Promise<void> {
    return this.#idle.wait(options);
  }

  async #runNext<R>(fn: () => R, whole: WholeWait): Promise<Awaited<R>> {
    await this.acquire(whole.rest());
    currentScope().check();
    this.#activeCount++;
    try {
      return await fn();
    } finally {
      this.#activeCount--;
    }
  }

  #start(options: WaitOptions | undefined): Promise<void> {
    try {
      const scope = enterOperation(options);
      if (this.#line.length === 0 && this.#takeStart()) return passed;
      const { promise } = this.#line.park(scope, options, undefined);
      this.#idle.isOpen = false;
      // Of those behind the first the alarm is set already.
      if (this.#line.length === 1) this.#serve();
      return promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #takeStart(): boolean {
    const now = timers.now();
    if (this.#paused || this.#nextAtMs(now) > now) return false;
    for (const window of this.#windows) window.add(now);
    return true;
  }

  #nextAtMs(now: number): number {
    return Math.max(...this.#windows.map((window) => window.nextAtMs(now)));
  }

  /** Lets those start whose time has come, and sets the alarm for the next. */
  #serve(): void {
    timers.clear(this.#timer);
    this.#timer = undefined;
    while (this.#line.first !== undefined && this.#takeStart()) this.#line.shift()?.settle();
    if (this.#line.length > 0 && !this.#paused) {
      const now = timers.now();
      this.#timer = timers.set(this.#nextAtMs(now) - now, () => this.#serve(), true);
    }
    this.#lookIdle();
  }

  #lookIdle(): void {
    if (this.#calls === 0 && this.#line.length === 0) this.#idle.open();
  }
}
bindToThread(RateLimiter, "a RateLimiter");
