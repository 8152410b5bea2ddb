// The public contract of what exists, as it was designed: test/types/agreement.ts checks that the declarations which ship agree with it.
// Grows with the product. Only what carries the brand of a portable function comes from brigade itself, since a brand has one home.

import type { Transferable } from "node:worker_threads";
import type { AnyClass, AnyFunction, BrigadeError, Clause, ExplicitTask, Level, Portable, PortableNames, Work } from "brigade";

/** A self-contained function sent as source. */
export declare function inline<F extends AnyFunction>(fn: F): Portable<F>;
export declare function moduleFunctions<M>(url: URL | string): {
  readonly [K in PortableNames<M>]: Portable<Extract<M[K], AnyFunction | AnyClass>>;
};
export declare function isMainLevel(): boolean;
/** Lets instances of a class travel and come back as that class; the far side must import the same module. `encode`
 *  and `decode` default to own properties. Returns the class, so it is also a class decorator. */
export declare function serializable<C extends AnyClass, D = unknown>(cls: C, options?: SerializableOptions<InstanceType<C>, D>): C;
/** How a class travels. */
export interface SerializableOptions<T, D> {
  /** Name on the wire; default the class name. */
  readonly name?: string | undefined;
  /** The data that stands for an instance. */
  readonly encode?: ((value: T) => D) | undefined;
  /** The instance that the data stands for. */
  readonly decode?: ((data: D) => T) | undefined;
}

// ---- Executors ----

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
  /** One call per item. Starts on the next tick and stays at most `concurrency` items ahead of its reader. */
  map<T, R>(fn: Work<L, (item: T) => R>, items: Iterable<T> | AsyncIterable<T>, options?: MapOptions): Results<Awaited<R>>;
  /** Runs a generator on a worker; it is at most a window of credits ahead of the reader. Leaving the loop cancels it. */
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
  /** How long running tasks may take to finish before they are stopped; default 0 cancels at once. */
  readonly grace?: number | undefined;
}

