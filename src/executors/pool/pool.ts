// Pool: the executor core of every level that has workers. A synchronous state machine: it moves on submissions, frames,
// exits and timers, never on promises, so that `joinSync` can drive it while the event loop stands still.
//
// Invariants
// - A run is in exactly one place: waiting in an injector, waiting for its next attempt, sent to one worker, or settled.
// - A worker runs one pooled task at a time, plus nested work when no worker was free for it (placement.ts): what waits for a
//   worker that is held by whoever waits for it would never start.
// - Every settlement passes `#finish` or `task.fail`; a worker's death settles or re-queues everything it held.
import { messageOf, PoolBrokenError, UnsupportedError } from "../../contract/errors.ts";
import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level, PortableReference } from "../../contract/portable.ts";
import { captureContext } from "../../core/context.ts";
import { startSoon } from "../../core/local-run.ts";
import { type CancelCause, cancelledBy } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import type { TaskDriver } from "../../core/task-driver.ts";
import { timers } from "../../core/timers.ts";
import { noteModule } from "../../wire/module-namespaces.ts";
import { requireReference } from "../../wire/require-reference.ts";
import { Accounts } from "./accounts.ts";
import { checkQueue, closedError, openTask, type QueueBound, queueFullError } from "./admission.ts";
import { Answers, type AnswersPool } from "./answers.ts";
import { blockUntilSettled } from "./blocking-join.ts";
import { captureCaller } from "./caller.ts";
import type { ExecutorCore, ForwardedSubmission, ForwardingCore, Submission } from "./core.ts";
import { keepingAlive, retireAll, untilOutside, warmUp } from "./lifecycle.ts";
import type { Link } from "./link.ts";
import { encodeCall } from "./outgoing-call.ts";
import { encodeFailure } from "./passage.ts";
import { Placement } from "./placement.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { Register } from "./register.ts";
import { Roster } from "./roster.ts";
import { Run } from "./run.ts";
import { runHere } from "./run-here.ts";

