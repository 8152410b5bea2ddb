// What serial and coroutine executors share: accounts, the queue bound, closing. A subclass says when a task may start.
//
// With `clones` values are copied in and out by the codec, as they would be on the way to a worker: the replacement of a
// level that `BRIGADE_LEVEL` asks for, and work that runs here because a queue was full.
import type { AsyncResource } from "node:async_hooks";
import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import { captureContext, currentScope, runOutside } from "../../core/context.ts";
import { checkCount } from "../../core/durations.ts";
import { enterSoon, runCode, startSoon } from "../../core/local-run.ts";
import { type CancelCause, CancelScope, cancelledBy, rootScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import type { TaskDriver } from "../../core/task-driver.ts";
import { timers } from "../../core/timers.ts";
import { sleep } from "../../core/waiting.ts";
import { Accounts } from "./accounts.ts";
import { checkQueue, closedError, openTask, type QueueBound, queueFullError } from "./admission.ts";
import { callEach } from "./call-each.ts";
import type { ExecutorCore, Submission } from "./core.ts";
import type { Injector, Queued } from "./injector.ts";
import { pauseBefore, wantsAnotherAttempt } from "./retries.ts";
import { copyingInto, type ItemCopy } from "./stream/copying.ts";
import type { StreamInlet } from "./stream/inlet.ts";
import { produceHere, type StreamPlace } from "./stream/producer.ts";

/** A task that waits here for a place. */
export interface LocalEntry extends Queued {
  readonly task: ScopedTask<unknown>;
  readonly submission: Submission;
  /** Where it was submitted. */
  readonly context: AsyncResource;
}

/** A ticket: what a task of a local core is to do, until it does it. Where nothing is bounded it stands in no queue. */
type Ticket = LocalEntry | Submission | undefined;

/** How values cross when they only seem to. */
export interface LocalCopies {
  in(args: readonly unknown[], submission: Submission): readonly unknown[];
  out(value: unknown): unknown;
  failure(error: unknown): Promise<unknown>;
  report(value: unknown): unknown;
  /** An item of a stream. */
  readonly item: (value: unknown) => ItemCopy;
}

/** Settings of a local core. */
export interface LocalCoreOptions {
  readonly name: string;
  readonly size: number;
  readonly queue?: Parameters<typeof checkQueue>[0];
  readonly copies?: LocalCopies | undefined;
}

export abstract class LocalCore<L extends Level> implements ExecutorCore<L>, TaskDriver {
  readonly level: L;
  readonly name: string;
  readonly size: number;
  /** Where the code really runs. */
  readonly runsAs: Level;
  readonly #bound: QueueBound;
  readonly #copies: LocalCopies | undefined;
  protected readonly accounts = new Accounts();
  /** Above the tasks that were submitted outside any task. */
  readonly #scope = new CancelScope(undefined, undefined);
  /** Those submitted inside tasks, which belong to these. */
  readonly #inner = new Set<ScopedTask<unknown>>();
  /** Tasks in a queue. */
  #waiting = 0;
  /** Tasks that wait for nothing but the next tick. */
  #starting = 0;
  /** Places taken by tasks that run and have not settled. */
  protected busy = 0;
  /** Code that has not returned, abandoned code included. */
  #running = 0;
  #closed = false;

  constructor(level: L, runsAs: Level, options: LocalCoreOptions) {
    this.level = level;
    this.runsAs = runsAs;
    this.name = options.name;
    this.size = checkCount("The option size", options.size, 1, true);
    this.#bound = checkQueue(options.queue);
    this.#copies = options.copies;
  }

  /** Where a submission made here waits. */
  protected abstract queueFor(task: ScopedTask<unknown>): Injector<LocalEntry>;
  /** Starts what may start. */
  protected abstract dispatch(): void;
  /** Places for tasks to start in at once. */
  protected abstract get free(): number;

  submit(submission: Submission): ScopedTask<unknown> {
    this.accounts.opened();
    const scope = currentScope();
    const task = openTask(this, this.runsAs, submission, scope === rootScope && !this.#closed ? this.#scope : scope);
    if (task.settled) return task;
    if (scope !== rootScope) this.#inner.add(task);
    if (this.#closed) task.fail(closedError(this.name));
    else if (!this.#copies && typeof submission.fn !== "function")
      task.fail(new TypeError(`run needs a function, not ${typeof submission.fn}.`));
    else this.#admit(task, submission);
    return task;
  }

  #admit(task: ScopedTask<unknown>, submission: Submission): void {
    let admitted = submission;
    if (this.#copies) {
      try {
        admitted = { ...submission, args: this.#copies.in(submission.args, submission) };
      } catch (error) {
        task.fail(error);
        return;
      }
    }
    const { priority = 0 } = submission.settings;
    // A task of its own, or one that runs on the caller's thread because the queue is full, waits for nobody.
    const full = this.#bound.capacity !== Number.POSITIVE_INFINITY && this.#isFull();
    if (full && this.#bound.full === "reject" && !submission.dedicated) {
      task.fail(queueFullError(this.name, this.#bound.capacity));
    } else if (
      submission.dedicated ||
      (full && this.#bound.full === "run-here") ||
      (this.size === Number.POSITIVE_INFINITY && priority === 0)
    ) {
      task.ticket = admitted;
      this.#starting++;
      enterSoon(task);
    } else {
      const entry: LocalEntry = { task, submission: admitted, context: captureContext(), priority, arrival: 0, queued: false };
      task.ticket = entry;
      this.#waiting++;
      this.queueFor(task).push(entry);
      startSoon(() => this.dispatch());
    }
  }

  /** Enters the code of a task that was taken from its queue. `counted` ones hold a place until they settle. */
  protected start({ task, submission, context }: LocalEntry, counted: boolean): void {
    this.#waiting--;
    if (task.settled) return;
    task.ticket = submission;
    if (counted) {
      this.busy++;
      task.onEnd(() => {
        this.busy--;
        startSoon(() => this.dispatch());
      });
    }
    const returned = () => this.onReturned();
    context.runInAsyncScope(() => runCode(task, () => this.#enter(task), returned));
  }

  call(task: ScopedTask<unknown>): unknown {
    this.#starting--;
    return this.#enter(task);
  }

  #enter(task: ScopedTask<unknown>): unknown {
    const submission = task.ticket as Submission;
    // What the call holds must not live as long as the handle.
    task.ticket = undefined;
    this.#running++;
    const { timeout, retry } = submission.settings;
    if (timeout !== undefined) {
      task.limitRunning(timeout);
      // With no time at all the function does not run.
      task.check();
    }
    return retry === undefined ? this.#call(submission) : this.#callUntilDone(task, submission);
  }

  onReturned(): void {
    this.#running--;
  }

  /** Tries until an attempt succeeds or none is left. The task keeps its place between attempts, and waits as it would on a
   *  pool: out of its running time, gone at once when it is cancelled. */
  async #callUntilDone(task: ScopedTask<unknown>, submission: Submission): Promise<unknown> {
    const { retry, timeout } = submission.settings;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#call(submission);
      } catch (error) {
        if (task.error !== undefined || submission.stream?.begun || !wantsAnotherAttempt(retry, error, attempt)) throw error;
      }
      task.waitAgain();
      await sleep(pauseBefore(attempt, retry?.backoff));
      task.started(undefined);
      if (timeout !== undefined) task.limitRunning(timeout);
    }
  }

  /** Places that are free will be taken by what waits for the next tick; only what is beyond them waits for others. */
  #isFull(): boolean {
    return this.#waiting >= this.#bound.capacity + this.free;
  }

  #call({ fn, args, many, stream }: Submission): unknown {
    const call = fn as (...args: readonly unknown[]) => unknown;
    const enter = () => {
      if (stream) return this.#produce(() => call(...args), stream);
      return many ? callEach(call, args, "all") : call(...args);
    };
    return this.#copies ? callCopied(enter, this.#copies) : enter();
  }

  #produce(call: () => unknown, stream: StreamInlet): Promise<void> {
    const place = this.placeOf(currentScope());
    return produceHere(call(), this.#copies ? copyingInto(stream, this.#copies.item) : stream, stream, place);
  }

  /** The place that a task of this core holds, where it can be lent. */
  protected placeOf(_task: CancelScope): StreamPlace | undefined {
    return undefined;
  }

  withdraw(task: ScopedTask<unknown>): boolean {
    const ticket = task.ticket as Ticket;
    task.ticket = undefined;
    if (ticket === undefined) return true;
    if ("context" in ticket) {
      this.#waiting--;
      this.queueFor(task).withdraw(ticket);
    } else this.#starting--;
    return true;
  }

  onCancelling(task: ScopedTask<unknown>, _error: CancelCause): void {
    task.armGrace(() => task.abandon());
  }

  onSettled(task: ScopedTask<unknown>): void {
    if (task.parent !== this.#scope) this.#inner.delete(task);
    this.accounts.settled(task);
  }

  copyReport(_task: ScopedTask<unknown>, value: unknown): unknown {
    return this.#copies ? this.#copies.report(value) : value;
  }

  async broadcast(submission: Submission): Promise<unknown[]> {
    return [await this.submit(submission)];
  }

  statistics(): ExecutorStatistics {
    const { succeeded, failed, cancelled } = this.accounts;
    const running = this.#running;
    return {
      workers: 1,
      idle: running === 0 ? 1 : 0,
      waiting: this.#waiting + this.#starting,
      running,
      succeeded,
      failed,
      cancelled,
      lost: 0,
      perWorker: [],
    };
  }

  /** Nothing to start: the worker is this thread. */
  async warm(): Promise<void> {
    if (this.#closed) throw closedError(this.name);
  }

  drain(): Promise<void> {
    return this.accounts.until(() => this.accounts.pending === 0);
  }

  ready(): Promise<void> {
    return this.accounts.until(() => !this.#isFull());
  }

  async close({ grace = 0 }: CloseOptions): Promise<void> {
    this.#closed = true;
    const cancel = () => {
      for (const task of [...this.#inner]) task.cancel(cancelledBy("its executor was closed", `The task ${task.name}`));
      this.#scope.cancelWith(cancelledBy("its executor was closed", `A task of ${this.name}`));
    };
    const timer = grace > 0 && this.accounts.pending > 0 ? timers.set(grace, cancel, true) : undefined;
    if (timer === undefined) cancel();
    // Outside the caller's scope: a cancelled caller still leaves nothing behind.
    await runOutside(() => this.accounts.until(() => this.accounts.pending === 0));
    timers.clear(timer);
  }
}

/** Calls, and copies what comes out as a worker's answer would be. */
async function callCopied(call: () => unknown, copies: LocalCopies): Promise<unknown> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    throw await copies.failure(error);
  }
  return copies.out(value);
}