/** Settings of the tasks submitted through a view. */
export interface TaskOptions {
  /** Cancels the task with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Running time allowed; time in the queue is free. Then `TimeoutError`. */
  readonly timeout?: number | undefined;
  /** Total time allowed from each submission, queue included. Then `TimeoutError`. Never extends an inherited one. */
  readonly deadline?: number | undefined;
  /** Larger starts sooner; default 0. */
  readonly priority?: number | undefined;
  /** Shown in traces, errors and the task tree. */
  readonly name?: string | undefined;
  /** Moved instead of copied; unusable here afterwards. On a process level the bytes are copied all the same. */
  readonly transfer?: readonly Transferable[] | undefined;
  /** Tasks with equal keys go to the same worker and start in order. */
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
/** Exponential delay: `min(max, initial * factor ** n)`, up to the `jitter` share of it (0…1) taken away at random. */
export interface Backoff {
  readonly initial?: number | undefined;
  readonly factor?: number | undefined;
  readonly max?: number | undefined;
  readonly jitter?: number | undefined;
}

/** How to map. */
export interface MapOptions {
  /** Calls in flight; default `size`. */
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

/** One at a time in submission order, on this thread; a task submitted by a running serial task runs inside it. */
export declare const serial: Executor<"serial">;
/** Unbounded coroutines on this thread's event loop. */
export declare const coroutines: Executor<"coroutine">;
/** This program's thread pool: starts lazily; as many workers as cores, CPU quota and memory allow. Idle workers never
 *  keep the program alive; waiting and running tasks do. */
export declare const threads: Executor<"thread">;
/** This program's process pool: as `threads`, with isolated memory and contained crashes. */
export declare const processes: Executor<"process">;

/** Coroutines with a bound of their own. Never waits. */
export declare function openCoroutines(options?: ExecutorOptions): Executor<"coroutine">;
/** A thread pool of your own; workers start with the first task or `warm()`. Never waits. */
export declare function openThreads(options?: ThreadOptions): Executor<"thread">;
/** A process pool of your own; workers start with the first task or `warm()`. Never waits. */
export declare function openProcesses(options?: ProcessOptions): Executor<"process">;

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
  /** When full: the task holds back unsent, rejects with `QueueFullError`, or runs on the caller's thread. */
  readonly full?: "wait" | "reject" | "run-here" | undefined;
}
/** Settings of a thread pool. */
export interface ThreadOptions extends ExecutorOptions {
  /** Runs in each worker before its first task; a failure breaks the pool (`PoolBrokenError`). */
  readonly setup?: Portable<() => unknown> | undefined;
  /** Runs in each worker before it ends in good order. */
  readonly teardown?: Portable<() => unknown> | undefined;
  /** An idle worker ends after this long; default `Infinity`. */
  readonly idleTimeout?: number | undefined;
  /** A worker is replaced after this many tasks. */
  readonly maxTasks?: number | undefined;
  /** Heap of a worker, in megabytes; above it the worker is lost. */
  readonly memoryLimit?: number | undefined;
  /** Stack of a worker, in megabytes. */
  readonly stackSize?: number | undefined;
  /** Replaces the environment, which is inherited otherwise (with `permissions`: an allow-list of it). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Worker output: each line tagged with the worker's name (default), passed on raw, or dropped. */
  readonly stdio?: "tag" | "inherit" | "ignore" | undefined;
}
/** Settings of a process pool. */
export interface ProcessOptions extends ThreadOptions {
  /** Working directory. */
  readonly cwd?: string | undefined;
  /** OS priority, -20 (first) to 19. */
  readonly nice?: number | undefined;
  readonly permissions?: Permissions | undefined;
}
/** What a child process may do (Node's permission model); what is absent is refused. `UnsupportedError` without it. */
export interface Permissions {
  readonly read?: readonly string[] | undefined;
  readonly write?: readonly string[] | undefined;
  readonly childProcess?: boolean | undefined;
  readonly worker?: boolean | undefined;
  readonly addons?: boolean | undefined;
  readonly wasi?: boolean | undefined;
}

// ---- Task ----

/** Where a task stands. */
export type TaskState = "waiting" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";
/** How a task ended. */
export type Outcome<T> =
  | { readonly state: "succeeded"; readonly value: T }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "cancelled"; readonly error: CancelledError };

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
  then<U = T, V = never>(
    onFulfilled?: ((value: T) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V>;
  catch<U = never>(onRejected?: ((reason: unknown) => U | PromiseLike<U>) | null): Promise<T | U>;
  finally(onFinally?: (() => void) | null): Promise<T>;
  /** Asks for cancellation; idempotent, and without effect once a result is committed. Never waits. */
  cancel(reason?: unknown): void;
  /** Cancels and resolves after every finalizer has run; never rejects. */
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
/** What a task has cost. */
export interface TaskMetrics {
  readonly queuedMs: number;
  readonly runMs: number;
  /** Processor time; `undefined` where the level cannot tell. */
  readonly cpuMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Name of the worker; `undefined` while waiting. */
  readonly worker: string | undefined;
}

/** The task this code runs in; outside any task, one that is never cancelled, so portable functions stay ordinary. */
export declare function currentTask(): CurrentTask;
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
/** Throws `CancelledError` or `TimeoutError` when due; gives the event loop a turn when the time slice is spent. */
export declare function checkpoint(): Promise<void>;
/** The same check without a turn, by one read of a shared flag, for tight loops. Never waits. */
export declare function checkpointSync(): void;
/** Parks the task. Rejects with `CancelledError` when the task or `signal` is cancelled. */
export declare function sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
/** Runs `fn` protected from the cancellation around it, for `timeout` at most; then throws the pending cancel, else
 *  `TimeoutError`. */
export declare function shield<R>(fn: () => R, options?: { readonly timeout?: number | undefined }): Promise<Awaited<R>>;
/** Runs `fn` with `ms` to live, cancels it then, waits for it, and rejects with `TimeoutError`. */
export declare function timeout<R>(ms: number, fn: () => R): Promise<Awaited<R>>;

/** A value that follows the task and its children, also to other levels, where the name identifies it in its module. */
export declare class TaskLocal<in out T> {
  constructor(name: string, defaultValue: T);
  get(): T;
  /** Calls `fn` with the value set for it and every task it starts. */
  run<R>(value: T, fn: () => R): R;
}

// ---- Task groups ----

/** Runs `body` and waits for every child. The first failure cancels all and rejects with `TaskGroupError` (or that
 *  failure). `group.cancel()` ends the children without an error; a body that it interrupts rejects
 *  with `CancelledError`, one that returns keeps its value. */
export declare function withTaskGroup<R>(body: (group: TaskGroup) => R, options?: TaskGroupOptions): Promise<Awaited<R>>;
/** A group whose scope is an `await using` block; leaving the block without `join()` cancels the children. */
export declare function openTaskGroup(options?: TaskGroupOptions): OpenTaskGroup;

/** Settings of a group. */
export interface TaskGroupOptions {
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Total time from now; then all are cancelled and the group rejects with `TimeoutError`. */
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
  /** Added to the design: the form without a context. */
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

/** Results in input order; the first failure cancels the others, waits for them, and rejects with it. */
export declare function all<const F extends readonly (() => unknown)[]>(
  fns: F,
  options?: ScopeOptions,
): Promise<{ -readonly [K in keyof F]: Awaited<ReturnType<F[K]>> }>;
/** The first to settle, after the others are cancelled and over. */
export declare function race<const F extends readonly (() => unknown)[]>(
  fns: F,
  options?: ScopeOptions,
): Promise<Awaited<ReturnType<F[number]>>>;
/** The first to succeed, after the others are cancelled and over; `TaskGroupError` when none does. */
export declare function any<const F extends readonly (() => unknown)[]>(
  fns: F,
  options?: ScopeOptions,
): Promise<Awaited<ReturnType<F[number]>>>;
/** Every outcome in input order; a failure cancels nobody. */
export declare function settled<const F extends readonly (() => unknown)[]>(
  fns: F,
  options?: ScopeOptions,
): Promise<{ -readonly [K in keyof F]: Outcome<Awaited<ReturnType<F[K]>>> }>;
/** Coroutines over items: `coroutines.map`, within the caller's scope. */
export declare function map<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  fn: (item: T) => R,
  options?: Omit<MapOptions, "chunk"> & ScopeOptions,
): Results<Awaited<R>>;
/** Settings of a small scope. */
export interface ScopeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Functions in progress at once; default all. */
  readonly concurrency?: number | undefined;
}

// ---- Errors ----
export declare class CancelledError extends BrigadeError {
  readonly name: "AbortError";
  readonly code: "ERR_BRIGADE_CANCELLED";
}
/** Time ran out; the work, if any, has been stopped. */
export declare class TimeoutError extends BrigadeError {
  readonly name: "TimeoutError";
  readonly code: "ERR_BRIGADE_TIMEOUT";
}
/** Failures of a group in the order they happened; a nested group's stay together as one. */
export declare class TaskGroupError extends AggregateError {
  readonly name: "TaskGroupError";
  readonly code: "ERR_BRIGADE_TASK_GROUP";
  errors: unknown[];
  /** Parts the tree by a test of its leaves; `undefined` for an empty part. */
  split(predicate: (error: unknown) => boolean): readonly [matching: TaskGroupError | undefined, rest: TaskGroupError | undefined];
}
/** The function cannot travel; the message shows the one-line fix. */
export declare class NotPortableError extends BrigadeError {
  readonly code: "ERR_BRIGADE_NOT_PORTABLE";
  readonly freeVariables: readonly string[];
}
/** A value cannot travel. */
export declare class NotSerializableError extends BrigadeError {
  readonly code: "ERR_BRIGADE_NOT_SERIALIZABLE";
  /** Where it sits, such as `arguments[0].user.socket`. */
  readonly path: string;
}
/** The worker died under the task. */
export declare class WorkerLostError extends BrigadeError {
  readonly code: "ERR_BRIGADE_WORKER_LOST";
  readonly worker: string;
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly stderrTail: string;
}
/** Too many restarts, or `setup` fails. */
export declare class PoolBrokenError extends BrigadeError {
  readonly code: "ERR_BRIGADE_POOL_BROKEN";
}
/** The bounded queue had no place. */
export declare class QueueFullError extends BrigadeError {
  readonly code: "ERR_BRIGADE_QUEUE_FULL";
  readonly capacity: number;
}
/** Submitted after close. */
export declare class ExecutorClosedError extends BrigadeError {
  readonly code: "ERR_BRIGADE_EXECUTOR_CLOSED";
}
export declare class UnsupportedError extends BrigadeError {
  readonly code: "ERR_BRIGADE_UNSUPPORTED";
  readonly feature: string;
}

/** Sent to a closed channel. */
export declare class ChannelClosedError extends BrigadeError {
  readonly code: "ERR_BRIGADE_CHANNEL_CLOSED";
  /** The value that was not sent. */
  readonly value: unknown;
}
/** The other side is gone without closing: its worker died, or nobody is left to receive. */
export declare class BrokenChannelError extends BrigadeError {
  readonly code: "ERR_BRIGADE_BROKEN_CHANNEL";
  /** The value that was not sent. */
  readonly value: unknown;
}
/** Released or used by a task that does not hold it. */
export declare class NotOwnerError extends BrigadeError {
  readonly code: "ERR_BRIGADE_NOT_OWNER";
}
/** The round cannot complete. */
export declare class BrokenBarrierError extends BrigadeError {
  readonly code: "ERR_BRIGADE_BROKEN_BARRIER";
}
/** Waiting would certainly never end (a likely deadlock is a finding instead). */
export declare class DeadlockError extends BrigadeError {
  readonly code: "ERR_BRIGADE_DEADLOCK";
  /** Who waits for what, back to the first. */
  readonly cycle: readonly string[];
}

// ---- 5. Channels and select -----------------------------------------------------------------------------------

/** How long a waiting operation may wait. What is cancelled or timed out did not happen. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Then `TimeoutError`. */ readonly timeout?: number | undefined;
}
/** What a full buffer does. */ export type Overflow = "wait" | "drop-oldest" | "drop-newest";
/** Settings of a channel. */ export interface ChannelOptions {
  readonly name?: string | undefined;
  /** When the buffer is full: wait (default), or lose a value. Dropping needs a capacity of at least 1. */
  readonly overflow?: Overflow | undefined;
}

