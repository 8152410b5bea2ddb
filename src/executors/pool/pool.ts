// Pool: the executor core of every level that has workers. A synchronous state machine: it moves on submissions, frames,
// exits and timers, never on promises, so that `joinSync` can drive it while the event loop stands still.
//
// Invariants
// - A run is in exactly one place: waiting in an injector, waiting for its next attempt, sent to one worker, or settled.
// - A worker runs one pooled task at a time, plus what that task itself submitted when no other worker was free: work that
//   waits for its own parent's worker would never start.
// - Every settlement passes `#finish` or `task.fail`; a worker's death settles or re-queues everything it held.
import { PoolBrokenError } from "../../contract/errors.ts";
import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level, PortableReference } from "../../contract/portable.ts";
import { currentLocals } from "../../core/context.ts";
import { startSoon } from "../../core/local-run.ts";
import { type CancelCause, cancelledBy, type CancelScope } from "../../core/scope.ts";
import { bindingsByName } from "../../core/task-local.ts";
import type { ScopedTask, TaskDriver } from "../../core/task.ts";
import { timers } from "../../core/timers.ts";
import type { Encoded } from "../../wire/codec.ts";
import { noteModule } from "../../wire/module-namespaces.ts";
import { requireReference } from "../../wire/require-reference.ts";
import { Accounts } from "./accounts.ts";
import { checkQueue, closedError, openTask, type QueueBound, queueFullError } from "./admission.ts";
import { Answers } from "./answers.ts";
import { blockUntilSettled } from "./blocking-join.ts";
import type { ExecutorCore, Submission } from "./core.ts";
import type { SettledFrame } from "./frames.ts";
import { goesBefore, Injector } from "./injector.ts";
import { KeepAlive } from "./keep-alive.ts";
import { encodeFailure, encodeValue } from "./passage.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { Roster } from "./roster.ts";
import { Run } from "./run.ts";
import { runHere } from "./run-here.ts";

/** Time for the system to take a killed worker away, before its task counts as abandoned. */
const killedMs = 500;

/** A submission that came from a worker: already encoded, answered to that worker. */
export interface ForwardedSubmission {
  readonly reference: PortableReference;
  readonly payload: Encoded;
  readonly signals: readonly AbortSignal[];
  readonly locals: readonly string[] | undefined;
  readonly forward: (frame: SettledFrame) => void;
  /** Where it came from: the worker and the number of its submission. */
  readonly origin: { readonly worker: PoolWorker; readonly number: number };
}

export class PoolCore<L extends Level> implements ExecutorCore<L>, TaskDriver {
  readonly level: L;
  readonly name: string;
  readonly size: number;
  readonly #bound: QueueBound;
  readonly #options: PoolOptions;
  readonly #accounts = new Accounts();
  readonly #queue = new Injector<Run>();
  /** Runs with a key, by the place that their key means. */
  readonly #keyed: (Injector<Run> | undefined)[] = [];
  readonly #runs = new Map<CancelScope, Run>();
  readonly #keepAlive = new KeepAlive();
  #holding = 0;
  readonly roster: Roster;
  readonly #answers: Answers;
  #closed = false;
  #broken: PoolBrokenError | undefined;