export class PoolCore<L extends Level> implements ExecutorCore<L>, ForwardingCore, AnswersPool, TaskDriver {
  readonly level: L;
  readonly name: string;
  readonly size: number;
  readonly runsAs: Level;
  readonly #bound: QueueBound;
  readonly #options: PoolOptions;
  readonly #accounts = new Accounts();
  readonly #register = new Register(this, this.#accounts);
  readonly graceMs = 2_000;
  /** Whether its workers can be served while this thread is blocked. */
  readonly servedBlocked: boolean;
  readonly sharesMemory: boolean;
  readonly roster: Roster;
  readonly #placement: Placement;
  readonly #answers: Answers;
  /** `dispatch` will be called on the next tick. */
  #dispatching = false;
  readonly #dispatchNow = () => {
    this.#dispatching = false;
    this.dispatch();
  };
  /** Workers have got room, and nobody has filled it yet. */
  #dispatchDue = false;
  #closed = false;
  #broken: PoolBrokenError | undefined;

  constructor(level: L, options: PoolOptions) {
    this.level = level;
    this.runsAs = level;
    this.name = options.name;
    this.size = options.size;
    this.#options = options;
    this.servedBlocked = options.servedBlocked;
    this.sharesMemory = options.sharesMemory;
    this.#bound = checkQueue(options.queue);
    this.#answers = new Answers(this, options.stdio);
    this.roster = new Roster(options, this.#answers);
    this.#placement = new Placement(this.roster, (scope) => this.#register.runOf(scope)?.worker);
  }

  // ---- submissions ----

  submit(submission: Submission, forwarded?: ForwardedSubmission): ScopedTask<unknown> {
    const task = this.#open(submission);
    if (task.settled) return task;
    if (this.#closed) task.fail(closedError(this.name));
    else if (this.#broken) task.fail(this.#brokenError());
    else {
      const run = this.#prepare(task, submission, forwarded);
      if (run) this.#admit(run);
    }
    return task;
  }

  /** Makes the task of a submission and keeps account of it until it settles. */
  #open(submission: Submission): ScopedTask<unknown> {
    const task = openTask(this, this.level, submission);
    this.#register.opened(task, submission.dedicated && submission.settings.daemon === true);
    return task;
  }

  /** Makes the run: checks that the function and its arguments can travel. */
  #prepare(task: ScopedTask<unknown>, submission: Submission, forwarded: ForwardedSubmission | undefined): Run | undefined {
    try {
      const caller = forwarded === undefined ? captureCaller(this.submit) : undefined;
      const call = forwarded ?? encodeCall(submission, this.level, this.#options.sharesMemory);
      const run = new Run(task, call, submission, caller, forwarded);
      this.#register.prepared(run);
      return run;
    } catch (error) {
      task.fail(error);
      return undefined;
    }
  }

  #admit(run: Run): void {
    const { dedicated, key } = run;
    if (!dedicated && this.#placement.isFull(this.#bound.capacity, key)) {
      if (this.#bound.full === "reject") {
        run.task.fail(queueFullError(this.name, this.#bound.capacity));
        return;
      }
      // Not with a key: here it would overtake its equals. It is held back.
      if (this.#bound.full === "run-here" && key === undefined) {
        run.here = true;
        const context = captureContext();
        startSoon(() => context.runInAsyncScope(() => runHere(run)));
        return;
      }
    }
    if (dedicated) startSoon(() => this.#placement.placeAlone(run));
    else {
      this.#placement.push(run);
      this.#dispatchSoon();
    }
  }

  /** Once for all that was submitted in one step. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    startSoon(this.#dispatchNow);
  }

  // ---- dispatch ----

  /** Gives waiting runs to workers, starting workers as needed. Synchronous; called after everything that may have freed one. */
  dispatch(): void {
    if (this.#broken) return;
    this.#placement.dispatch();
    this.#accounts.changed();
  }

  putBack(run: Run): void {
    run.worker = undefined;
    if (this.#broken) run.task.fail(this.#brokenError());
    else this.#placement.putBack(run);
  }

  requeue(run: Run, delayMs: number): void {
    run.worker = undefined;
    run.started = false;
    const again = () => {
      run.retryTimer = undefined;
      if (run.dedicated) this.#placement.placeAlone(run);
      else this.#placement.push(run);
    };
    if (this.#broken) run.task.fail(this.#brokenError());
    else if (delayMs <= 0) again();
    else {
      run.retryTimer = timers.set(delayMs, () => {
        again();
        this.dispatch();
      });
    }
  }

  // ---- the task's driver ----

  withdraw(task: ScopedTask<unknown>): boolean {
    const run = this.#register.runOf(task);
    if (run?.worker) {
      const { worker } = run;
      if (!worker.takeBack(run)) return false;
      this.released(worker);
      this.#dispatchSoon();
    } else if (run) this.#forget(run);
    return true;
  }

  #forget(run: Run): void {
    timers.clear(run.retryTimer);
    this.#placement.withdraw(run);
  }

  onCancelling(task: ScopedTask<unknown>, error: CancelCause): void {
    const run = this.#register.runOf(task);
    if (run?.here) task.armGrace(() => task.abandon());
    if (!run?.worker) return;
    const { link } = run.worker;
    link.send({ type: "cancel", id: run.id, payload: encodeFailure(error, link.sharesMemory) });
    link.raiseFlag();
    task.armGrace(() => this.#condemn(run.worker));
  }

  onSettled(task: ScopedTask<unknown>): void {
    this.#register.settled(task);
  }

  onReport(task: ScopedTask<unknown>, value: unknown): void {
    this.#register.runOf(task)?.forwarded?.report(value);
  }

  blockUntilSettled(task: ScopedTask<unknown>, untilMs: number): void {
    if (this.#register.runOf(task)?.here) {
      const message = `joinSync blocks this thread, and the task ${task.name} runs on it because the queue was full: await it instead.`;
      throw new UnsupportedError(message, "joinSync");
    }
    blockUntilSettled(task, untilMs, this);
  }

  serveBlocked(): readonly Link[] {
    this.dispatch();
    for (const run of this.#register.runs) if (run.dedicated) this.#placement.placeAlone(run);
    return this.roster.all.map(({ link }) => link);
  }

  /** The grace of a run is over: its worker goes, and what cannot be stopped is abandoned. */
  #condemn(worker: PoolWorker | undefined): void {
    if (worker === undefined) return;
    // What it has not begun goes elsewhere at once: nobody knows when it will be gone.
    this.#placement.recall(worker);
    this.roster.condemn(worker);
    this.dispatch();
  }

  // ---- ends ----

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Nothing can run here any more: everything that waits fails, each with an error of its own. */
  break(cause: unknown): void {
    const why = messageOf(cause)?.replace(/\.$/, "") || "its workers do not start";
    this.#broken ??= new PoolBrokenError(
      `The pool ${this.name} is broken: ${why}. Mend what its workers start with, then open another pool.`,
      { cause },
    );
    for (const run of this.#register.runs) {
      if (run.worker || run.here) continue;
      this.#forget(run);
      run.task.fail(this.#brokenError());
    }
    this.#accounts.changed();
  }

  #brokenError(): PoolBrokenError {
    const { message, cause } = this.#broken as PoolBrokenError;
    return new PoolBrokenError(message, { cause });
  }

  /** A worker is free or gone. */
  released(worker: PoolWorker, reference?: PortableReference): void {
    if (worker.dedicated && worker.runs.size === 0) this.roster.retire(worker);
    else if (worker.free && this.#isSpent(worker)) this.roster.retire(worker);
    else if (worker.free) this.roster.becameIdle(worker);
    if (!this.#closed && !this.#broken) this.roster.keepSpare(reference);
    // Once for all answers that came together, where the link says when that is.
    if (worker.link.offers) this.#dispatchDue = true;
    else this.dispatch();
  }

  #isSpent({ worn, served }: PoolWorker): boolean {
    return worn || (this.#options.maxTasks !== undefined && served >= this.#options.maxTasks);
  }

  /** What it has not begun goes elsewhere, and what it has begun may end. */
  worn(worker: PoolWorker): void {
    worker.worn = true;
    this.#placement.recall(worker);
    worker.link.send({ type: "worn" });
    this.released(worker);
    this.#dispatchSoon();
  }

  drained(): void {
    if (!this.#dispatchDue) return;
    this.#dispatchDue = false;
    this.dispatch();
  }

  changed(): void {
    this.#accounts.changed();
  }

  async broadcast(submission: Submission): Promise<unknown[]> {
    const reference = requireReference(submission.fn, this.level);
    noteModule(reference.url);
    this.#checkOpen();
    // None to be had at once: starting pauses after failures.
    while (this.roster.members.length === 0 && this.roster.hire() === undefined) await this.warm(1);
    const tasks = this.roster.members.map((worker) => {
      const task = this.#open(submission);
      const run = task.settled ? undefined : this.#prepare(task, submission, undefined);
      if (run) worker.send(run);
      return task;
    });
    return Promise.all(tasks);
  }

  statistics(): ExecutorStatistics {
    const { succeeded, failed, cancelled } = this.#accounts;
    const { workers, idle, running, lost } = this.roster.figures();
    const perWorker = this.roster.portraits();
    return { workers, idle, waiting: this.#placement.waiting, running, succeeded, failed, cancelled, lost, perWorker };
  }

  async warm(count: number): Promise<void> {
    this.#checkOpen();
    if (!(await warmUp(this.roster, this.#accounts, count, () => this.#closed || this.isBroken))) this.#checkOpen();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError(this.name);
    if (this.#broken) throw this.#brokenError();
  }

  drain(): Promise<void> {
    return this.#accounts.until(() => this.#accounts.pending === 0);
  }

  ready(): Promise<void> {
    return this.#accounts.until(() => !this.#placement.isFull(this.#bound.capacity) || this.#closed || this.isBroken);
  }

  async close({ grace = 0 }: CloseOptions): Promise<void> {
    this.#closed = true;
    const cancel = () => {
      for (const { task } of this.#register.runs) task.cancel(cancelledBy("its executor was closed", `A task of ${this.name}`));
    };
    const timer = grace > 0 && this.#accounts.pending > 0 ? timers.set(grace, cancel) : undefined;
    if (timer === undefined) cancel();
    this.changed();
    await keepingAlive(async () => {
      await untilOutside(this.#accounts, () => this.#accounts.pending === 0);
      timers.clear(timer);
      await retireAll(this.roster, this.#accounts);
    });
  }
}