/** The sending end. Function properties, not methods, so that a `Sender<Dog>` is never taken for a `Sender<Animal>`. */
export interface Sender<in T> extends Disposable {
  /** Waits for room (or, at capacity 0, for a receiver). Rejects with `ChannelClosedError` (which gives the value back)
   *  or `BrokenChannelError`. */
  readonly send: (value: T, options?: WaitOptions) => Promise<void>;
  /** False when it would have to wait; throws as `send` rejects. */ readonly trySend: (value: T) => boolean;
  /** Blocks the thread; on worker threads only, else `UnsupportedError`. */
  readonly sendSync: (value: T, timeoutMs?: number) => void;
  /** Waits for a place and keeps it; dispose the permit unused to give the place back. */
  readonly reserve: (options?: WaitOptions) => Promise<Permit<T>>;
  /** A clause for `select`. */ readonly sending: (value: T) => Clause<void>;
  /** Closes this end; the last one closes the channel. An error reaches the receivers after the buffered values. Idempotent. */
  close(error?: unknown): void;
}
/** A place in a channel. Good for one `send`, which never waits. */
export interface Permit<in T> extends Disposable {
  readonly send: (value: T) => void;
}
/** The receiving end. `undefined` means closed and drained; where `T` itself has `undefined`, use `for await`. */
export interface Receiver<out T> extends AsyncIterable<T>, Disposable {
  /** Waits for a value. Rejects with the error given to `close`, or `BrokenChannelError`. */
  receive(options?: WaitOptions): Promise<T | undefined>;
  /** A value if one is there now. */ tryReceive(): T | undefined;
  /** Blocks the thread; on worker threads only, else `UnsupportedError`. */ receiveSync(timeoutMs?: number): T | undefined;
  /** A clause for `select`. */ receiving(): Clause<T | undefined>;
  /** Closes this end; when the last one goes, senders reject with `BrokenChannelError`. Idempotent. */ close(): void;
}
/** Counts of this moment; `dropped` since the start. */ export interface ChannelStatistics {
  readonly capacity: number;
  readonly buffered: number;
  readonly dropped: number;
  readonly waitingSenders: number;
  readonly waitingReceivers: number;
  readonly senders: number;
  readonly receivers: number;
}