  constructor(level: L, options: PoolOptions) {
    this.level = level;
    this.name = options.name;
    this.size = options.size;
    this.#options = options;
    this.#bound = checkQueue(options.queue);
    this.#answers = new Answers(this, options.stdio);
    this.roster = new Roster(options, this.#answers);
  }

  // ---- submissions ----

  submit(submission: Submission, forwarded?: ForwardedSubmission): ScopedTask<unknown> {
    const task = openTask(this, this.level, submission, 2_000);
    this.#accounts.opened();
    const daemon = submission.dedicated && submission.settings.daemon === true;
    if (!daemon && this.#holding++ === 0) this.#keepAlive.hold();
    task.onEnd(() => {
      if (!daemon && --this.#holding === 0) this.#keepAlive.release();
      this.#runs.delete(task);
      this.#accounts.settled(task);
    });
    if (task.settled) return task;
    if (this.#closed) task.fail(closedError(this.name));
    else if (this.#broken) task.fail(this.#brokenError());
    else {
      const run = this.#prepare(task, submission, forwarded);
      if (run) this.#admit(run);
    }
    return task;
  }

  /** Makes the run: checks that the function and its arguments can travel. */
  #prepare(task: ScopedTask<unknown>, submission: Submission, forwarded: ForwardedSubmission | undefined): Run | undefined {
    const { settings, dedicated, many } = submission;
    try {
      const reference = forwarded?.reference ?? requireReference(submission.fn, this.level);
      if (forwarded) return this.#track(new Run({ ...forwarded, task, settings, dedicated, many, caller: undefined }));
      noteModule(reference.url);
      const locals = bindingsByName(currentLocals());
      const values = locals.length > 0 ? [...submission.args, ...locals.map(([, value]) => value)] : submission.args;
      const { payload, signals } = encodeValue(values, "arguments", this.#options.sharesMemory, settings.transfer);
      const caller: { stack?: string } = {};
      Error.captureStackTrace(caller, this.submit);
      return this.#track(
        new Run({ task, reference, payload, signals, locals: locals.length > 0 ? locals.map(([name]) => name) : undefined, settings, dedicated, many, caller }),
      );
    } catch (error) {
      task.fail(error);
      return undefined;
    }
  }

  #track(run: Run): Run {
    this.#runs.set(run.task, run);
    return run;
  }

  #admit(run: Run): void {
    const { settings, dedicated } = run.parts;
    const { key } = settings;
    if (!dedicated && key === undefined && this.#isFull()) {
      if (this.#bound.full === "reject") {
        run.task.fail(queueFullError(this.name, this.#bound.capacity));
        return;
      }
      if (this.#bound.full === "run-here") {
        this.#runs.delete(run.task);
        startSoon(() => runHere(run));
        return;
      }
    }
    run.queue = dedicated ? undefined : key === undefined ? this.#queue : this.#keyedQueue(key);
    run.queue?.push(run);
    startSoon(() => this.dispatch());
    if (dedicated) startSoon(() => this.#place(run));
  }

  #isFull(): boolean {
    let free = 0;
    for (const worker of this.roster.slots) if (worker === undefined || worker.free) free++;
    return this.#queue.length >= this.#bound.capacity + free;
  }

  // ---- dispatch ----

  /** Gives waiting runs to workers, starting workers as needed. Synchronous; called after everything that may have freed one. */
  dispatch(): void {
    if (this.#broken) return;
    this.#dispatchKeyed();
    for (let run = this.#queue.peek(); run; run = this.#queue.peek()) {
      const worker = this.roster.free() ?? this.roster.hire() ?? this.#workerOfAncestor(run);
      if (worker === undefined) break;
      this.#queue.shift();
      worker.send(run);
    }
    if (this.#waiting > 0 && this.roster.health.pauseMs > 0) this.roster.afterPause(() => this.dispatch());
    this.#accounts.changed();
  }

  #dispatchKeyed(): void {
    this.#keyed.forEach((queue, slot) => {
      const run = queue?.peek();
      if (run === undefined) return;
      const worker = this.roster.slots[slot] ?? this.roster.hire(slot);
      // A free worker takes whichever of the two lines is due, so that neither starves the other.
      const rival = this.#queue.peek();
      if (worker?.free && (rival === undefined || goesBefore(run, rival) || this.roster.slots.some((each) => each !== worker && each?.free))) {
        queue?.shift();
        worker.send(run);
      } else if (worker !== undefined && worker === this.#workerOfAncestor(run)) {
        queue?.shift();
        worker.send(run);
      }
    });
  }

  /** The worker of this pool on which the submitter of a run itself runs: it serves its own child rather than wait for it. */
  #workerOfAncestor(run: Run): PoolWorker | undefined {
    for (let scope = run.task.parent; scope; scope = scope.parent) {
      const worker = this.#runs.get(scope)?.worker;
      if (worker && (worker.state === "ready" || worker.state === "starting")) return worker;
    }
    return undefined;
  }

  /** A run with a worker of its own. */
  #place(run: Run): void {
    if (!run.task.settled && run.worker === undefined) this.roster.hireDedicated().send(run);
  }

  #keyedQueue(key: string | number): Injector<Run> {
    let hash = 0;
    for (const character of String(key)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    const slot = hash % this.size;
    this.#keyed[slot] ??= new Injector<Run>();
    return this.#keyed[slot];
  }

  get #waiting(): number {
    return this.#keyed.reduce((sum, queue) => sum + (queue?.length ?? 0), this.#queue.length);
  }

  /** Sends a run again, or for the first time to another worker. */
  requeue(run: Run, delayMs: number): void {
    run.worker = undefined;
    run.started = false;
    const again = () => {
      run.retryTimer = undefined;
      if (run.task.settled) return;
      if (run.parts.dedicated) this.#place(run);
      else run.queue?.push(run);
      this.dispatch();
    };
    if (delayMs > 0) run.retryTimer = timers.set(delayMs, again);
    else again();
  }

  // ---- the task's driver ----

  withdraw(task: ScopedTask<unknown>): boolean {
    const run = this.#runs.get(task);
    if (run?.worker) return false;
    if (run) {
      timers.clear(run.retryTimer);
      run.queue?.withdraw(run);
    }
    return true;
  }

