// Task: handle, cancel scope and outcome in one object, the same on every level.
//
// States (api.md §3): waiting → running → succeeded | failed | cancelled, with `cancelling` for a running task that was
// asked to stop. Invariants
// - It settles exactly once: every path ends in `#settle`, which ignores all but the first.
// - A committed result beats a cancel: a value returned after a cancel or an expiry wins, and so does another error.
// - What runs the code is the driver's business; the task only tells it of a cancel and keeps the outcome.
// - `returned` and `settled` are two instants: abandoned code settles at the end of its grace and may return later.
import { CancelledError, TimeoutError, UnsupportedError } from "../contract/errors.ts";
import type { Level } from "../contract/portable.ts";
import type { Outcome, Task, TaskMetrics, TaskState } from "../contract/task.ts";
import { captureContext, currentLocals, currentScope } from "./context.ts";
import { checkDuration } from "./durations.ts";
import { Progress } from "./progress.ts";
import { type CancelCause, CancelScope, cancelledBy, isCancellation } from "./scope.ts";
import { nextTaskId } from "./task-id.ts";
import { TaskLimits } from "./task-limits.ts";
import { timers } from "./timers.ts";

/** What runs the code of tasks: an executor's side of them. */
export interface TaskDriver {
  /** A waiting task was cancelled or expired: forget it and return true; or false when its code may already be on the way
   *  in, so that the task has to hear the answer first (`onCancelling` follows). */
  withdraw(task: ScopedTask<unknown>): boolean;
  /** A running task was asked to stop, by the scope's error. */
  onCancelling(task: ScopedTask<unknown>, error: CancelCause): void;
  /** The task has its outcome; called once. */
  onSettled(task: ScopedTask<unknown>): void;
  /** The code of the task reports progress; absent where the task's own readers are the only ones. */
  onReport?(task: ScopedTask<unknown>, value: unknown): void;
  /** What the readers of a report get; throws when it cannot travel. Absent where a report is passed on as it is. */
  copyReport?(task: ScopedTask<unknown>, value: unknown): unknown;
  /** Blocks until the task has settled or the instant has come; absent where the task needs this thread. */
  blockUntilSettled?(task: ScopedTask<unknown>, untilMs: number): void;
}

const noop = () => {};

export class ScopedTask<T> extends CancelScope implements Task<T> {
  readonly name: string;
  readonly level: Level;
  readonly driver: TaskDriver;
  state: TaskState = "waiting";
  abandoned = false;
  /** Time between a cancel and the abandonment of code that ignores it. */
  graceMs = Number.POSITIVE_INFINITY;
  bytesIn = 0;
  bytesOut = 0;
  cpuMs: number | undefined;
  /** Running time as the worker measured it; else what this side saw. */
  workerRunMs: number | undefined;
  worker: string | undefined;
  #id: string | undefined;
  #value: T | undefined;
  #failure: unknown;
  #observed = false;
  /** A nursery waits for it: its parent's opener cannot go on before it has ended. */
  adopted = false;
  #promise: Promise<T> | undefined;
  #resolve: (value: unknown) => void = noop;
  #reject: (reason: unknown) => void = noop;
  #listeners: (() => void)[] | undefined;
  #progress: Progress | undefined;
  #limits: TaskLimits | undefined;
  readonly #createdAtMs = timers.now();
  #startedAtMs: number | undefined;
  #settledAtMs: number | undefined;

  constructor(driver: TaskDriver, level: Level, name: string, parent = currentScope(), locals = currentLocals(), id?: string) {
    super(parent, locals);
    this.driver = driver;
    this.level = level;
    this.name = name;
    this.#id = id;
  }

  override get awaitedBy(): CancelScope | undefined {
    return this.adopted ? this.parent : undefined;
  }

  get id(): string {
    this.#id ??= nextTaskId();
    return this.#id;
  }

  /** Has its outcome. */
  get settled(): boolean {
    return this.#settledAtMs !== undefined;
  }

