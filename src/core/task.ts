// Task: handle, cancel scope and outcome in one object, the same on every level.
//
// States (api.md §3): waiting → running → succeeded | failed | cancelled, with `cancelling` for a running task that was
// asked to stop. Invariants
// - It settles exactly once: every path ends in `#settle`, which ignores all but the first.
// - A committed result beats a cancel: a value returned after a cancel or an expiry wins, and so does another error.
// - What runs the code is the driver's business; the task only tells it of a cancel and keeps the outcome.
// - `returned` and `settled` are two instants: abandoned code settles at the end of its grace and may return later.
//
// A million of them may wait at once, so an object holds what every task has, and what only some have (a worker, limits, readers
// of its progress, somebody who awaits it) is made when it is first needed.
import { CancelledError } from "../contract/errors.ts";
import type { Level } from "../contract/portable.ts";
import type { ExplicitTask, Outcome, Task, TaskMetrics, TaskState } from "../contract/task.ts";
import { checkpointIn } from "./checkpoint.ts";
import { currentLocals, currentScope } from "./context.ts";
import { blockUntilSettled, callBack } from "./outcome.ts";
import type { LineNode } from "./parked.ts";
import { ParkingLot } from "./parking-lot.ts";
import { Progress } from "./progress.ts";
import { type CancelCause, CancelScope, cancelledBy, isCancellation } from "./scope.ts";
import { Settlement } from "./settlement.ts";
import { TaskDetails } from "./task-details.ts";
import type { TaskDriver, TaskOwner } from "./task-driver.ts";
import { nextTaskNumber, taskIdPrefix } from "./task-id.ts";
import { taskRecorder } from "./task-recorder.ts";
import { workerName } from "./this-worker.ts";
import { timers } from "./timers.ts";

const noop = () => {};
const line = { waitingFor: "a task" };
const noDetails: Partial<TaskDetails> = {};

export class ScopedTask<T> extends CancelScope implements Task<T>, ExplicitTask {
  readonly name: string;
  readonly level: Level;
  readonly driver: TaskDriver;
  state: TaskState = "waiting";
  /** The driver's own: what it needs to run or to forget the task. */
  ticket: unknown = undefined;
  /** The nursery that waits for it: its parent's opener cannot go on before it has ended. */
  owner: TaskOwner | undefined = undefined;
  #observed = false;
  /** The value or the failure. */
  #result: unknown = undefined;
  #settlement: Settlement<unknown> | undefined = undefined;
  #listeners: (() => void)[] | undefined = undefined;
  #details: TaskDetails | undefined = undefined;
  readonly #createdAtMs: number;
  #startedAtMs: number | undefined = undefined;
  #settledAtMs: number | undefined = undefined;

  constructor(driver: TaskDriver, level: Level, name: string, parent = currentScope(), locals = currentLocals()) {
    super(parent, locals);
    this.driver = driver;
    this.level = level;
    this.name = name;
    this.#createdAtMs = timers.now();
    taskRecorder?.opened(this);
  }

  /** What only some tasks have. */
  get details(): TaskDetails {
    this.#details ??= new TaskDetails();
    return this.#details;
  }

  override get awaitedBy(): CancelScope | undefined {
    return this.owner === undefined ? undefined : this.parent;
  }

  get id(): string {
    return this.driver.idOf?.(this) ?? `${taskIdPrefix()}${this.number}`;
  }

  /** What its id ends with, unless its driver has another id for it. */
  get number(): number {
    this.details.number ??= nextTaskNumber();
    return this.details.number;
  }

  get cancelled(): boolean {
    return this.error !== undefined;
  }

  get deadline(): number | undefined {
    return this.deadlineAtMs === Number.POSITIVE_INFINITY ? undefined : this.deadlineAtMs;
  }

  get worker(): string | undefined {
    return workerName;
  }

  checkpoint(): Promise<void> {
    return checkpointIn(this);
  }

  get abandoned(): boolean {
    return this.#details?.abandoned ?? false;
  }

  /** Time between a cancel and the abandonment of code that ignores it. */
  get graceMs(): number {
    return this.#details?.graceMs ?? this.driver.graceMs ?? Number.POSITIVE_INFINITY;
  }

  set graceMs(graceMs: number) {
    if (graceMs !== this.graceMs) this.details.graceMs = graceMs;
  }

  /** Somebody takes care of the outcome. */
  get observed(): boolean {
    return this.#observed;
  }

  /** Has its outcome. */
  get settled(): boolean {
    return this.#settledAtMs !== undefined;
  }