/** A FIFO queue between tasks, here or on other levels: capacity 0 hands over, n buffers. Leaving `for await` does not close it. */
export interface Channel<in out T> extends Sender<T>, Receiver<T> {
  /** Closed; buffered values may be left. */ readonly closed: boolean;
  /** Another sending end, ref-counted. */ sender(): Sender<T>;
  /** Another receiving end, ref-counted; each value goes to one of them. */ receiver(): Receiver<T>;
  statistics(): ChannelStatistics;
  /** Closes for senders whatever ends are left; pending senders reject, receivers drain and end. Idempotent. */
  close(error?: unknown): void;
}
export declare class Channel<in out T> {
  constructor(capacity?: number, options?: ChannelOptions);
  /** Sending never waits. */ static unbounded<T>(options?: Omit<ChannelOptions, "overflow">): Channel<T>;
  /** Keeps the newest value only; sending never waits. */
  static latest<T>(options?: Omit<ChannelOptions, "overflow">): Channel<T>;
}

/** Every receiver gets every value sent after it was made. Sending waits for the slowest one, as `overflow` says. */
export interface Broadcast<in out T> extends Sender<T> {
  readonly closed: boolean;
  sender(): Sender<T>;
  /** Subscribes; dispose to leave. */ receiver(): Receiver<T>;
  statistics(): ChannelStatistics;
}
export declare class Broadcast<in out T> {
  /** `capacity` values may wait for each receiver. */ constructor(capacity?: number, options?: ChannelOptions);
}