  get outcome(): Outcome<T> | undefined {
    if (this.state === "succeeded") return { state: "succeeded", value: this.#value as T };
    if (this.state === "failed") return { state: "failed", error: this.#failure };
    return this.state === "cancelled" ? { state: "cancelled", error: this.#failure as CancelledError } : undefined;
  }

  get metrics(): TaskMetrics {
    const now = timers.now();
    const started = this.#startedAtMs ?? this.#settledAtMs ?? now;
    const runMs = this.#startedAtMs === undefined ? 0 : (this.#settledAtMs ?? now) - started;
    const { cpuMs, bytesIn, bytesOut, worker } = this;
    return { queuedMs: started - this.#createdAtMs, runMs: this.workerRunMs ?? runMs, cpuMs, bytesIn, bytesOut, worker };
  }

  get progress(): AsyncIterable<unknown> {
    this.#progress ??= new Progress();
    if (this.settled) this.#progress.end();
    return this.#progress;
  }

  get [Symbol.toStringTag](): string {
    return "Task";
  }

  /** Hands a report to the readers of `progress`. */
  report(value: unknown): void {
    if (this.settled) return;
    const copy = this.driver.copyReport ? this.driver.copyReport(this, value) : value;
    this.#progress?.report(copy);
    this.driver.onReport?.(this, copy);
  }

  // ---- the driver's side ----

  /** The code is being entered. */
  started(worker: string | undefined): void {
    this.state = this.error ? "cancelling" : "running";
    this.#startedAtMs = timers.now();
    this.worker = worker;
  }

  /** Limits the running time: expires `ms` from now, unless the deadline comes first. */
  limitRunning(ms: number): void {
    this.#limited().limitRunning(this, this.name, ms);
  }

  /** Back in the queue for another attempt. */
  waitAgain(): void {
    this.#limits?.lift(this);
    this.state = "waiting";
    this.#startedAtMs = undefined;
    this.worker = undefined;
  }

  /** The code returned a value. It wins over a cancel. */
  succeed(value: T): void {
    this.#settle("succeeded", value, undefined);
  }

  /** The code threw, or could not be run. */
  fail(error: unknown): void {
    const pending = this.error;
    if (pending === undefined || !isCancellation(error, pending)) this.#settle("failed", undefined, error);
    else this.#settle(pending instanceof CancelledError ? "cancelled" : "failed", undefined, pending);
  }

  /** The code could not be stopped: the pending cancel becomes the outcome. */
  abandon(): void {
    if (this.settled || this.error === undefined) return;
    this.abandoned = true;
    this.fail(this.error);
  }

  protected override onCancelled(error: CancelCause): void {
    super.onCancelled(error);
    // Whoever was told above may have settled it.
    if (this.settled) return;
    if (this.state === "waiting" && this.driver.withdraw(this)) this.fail(error);
    else if (this.state !== "cancelling") {
      this.state = "cancelling";
      this.driver.onCancelling(this, error);
    }
  }

  /** Calls back once the grace is over, unless the task has settled by then; never when it is infinite. */
  armGrace(callback: () => void): void {
    if (this.graceMs !== Number.POSITIVE_INFINITY) this.#limited().armGrace(this.graceMs, callback);
  }

  /** Somebody takes care of the outcome: a failure raises no `unhandledRejection`. */
  observe(): void {
    this.#observed = true;
    this.#promise?.catch(noop);
  }

  // ---- the caller's side ----

  // biome-ignore lint/suspicious/noThenProperty: a task is awaited like a promise; that is its purpose
  then<U = T, V = never>(
    onFulfilled?: ((value: T) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    return this.#asPromise().then(onFulfilled, onRejected);
  }

  catch<U = never>(onRejected?: ((reason: unknown) => U | PromiseLike<U>) | null): Promise<T | U> {
    return this.#asPromise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#asPromise().finally(onFinally);
  }

  cancel(reason?: unknown): void {
    if (this.error === undefined && !this.settled) this.cancelWith(cancelledBy(reason, `The task ${this.name}`));
  }

  async stop(): Promise<void> {
    this.observe();
    this.cancel();
    if (!this.settled) await new Promise<void>((resolve) => this.onEnd(resolve));
  }

  joinSync(timeoutMs = Number.POSITIVE_INFINITY): T {
    checkDuration("The timeout of joinSync", timeoutMs);
    if (!this.settled) {
      if (this.driver.blockUntilSettled === undefined) {
        throw new UnsupportedError(
          `joinSync blocks this thread, and the task ${this.name} (${this.level}) needs this thread to run: await it instead.`,
          "joinSync",
        );
      }
      this.driver.blockUntilSettled(this, timers.now() + timeoutMs);
    }
    if (!this.settled) throw new TimeoutError(`The task ${this.name} has not ended within ${timeoutMs} ms; it goes on.`);
    this.observe();
    if (this.state !== "succeeded") throw this.#failure;
    return this.#value as T;
  }

  onDone(callback: (outcome: Outcome<T>) => void): Disposable {
    if (typeof callback !== "function") throw new TypeError("onDone needs a function.");
    // Called where it was subscribed, as a promise would, not where the task happens to settle.
    const context = captureContext();
    let active = true;
    const call = () => {
      if (active) context.runInAsyncScope(callback, undefined, this.outcome as Outcome<T>);
    };
    this.onEnd(() => {
      if (!active) return;
      this.observe();
      queueMicrotask(call);
    });
    return {
      [Symbol.dispose]() {
        active = false;
      },
    };
  }

  /** Calls back synchronously at the instant of settlement; for brigade itself. Counts as observing. */
  whenSettled(callback: () => void): void {
    this.observe();
    this.onEnd(callback);
  }

  /** The same without observing: for what has to be tidied up whoever takes care of the outcome. */
  onEnd(callback: () => void): void {
    if (this.settled) callback();
    else if (this.#listeners) this.#listeners.push(callback);
    else this.#listeners = [callback];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Code of this thread that has a limit ends by it, so the program waits for that; a pool keeps itself alive. */
  #limited(): TaskLimits {
    this.#limits ??= new TaskLimits(this.level === "serial" || this.level === "coroutine");
    return this.#limits;
  }

  #asPromise(): Promise<T> {
    this.#observed = true;
    this.#promise ??= this.settled
      ? this.state === "succeeded"
        ? Promise.resolve(this.#value as T)
        : Promise.reject(this.#failure)
      : new Promise<T>((resolve, reject) => {
          this.#resolve = resolve as (value: unknown) => void;
          this.#reject = reject;
        });
    return this.#promise;
  }

  #settle(state: "succeeded" | "failed" | "cancelled", value: T | undefined, failure: unknown): void {
    if (this.settled) return;
    this.state = state;
    this.#value = value;
    this.#failure = failure;
    this.#settledAtMs = timers.now();
    // What it leaves behind keeps its deadline, the one of its running time included.
    this.end();
    this.#limits?.lift(this);
    this.#progress?.end();
    this.driver.onSettled(this);
    if (state === "succeeded") this.#resolve(value as T);
    else this.#reject(failure);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners) for (const listener of listeners) listener();
    // Nobody holds it, nobody asked: a rejected promise without a handler is how the platform reports that. A later
    // `then` finds the same promise, so the platform also learns when the failure is handled after all.
    if (state === "failed" && !this.#observed) this.#promise = Promise.reject(failure);
  }
}