  get outcome(): Outcome<T> | undefined {
    if (this.state === "succeeded") return { state: "succeeded", value: this.#result as T };
    if (this.state === "failed") return { state: "failed", error: this.#result };
    return this.state === "cancelled" ? { state: "cancelled", error: this.#result as CancelledError } : undefined;
  }

  /** Running time so far, as this side sees it. */
  get runMs(): number {
    return this.#startedAtMs === undefined ? 0 : (this.#settledAtMs ?? timers.now()) - this.#startedAtMs;
  }

  get metrics(): TaskMetrics {
    const started = this.#startedAtMs ?? this.#settledAtMs ?? timers.now();
    const { cpuMs, bytesIn = 0, bytesOut = 0, worker = this.driver.worker, workerRunMs = this.runMs } = this.#details ?? noDetails;
    return { queuedMs: started - this.#createdAtMs, runMs: workerRunMs, cpuMs, bytesIn, bytesOut, worker };
  }

  get progress(): AsyncIterable<unknown> {
    const { details } = this;
    details.progress ??= new Progress();
    if (this.settled) details.progress.end();
    return details.progress;
  }

  get [Symbol.toStringTag](): string {
    return "Task";
  }

  /** Hands a report to the readers of `progress`. */
  report(value: unknown): void {
    if (this.settled) return;
    const copy = this.driver.copyReport ? this.driver.copyReport(this, value) : value;
    this.#details?.progress?.report(copy);
    this.driver.onReport?.(this, copy);
  }

  // ---- the driver's side ----

  /** The code is being entered, or was at `atMs`. */
  started(worker: string | undefined, atMs = timers.now()): void {
    this.state = this.error ? "cancelling" : "running";
    this.#startedAtMs = Math.max(atMs, this.#createdAtMs);
    if (worker !== undefined) this.details.worker = worker;
  }

  /** Limits the running time: expires `ms` from now, unless the deadline comes first. */
  limitRunning(ms: number): void {
    this.details.limitsOf(this).limitRunning(this, this.name, ms);
  }

  /** Back in the queue for another attempt. */
  waitAgain(): void {
    this.state = "waiting";
    this.#startedAtMs = undefined;
    const { details } = this;
    details.limits?.lift(this);
    details.worker = undefined;
  }

  /** The code returned a value. It wins over a cancel. */
  succeed(value: T): void {
    this.#settle("succeeded", value);
  }

  /** The code threw, or could not be run. */
  fail(error: unknown): void {
    const pending = this.error;
    if (pending === undefined || !isCancellation(error, pending)) this.#settle("failed", error);
    else this.#settle(pending instanceof CancelledError ? "cancelled" : "failed", pending);
  }

  /** The code could not be stopped: the pending cancel becomes the outcome. */
  abandon(): void {
    if (this.settled || this.error === undefined) return;
    this.details.abandoned = true;
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
    if (this.graceMs !== Number.POSITIVE_INFINITY) this.details.limitsOf(this).armGrace(this.graceMs, callback);
  }

  /** Its code runs as another task inside this one, which has the running time and the grace from now on, until the function that is
   *  returned is called. */
  delegate(): () => void {
    const { details } = this;
    const { graceMs } = details;
    details.limits?.lift(this);
    details.graceMs = Number.POSITIVE_INFINITY;
    return () => {
      details.graceMs = graceMs;
    };
  }

  /** Somebody takes care of the outcome: a failure raises no `unhandledRejection`. */
  observe(): void {
    this.#observed = true;
    this.#settlement?.promise.catch(noop);
  }

  // ---- the caller's side ----

  // biome-ignore lint/suspicious/noThenProperty: a task is awaited like a promise; that is its purpose
  then<U = T, V = never>(
    onFulfilled?: ((value: T) => U | PromiseLike<U>) | null,
    onRejected?: ((reason: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    // A result that is there needs no promise to be kept.
    if (this.state === "succeeded") return Promise.resolve(this.#result as T).then(onFulfilled, onRejected);
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
    blockUntilSettled(this, timeoutMs);
    this.observe();
    if (this.state !== "succeeded") throw this.#result;
    return this.#result as T;
  }

  onDone(callback: (outcome: Outcome<T>) => void): Disposable {
    return callBack(this, callback);
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

  /** Puts a case of a `select`, or whoever else can leave again, into the line of those who wait for the end; it is settled then. */
  enlist(node: LineNode<void, unknown>): void {
    this.details.line ??= new ParkingLot(line);
    this.details.line.enlist(node);
  }

  /** Takes it out again. */
  delist(node: LineNode<void, unknown>): void {
    this.#details?.line?.remove(node);
  }

  #asPromise(): Promise<T> {
    this.#observed = true;
    if (this.#settlement === undefined) {
      this.#settlement = new Settlement();
      if (this.settled) this.#fulfil(this.#settlement);
    }
    return this.#settlement.promise as Promise<T>;
  }

  #settle(state: "succeeded" | "failed" | "cancelled", result: unknown): void {
    if (this.settled) return;
    this.state = state;
    this.#result = result;
    this.#settledAtMs = timers.now();
    // What it leaves behind keeps its deadline, the one of its running time included.
    this.end();
    if (this.#details !== undefined) this.#details.settled(this);
    this.driver.onSettled(this);
    if (this.#settlement !== undefined) this.#fulfil(this.#settlement);
    if (this.#listeners !== undefined) this.#tell(this.#listeners);
    if (this.#details?.line !== undefined) this.#details.line.settleAll();
    if (this.owner !== undefined) this.owner.childSettled(this);
    // Nobody holds it, nobody asked: a rejected promise without a handler is how the platform reports that. A later
    // `then` finds the same promise, so the platform also learns when the failure is handled after all.
    if (state === "failed" && !this.#observed) {
      this.#settlement = new Settlement();
      this.#settlement.reject(result);
    }
    taskRecorder?.settled(this);
  }

  #fulfil(settlement: Settlement<unknown>): void {
    if (this.state === "succeeded") settlement.resolve(this.#result);
    else settlement.reject(this.#result);
  }

  #tell(listeners: (() => void)[]): void {
    this.#listeners = undefined;
    for (const listener of listeners) listener();
  }
}