/** A clause, a task (its result; its failure rejects the select) or a signal (its reason). */
export type Selectable = Clause<unknown> | Task<unknown> | AbortSignal;
/** What a clause yields. */
export type SelectedValue<C> = C extends Clause<infer T> ? T : C extends Task<infer T> ? T : C extends AbortSignal ? unknown : never;
/** One `{ key, value }` for each clause that is not `null`. */
export type Selected<C> = {
  [K in keyof C]: [C[K]] extends [null] ? never : { readonly key: K; readonly value: SelectedValue<NonNullable<C[K]>> };
}[keyof C];
/** Settings of a select. */ export interface SelectOptions extends WaitOptions {
  /** The first ready clause in order wins, instead of a seeded-random one. */ readonly biased?: boolean | undefined;
}
/** Waits until one clause is ready and commits exactly that one; `null` disables a clause. */
export declare function select<C extends Readonly<Record<string, Selectable | null>>>(
  clauses: C,
  options?: SelectOptions,
): Promise<Selected<C>>;
/** Commits a clause that is ready now, or none. */
export declare function trySelect<C extends Readonly<Record<string, Selectable | null>>>(
  clauses: C,
  options?: Pick<SelectOptions, "biased">,
): Selected<C> | undefined;
/** A clause that is ready `ms` after the select begins. */
export declare function after(ms: number): Clause<void>;

// ---- 6. Synchronisation, coroutine level ----------------------------------------------------------------------

/** A held lock, released by whoever has the guard; dispose or `release()` once, nothing when already released. */
export interface Guard extends Disposable {
  readonly held: boolean;
  release(): void;
}
/** What every lock can do, FIFO. Acquiring again inside the lock's own `with` section throws `DeadlockError` at once;
 *  separate native branches of one task queue like separate tasks. */
export interface Lock<in O extends WaitOptions = WaitOptions> {
  readonly acquire: (options?: O) => Promise<Guard>;
  /** The guard, or `undefined` when it would have to wait. */
  readonly tryAcquire: (options?: Omit<O, keyof WaitOptions>) => Guard | undefined;
  /** Acquires, runs `fn`, releases whatever happens. */ with<R>(fn: () => R, options?: O): Promise<Awaited<R>>;
  /** A clause for `select`. */ acquiring(options?: Omit<O, keyof WaitOptions>): Clause<Guard>;
}
/** Settings of a lock. */ export interface LockOptions {
  /** Shown in findings, errors and the task tree. */ readonly name?: string | undefined;
}

