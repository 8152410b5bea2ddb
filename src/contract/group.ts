// What a task group promises: no child outlives it.
import type { Executor } from "./executor.ts";
import type { Level, Work } from "./portable.ts";
import type { ExplicitTask, Task } from "./task.ts";

/** Settings of a group. */
export interface TaskGroupOptions {
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Total time from now, in ms; then all are cancelled and the group rejects with `TimeoutError`. */
  readonly deadline?: number | undefined;
  /** Reject with every failure (`TaskGroupError`, default) or rethrow the first. */
  readonly errors?: "all" | "first" | undefined;
}

/** The scope of its children. */
export interface TaskGroup {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly cancelled: boolean;
  /** Starts a coroutine child. A failure cancels the group even when awaited here. Starts cancelled in a cancelled
   *  group; throws `BrigadeError` (`ERR_BRIGADE_GROUP_FINISHED`) in a finished one. */
  run<R>(fn: () => R): Task<Awaited<R>>;
  /** Starts a child on an executor. */
  run<L extends Level, A extends readonly unknown[], R>(
    executor: Executor<L>,
    fn: Work<L, (...args: A) => R>,
    ...args: A
  ): Task<Awaited<R>>;
  /** Like `run` with a function, for hot paths: the function is given its task and gets no context of its own. Inside, `currentTask()`, `checkpoint()` and every operation of brigade see the context of whoever started it: they
   *  notice a cancel of the group, and one of this child alone only through its task (`task.checkpoint()`, `task.signal`). */
  runExplicit<R>(fn: (task: ExplicitTask) => R): Task<Awaited<R>>;
  /** Like `run`, for a child that is cancelled when the others are done. */
  background<R>(fn: () => R): Task<Awaited<R>>;
  background<L extends Level, A extends readonly unknown[], R>(
    executor: Executor<L>,
    fn: Work<L, (...args: A) => R>,
    ...args: A
  ): Task<Awaited<R>>;
  /** Cancels body and children; the group then ends without an error. Never waits. */
  cancel(reason?: unknown): void;
}

/** A group that the caller joins. */
export interface OpenTaskGroup extends TaskGroup, AsyncDisposable {
  /** Waits for every child and ends the group; rejects as `withTaskGroup` does. */
  join(): Promise<void>;
  /** After `join()` nothing; otherwise cancels the children, waits for them, and rejects with their failures. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Settings of a small scope. */
export interface ScopeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Functions in progress at once; default all. */
  readonly concurrency?: number | undefined;
}
