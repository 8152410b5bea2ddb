// The two who deal with a task besides its callers: what runs its code, and what waits for its end from its start.
import type { CancelCause } from "./scope.ts";
import type { ScopedTask } from "./task.ts";

/** What runs the code of tasks: an executor's side of them. */
export interface TaskDriver {
  /** A waiting task was cancelled or expired: forget it and return true; or false when its code may already be on the way
   *  in, so that the task has to hear the answer first (`onCancelling` follows). */
  withdraw(task: ScopedTask<unknown>): boolean;
  /** A running task was asked to stop, by the scope's error. */
  onCancelling(task: ScopedTask<unknown>, error: CancelCause): void;
  /** The task has its outcome; called once. */
  onSettled(task: ScopedTask<unknown>): void;
  /** Time between a cancel and the abandonment of code that ignores it, for tasks without one of their own; absent: for ever. */
  readonly graceMs?: number;
  /** The worker on which all its tasks run. */
  readonly worker?: string;
  /** The id of a task that has come from elsewhere; absent where ids are this thread's. */
  idOf?(task: ScopedTask<unknown>): string | undefined;
  /** Calls the code of a task that `enterSoon` has entered. */
  call?(task: ScopedTask<unknown>): unknown;
  /** The code that `call` began has returned; for abandoned code after the task has settled. */
  onReturned?(task: ScopedTask<unknown>): void;
  /** The code of the task reports progress; absent where the task's own readers are the only ones. */
  onReport?(task: ScopedTask<unknown>, value: unknown): void;
  /** What the readers of a report get; throws when it cannot travel. Absent where a report is passed on as it is. */
  copyReport?(task: ScopedTask<unknown>, value: unknown): unknown;
  /** Blocks until the task has settled or the instant has come; absent where the task needs this thread. */
  blockUntilSettled?(task: ScopedTask<unknown>, untilMs: number): void;
}

/** Whoever waits for a task to end, from its start. */
export interface TaskOwner {
  /** A task of its has settled: called once, synchronously. */
  childSettled(task: ScopedTask<unknown>): void;
}