  onCancelling(task: ScopedTask<unknown>, error: CancelCause): void {
    const run = this.#runs.get(task);
    if (!run?.worker) return;
    const { link } = run.worker;
    link.send({ type: "cancel", id: run.id, payload: encodeFailure(error, link.sharesMemory) });
    link.raiseFlag();
    task.armGrace(() => this.#kill(run));
  }

  onSettled(): void {}

  blockUntilSettled(task: ScopedTask<unknown>, untilMs: number): void {
    blockUntilSettled(task, untilMs, this.name, () => {
      this.dispatch();
      const run = this.#runs.get(task);
      if (run?.parts.dedicated) this.#place(run);
      return this.roster.all;
    });
  }

  /** The grace of a run is over: its worker goes, and what cannot be stopped is abandoned. */
  #kill(run: Run): void {
    const { worker } = run;
    if (run.task.settled || worker === undefined) return;
    this.roster.condemn(worker);
    timers.set(killedMs, () => this.#answers.abandon(worker));
    this.dispatch();
  }

  // ---- ends ----

  /** Nothing can run here any more: everything that waits fails, each with an error of its own. */
  break(cause: unknown): void {
    this.#broken ??= new PoolBrokenError(`The pool ${this.name} is broken: ${messageOf(cause)}. Mend what its workers start with, then open another pool.`, { cause });
    const waiting = [this.#queue, ...this.#keyed].flatMap((queue) => queue?.drain() ?? []);
    for (const run of waiting) run.task.fail(this.#brokenError());
    this.#accounts.changed();
  }

  #brokenError(): PoolBrokenError {
    const { message, cause } = this.#broken as PoolBrokenError;
    return new PoolBrokenError(message, { cause });
  }

  /** A worker is free or gone. */
  released(worker: PoolWorker): void {
    if (worker.dedicated && worker.runs.size === 0) this.roster.retire(worker);
    else if (this.#options.maxTasks !== undefined && worker.served >= this.#options.maxTasks && worker.free) this.roster.retire(worker);
    else if (worker.free) this.roster.becameIdle(worker);
    if (!this.#closed && !this.#broken) this.roster.keepSpare();
    this.dispatch();
  }

  changed(): void {
    this.#accounts.changed();
  }

  async broadcast(submission: Submission): Promise<unknown[]> {
    const reference = requireReference(submission.fn, this.level);
    if (this.#closed) throw closedError(this.name);
    if (this.roster.members.length === 0) this.roster.hire();
    noteModule(reference.url);
    const tasks = this.roster.members.map((worker) => {
      const task = openTask(this, this.level, submission, 2_000);
      this.#accounts.opened();
      if (this.#holding++ === 0) this.#keepAlive.hold();
      task.onEnd(() => {
        if (--this.#holding === 0) this.#keepAlive.release();
        this.#runs.delete(task);
        this.#accounts.settled(task);
      });
      const run = task.settled ? undefined : this.#prepare(task, submission, undefined);
      if (run) worker.send(run);
      return task;
    });
    return Promise.all(tasks);
  }

  statistics(): ExecutorStatistics {
    const { succeeded, failed, cancelled } = this.#accounts;
    const { members } = this.roster;
    const running = this.roster.all.reduce((sum, worker) => sum + worker.runs.size, 0);
    return {
      workers: members.length + this.roster.dedicated.size,
      idle: members.filter((worker) => worker.state === "ready" && worker.free).length,
      waiting: this.#waiting,
      running,
      succeeded,
      failed,
      cancelled,
      lost: this.roster.lost,
    };
  }

  async warm(count: number): Promise<void> {
    if (this.#closed) throw closedError(this.name);
    const hire = () => {
      while (this.roster.members.length < count && !this.#closed && !this.#broken) {
        if (this.roster.hire() === undefined) {
          this.roster.afterPause(hire);
          break;
        }
      }
    };
    hire();
    const keepAlive = new KeepAlive();
    keepAlive.hold();
    const ready = () => this.roster.members.filter((worker) => worker.state === "ready").length;
    try {
      await this.#accounts.until(() => {
        if (this.roster.members.length < count) hire();
        return ready() >= count || this.#broken !== undefined || this.#closed;
      });
    } finally {
      keepAlive.release();
    }
    if (this.#broken) throw this.#brokenError();
  }

  drain(): Promise<void> {
    return this.#accounts.until(() => this.#accounts.pending === 0);
  }

  ready(): Promise<void> {
    return this.#accounts.until(() => !this.#isFull() || this.#closed || this.#broken !== undefined);
  }

  async close({ grace = 0 }: CloseOptions): Promise<void> {
    this.#closed = true;
    const keepAlive = new KeepAlive();
    keepAlive.hold();
    const cancel = () => {
      for (const scope of [...this.#runs.keys()]) (scope as ScopedTask<unknown>).cancel(cancelledBy("its executor was closed", `A task of ${this.name}`));
    };
    const timer = grace > 0 && this.#accounts.pending > 0 ? timers.set(grace, cancel) : undefined;
    if (timer === undefined) cancel();
    try {
      await this.#accounts.until(() => this.#accounts.pending === 0);
      for (const worker of this.roster.all) if (worker.state !== "ending") this.roster.retire(worker);
      await this.#accounts.until(() => this.roster.all.every((worker) => worker.condemned));
    } finally {
      timers.clear(timer);
      keepAlive.release();
    }
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error && cause.message !== "" ? cause.message.replace(/\.$/, "") : "its workers do not start";
}
