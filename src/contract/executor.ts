// What an executor promises on every level. One interface; change one word to change the level.
import type { Transferable } from "node:worker_threads";
import type { Level, Portable, Work } from "./portable.ts";
import type { Task } from "./task.ts";

/** Runs work at one level. A function that takes a plain `Executor` can be given every level, so it must be given
 *  portable functions. Submitting never waits; failures reject the task, also `ExecutorClosedError` and `QueueFullError`. */
export interface Executor<out L extends Level = Level> extends AsyncDisposable {
  readonly level: L;
  readonly name: string;
  /** Workers at most; `Infinity` where nothing bounds it. */
  readonly size: number;
  /** Runs on a pooled worker. Rejects with what `fn` throws, `NotPortableError`, `NotSerializableError`,
   *  `WorkerLostError`, `TimeoutError` or `CancelledError`. For a generic function name the type: `run(first<User>, users)`. */
  run<A extends readonly unknown[], R>(fn: Work<L, (...args: A) => R>, ...args: A): Task<Awaited<R>>;
  /** Runs on a worker of its own that ends with the task; not counted in `size`. */
  spawn<A extends readonly unknown[], R>(fn: Work<L, (...args: A) => R>, ...args: A): Task<Awaited<R>>;
  /** One call per item. Starts on the next tick and stays at most `concurrency` items ahead of its reader; `await` reads all as it comes. */
  map<T, R>(fn: Work<L, (item: T) => R>, items: Iterable<T> | AsyncIterable<T>, options?: MapOptions): Results<Awaited<R>>;
  /** Runs a generator on a pooled worker; it is at most a window of credits ahead of the reader. It starts with the first `next()`, and the
   *  stream can be read once. What the generator throws is thrown after the items before it. Leaving the loop cancels it and waits until
   *  its `finally` has run. Rejects as `run` does. */
  stream<A extends readonly unknown[], Y>(
    fn: Work<L, (...args: A) => AsyncGenerator<Y, unknown, undefined> | Generator<Y, unknown, undefined>>,
    ...args: A
  ): AsyncIterable<Y>;
  /** Calls once on every live worker; the results in worker order. Rejects with the first failure. */
  broadcast<A extends readonly unknown[], R>(fn: Work<L, (...args: A) => R>, ...args: A): Promise<Awaited<R>[]>;
  /** A view with settings for every later submission; it shares the workers and owns nothing. Views nest. */
  with(options: TaskOptions): Executor<L>;
  /** A snapshot. */
  statistics(): ExecutorStatistics;
  /** Starts `n` workers (default `size`) and resolves when they are ready. */
  warm(n?: number): Promise<void>;
  /** Resolves when nothing waits or runs; accepts new work meanwhile. */
  drain(): Promise<void>;
  /** Resolves when the queue has room: back-pressure for callers of `run`. */
  ready(): Promise<void>;
  /** Refuses new work, cancels what is left after `grace`, and resolves when every worker is gone. Idempotent. */
  close(options?: CloseOptions): Promise<void>;
  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How to close. */
export interface CloseOptions {
  /** How long running tasks may take to finish before they are stopped, in ms; default 0 cancels at once. */
  readonly grace?: number | undefined;
}

/** Settings of the tasks submitted through a view. Times in milliseconds. */
export interface TaskOptions {
  /** Cancels the task with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Running time allowed; time in the queue is free. Then `TimeoutError`. */
  readonly timeout?: number | undefined;
  /** Total time allowed from each submission, queue included. Then `TimeoutError`. Never extends an inherited one. */
  readonly deadline?: number | undefined;
  /** Larger starts sooner; default 0. Of four turns one goes to whoever has waited longest, if that is a second or more. */
  readonly priority?: number | undefined;
  /** Shown in traces, errors and the task tree. */
  readonly name?: string | undefined;
  /** Moved instead of copied; unusable here afterwards. On a process level the bytes are copied all the same. */
  readonly transfer?: readonly Transferable[] | undefined;
  /** Tasks with equal keys go to the same worker and start in order; when it dies, to the one that replaces it. */
  readonly key?: string | number | undefined;
  /** Retries, or how to retry; default none. */
  readonly retry?: number | RetryOptions | undefined;
  /** Time between a cancel and the kill of the worker that ignores it; default 2000, on local levels `Infinity`. */
  readonly grace?: number | undefined;
  /** A `spawn`ed task that does not keep the program alive; default false. */
  readonly daemon?: boolean | undefined;
}

/** How to retry. */
export interface RetryOptions {
  /** Retries after the first attempt. */
  readonly retries: number;
  readonly backoff?: Backoff | undefined;
  /** Whether to try again; default only after `WorkerLostError`. */
  readonly when?: ((error: unknown, attempt: number) => boolean) | undefined;
}

/** Exponential delay: `min(max, initial * factor ** n)` ms, up to the `jitter` share of it (0…1) taken away at random. */
export interface Backoff {
  readonly initial?: number | undefined;
  readonly factor?: number | undefined;
  readonly max?: number | undefined;
  readonly jitter?: number | undefined;
}

/** How to map. */
export interface MapOptions {
  /** Items taken and not yet read, and so calls in flight, at most. Default: what keeps the workers busy, which is `size`, and more
   *  while items are short. */
  readonly concurrency?: number | undefined;
  /** Input order (default) or order of completion. */
  readonly ordered?: boolean | undefined;
  /** Items per trip to a worker; default adapts to the measured time per item. */
  readonly chunk?: number | undefined;
}

/** Results to read one by one with back-pressure, or all at once with `await`; readable once. The first failure cancels
 *  the rest and rejects; leaving the loop cancels the rest and waits for it. */
export interface Results<out R> extends AsyncIterable<R>, PromiseLike<R[]> {}

/** Counts since the start; the first four are of this moment. */
export interface ExecutorStatistics {
  readonly workers: number;
  readonly idle: number;
  readonly waiting: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Workers that died or were killed. */
  readonly lost: number;
  /** Each worker that takes tasks; none where the worker is this thread, or the pool is another thread's. */
  readonly perWorker: readonly WorkerStatistics[];
}

/** One worker of a pool, as it told at the end of a task, at most ten times a second; `undefined` until then. */
export interface WorkerStatistics {
  /** Such as `threads-1`; shown in output, errors and `metrics.worker`, and on newer Node as the name of the system's thread. */
  readonly name: string;
  /** Thread id or process id; `undefined` while it starts. */
  readonly id: number | undefined;
  readonly state: "starting" | "idle" | "running";
  /** Tasks that it has settled. */
  readonly settled: number;
  /** Processor time since its start, in ms; `undefined` on threads of a Node without `process.threadCpuUsage`. */
  readonly cpuMs: number | undefined;
  readonly heapBytes: number | undefined;
  /** Share of its time in which its event loop was at work, 0…1. */
  readonly utilization: number | undefined;
}

/** Settings of every executor of your own. */
export interface ExecutorOptions {
  readonly name?: string | undefined;
  /** Tasks (coroutines) or workers at most. */
  readonly size?: number | undefined;
  readonly queue?: QueueOptions | undefined;
}

/** Bound of the waiting work. */
export interface QueueOptions {
  /** Tasks that may wait; default `Infinity`. */
  readonly capacity: number;
  /** When full: the task holds back unsent, rejects with `QueueFullError`, or runs on the caller's thread (one with a `key` holds
   *  back: it would overtake its equals). */
  readonly full?: "wait" | "reject" | "run-here" | undefined;
}

/** Settings of a thread pool. */
export interface ThreadOptions extends ExecutorOptions {
  /** Runs in each worker before its first task; a failure breaks the pool (`PoolBrokenError`). */
  readonly setup?: Portable<() => unknown> | undefined;
  /** Runs in each worker before it ends in good order. */
  readonly teardown?: Portable<() => unknown> | undefined;
  /** An idle worker ends after this long, in ms; default `Infinity`. */
  readonly idleTimeout?: number | undefined;
  /** A worker is replaced after this many tasks. */
  readonly maxTasks?: number | undefined;
  /** Heap of a worker, in megabytes; above it the worker is lost. One that still holds three quarters of it between two tasks, buffers
   *  included, is replaced, and nothing is lost. */
  readonly memoryLimit?: number | undefined;
  /** Stack of a worker, in megabytes. */
  readonly stackSize?: number | undefined;
  /** Replaces the environment, which is inherited otherwise (with `permissions`: an allow-list of it). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Worker output: each line tagged with the worker's name (default), passed on raw, or dropped. Tagged lines above a million
   *  characters are passed on in several. */
  readonly stdio?: "tag" | "inherit" | "ignore" | undefined;
}

/** Settings of a process pool. */
export interface ProcessOptions extends ThreadOptions {
  /** Working directory. */
  readonly cwd?: string | undefined;
  /** OS priority, -20 (first) to 19. */
  readonly nice?: number | undefined;
  /** The processors that the workers may run on, by number from 0; `UnsupportedError` except on Linux with `taskset`. */
  readonly cpus?: readonly number[] | undefined;
  readonly permissions?: Permissions | undefined;
}

/** What a child process may do (Node's permission model); what is absent is refused, the network only where the runtime can.
 *  `UnsupportedError` without the model. What it contains and what it does not: the guide's page on limits and permissions. */
export interface Permissions {
  readonly read?: readonly string[] | undefined;
  readonly write?: readonly string[] | undefined;
  /** Absent: refused where the runtime can refuse it, open where it cannot. `false` asks for the refusal: `UnsupportedError` where it
   *  cannot be had. */
  readonly net?: boolean | undefined;
  readonly childProcess?: boolean | undefined;
  readonly worker?: boolean | undefined;
  readonly addons?: boolean | undefined;
  readonly wasi?: boolean | undefined;
}