/** One holder at a time. */
export interface Mutex extends Lock {
  readonly locked: boolean;
}
export declare class Mutex {
  constructor(options?: LockOptions);
}

/** A held write lock. */ export interface WriteGuard extends Guard {
  /** Becomes a read guard with no gap for another writer; this guard is then released. */ downgrade(): Guard;
}
/** Many readers or one writer; waiting writers go before new readers. */
export interface RWLock {
  acquireRead(options?: WaitOptions): Promise<Guard>;
  acquireWrite(options?: WaitOptions): Promise<WriteGuard>;
  tryAcquireRead(): Guard | undefined;
  tryAcquireWrite(): WriteGuard | undefined;
  withRead<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>>;
  withWrite<R>(fn: () => R, options?: WaitOptions): Promise<Awaited<R>>;
  acquiringRead(): Clause<Guard>;
  acquiringWrite(): Clause<WriteGuard>;
}
export declare class RWLock {
  constructor(options?: LockOptions);
}

/** How many permits, and how long to wait. */ export interface PermitOptions extends WaitOptions {
  /** How many at once; default 1. */ readonly permits?: number | undefined;
}
/** Permits, strictly FIFO: a large request is never overtaken by small ones. Not owned: any task may release. */
export interface Semaphore extends Lock<PermitOptions> {
  readonly available: number;
}
export declare class Semaphore {
  constructor(permits: number, options?: LockOptions);
}
/** A semaphore whose total can change while in use. */
export interface CapacityLimiter extends Lock {
  total: number;
  readonly available: number;
}
export declare class CapacityLimiter {
  constructor(total: number, options?: LockOptions);
}

/** Waiting for a predicate under a mutex. All but `mutex` throw `NotOwnerError` unless the caller holds it. */
export interface Condition<out M = Mutex> {
  readonly mutex: M;
  /** Releases, waits for a notify, re-acquires, also when it throws; a notify that a cancelled waiter got is passed on. */
  wait(options?: WaitOptions): Promise<void>;
  /** Waits until the predicate holds. */ waitFor(predicate: () => boolean, options?: WaitOptions): Promise<void>;
  /** Wakes `n` waiters; default 1. */ notify(n?: number): void;
  notifyAll(): void;
}
export declare class Condition<out M = Mutex> {
  constructor(mutex?: M);
}

/** A flag to wait for. */
export interface Event {
  readonly isSet: boolean;
  set(): void;
  clear(): void;
  wait(options?: WaitOptions): Promise<void>;
  /** A clause for `select`. */ waiting(): Clause<void>;
}
export declare class Event {
  constructor(options?: LockOptions);
}
/** Opens once after `count` count-downs, for good. */
export declare class Latch {
  constructor(count: number, options?: LockOptions);
  readonly remaining: number;
  countDown(n?: number): void;
  wait(options?: WaitOptions): Promise<void>;
  waiting(): Clause<void>;
}
/** Lets `parties` tasks go on together, round after round. */
export interface Barrier {
  readonly parties: number;
  readonly waitingCount: number;
  readonly broken: boolean;
  /** Resolves with an index unique in the round, 0…parties-1. `BrokenBarrierError` after `abort()` or `reset()`; a
   *  cancelled party leaves the round, which goes on waiting for its number. */
  wait(options?: WaitOptions): Promise<number>;
  /** Breaks the round, and makes the barrier new. */ reset(): void;
  /** Breaks the barrier until `reset()`. */ abort(): void;
}
export declare class Barrier {
  constructor(parties: number, options?: LockOptions);
}
/** Runs an initialiser once; callers meanwhile wait for it and share its failure, after which the next call tries again.
 *  A cancelled initialiser hands over to a waiter. */
export declare class Once<in out T> {
  constructor(options?: LockOptions);
  readonly done: boolean;
  run(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>;
}
