// Limits of a task: its running time and its grace, each a timer that exists only while it can ring. A task without limits
// carries none of this.
import { TimeoutError } from "../contract/errors.ts";
import type { CancelScope } from "./scope.ts";
import { type Timer, timers } from "./timers.ts";

export class TaskLimits {
  readonly #keepAlive: boolean;
  #grace: Timer | undefined;
  #running: Timer | undefined;
  #deadlineBeforeRunningAtMs: number | undefined;

  /** `keepAlive`: nothing else keeps the program alive until the limit is reached. */
  constructor(keepAlive: boolean) {
    this.#keepAlive = keepAlive;
  }

  /** Expires the scope of a task `ms` from now, unless its deadline comes first. */
  limitRunning(scope: CancelScope, name: string, ms: number): void {
    const atMs = timers.now() + ms;
    if (atMs >= scope.deadlineAtMs) return;
    this.#deadlineBeforeRunningAtMs = scope.deadlineAtMs;
    scope.deadlineAtMs = atMs;
    const expire = () => scope.cancelWith(new TimeoutError(`The task ${name} ran longer than ${ms} ms.`));
    if (ms <= 0) expire();
    else this.#running = timers.set(ms, expire, this.#keepAlive);
  }

  /** Calls back `graceMs` from now; never when it is infinite. */
  armGrace(graceMs: number, callback: () => void): void {
    timers.clear(this.#grace);
    this.#grace = graceMs === Number.POSITIVE_INFINITY ? undefined : timers.set(graceMs, callback, this.#keepAlive);
  }

  /** Stops both; the deadline is again the one from before the running time was limited. */
  lift(scope: CancelScope): void {
    timers.clear(this.#grace);
    timers.clear(this.#running);
    scope.deadlineAtMs = this.#deadlineBeforeRunningAtMs ?? scope.deadlineAtMs;
    this.#deadlineBeforeRunningAtMs = undefined;
  }
}
