// What a task promises on every level.
import type { CancelledError } from "./errors.ts";
import type { Level } from "./portable.ts";

/** Where a task stands. */
export type TaskState = "waiting" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";

/** How a task ended. */
export type Outcome<T> =
  | { readonly state: "succeeded"; readonly value: T }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "cancelled"; readonly error: CancelledError };

/** What a task has cost. Times in milliseconds. */
export interface TaskMetrics {
  readonly queuedMs: number;
  readonly runMs: number;
  /** Processor time; `undefined` where the level cannot tell. */
  readonly cpuMs: number | undefined;
  /** Towards the worker. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Name of the worker; `undefined` while waiting. */
  readonly worker: string | undefined;
}

/** Work on its way to an outcome; usable wherever a `Promise<T>` is wanted. It starts on the next tick and always
 *  settles, whatever happens to its worker. */
export interface Task<out T> extends PromiseLike<T>, AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly level: Level;
  readonly state: TaskState;
  /** What the task reports, from now on; only the newest value waits for a slow reader. Ends with the task. */
  readonly progress: AsyncIterable<unknown>;
  /** Figures so far; final once settled. */
  readonly metrics: TaskMetrics;
  /** Settled at the end of its grace although its code could not be stopped and may still run. */
  readonly abandoned: boolean;
  /** Waiting for a task is not cut short when the waiter is cancelled: a task that was submitted inside is cancelled with it
   *  and its end is waited for; one that came from elsewhere goes on. */
  then<U = T, V = never>(
    onFulfilled?: ((value: T) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V>;
  catch<U = never>(onRejected?: ((reason: unknown) => U | PromiseLike<U>) | null): Promise<T | U>;
  finally(onFinally?: (() => void) | null): Promise<T>;
  /** Asks for cancellation; idempotent, and without effect once a result is committed. Never waits. */
  cancel(reason?: unknown): void;
  /** Cancels and resolves after every finalizer has run; never rejects, and counts as taking care of the outcome. A cancel
   *  of the caller does not end the wait. */
  stop(): Promise<void>;
  /** Blocks the thread until the task ends, then returns or throws its outcome; starts the task and serves the pool
   *  meanwhile, workers' output included. `TimeoutError` after `timeoutMs` leaves it running. `UnsupportedError` for a task
   *  that needs this thread, and from a worker of the same full pool. */
  joinSync(timeoutMs?: number): T;
  /** Calls back once with the outcome, at once on the next tick if there is one. Dispose to unsubscribe. */
  onDone(callback: (outcome: Outcome<T>) => void): Disposable;
  /** `stop()`. */
  [Symbol.asyncDispose](): Promise<void>;
  readonly [Symbol.toStringTag]: string;
}

/** A task seen from inside. */
export interface CurrentTask {
  readonly id: string;
  readonly name: string;
  readonly level: Level;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
  readonly cancelled: boolean;
  /** The instant on this thread's `performance.now()` clock, or `undefined`. */
  readonly deadline: number | undefined;
  /** Name of the worker that this thread is; `undefined` on the program's own thread. */
  readonly worker: string | undefined;
  /** Offers progress to whoever holds the task. Never waits. */
  report(progress: unknown): void;
}

/** A task as the code of `group.runExplicit` is given it: what `currentTask()` and `checkpoint()` tell elsewhere. */
export interface ExplicitTask extends CurrentTask {
  /** Throws `CancelledError` or `TimeoutError` when this task is due; gives the event loop a turn when the time slice is spent. */
  checkpoint(): Promise<void>;
}
