// What serial and coroutine executors share: accounts, the queue bound, closing. A subclass says when a task may start.
//
// With `clones` values are copied in and out by the codec, as they would be on the way to a worker: the replacement of a
// level that `BRIGADE_LEVEL` asks for, and work that runs here because a queue was full.
import type { AsyncResource } from "node:async_hooks";
import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import { captureContext, runOutside } from "../../core/context.ts";
import { checkCount } from "../../core/durations.ts";
import { runCode, startSoon } from "../../core/local-run.ts";
import { type CancelCause, cancelledBy } from "../../core/scope.ts";
import type { ScopedTask, TaskDriver } from "../../core/task.ts";
import { timers } from "../../core/timers.ts";
import { sleep } from "../../core/waiting.ts";
import { Accounts } from "./accounts.ts";
import { checkQueue, closedError, openTask, type QueueBound, queueFullError } from "./admission.ts";
import type { ExecutorCore, Submission } from "./core.ts";
import type { Injector, Queued } from "./injector.ts";
import { pauseBefore, wantsAnotherAttempt } from "./retries.ts";

/** A task that waits here for its turn. */
export interface LocalEntry extends Queued {
  readonly task: ScopedTask<unknown>;
  readonly submission: Submission;
  /** Where it was submitted. */
  readonly context: AsyncResource;
}

/** How values cross when they only seem to. */
export interface LocalCopies {
  in(args: readonly unknown[], submission: Submission): readonly unknown[];
  out(value: unknown): unknown;
  failure(error: unknown): Promise<unknown>;
  report(value: unknown): unknown;
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
  protected readonly runsAs: Level;
  readonly #bound: QueueBound;
  readonly #copies: LocalCopies | undefined;
  protected readonly accounts = new Accounts();
  readonly #entries = new Map<ScopedTask<unknown>, LocalEntry>();
  readonly #live = new Set<ScopedTask<unknown>>();
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

  /** Tasks that wait. */
  protected get waiting(): number {
    return this.#entries.size;
  }

  submit(submission: Submission): ScopedTask<unknown> {
    const task = openTask(this, this.runsAs, submission, Number.POSITIVE_INFINITY);
    this.accounts.opened();
    this.#live.add(task);
    task.onEnd(() => {
      this.#live.delete(task);
      this.accounts.settled(task);
    });
    if (task.settled) return task;
    if (this.#closed) task.fail(closedError(this.name));
    else if (!this.#copies && typeof submission.fn !== "function")
      task.fail(new TypeError(`run needs a function, not ${typeof submission.fn}.`));
    else this.#admit(task, submission);
    return task;
  }

  #admit(task: ScopedTask<unknown>, submission: Submission): void {
    let args = submission.args;
    try {
      if (this.#copies) args = this.#copies.in(args, submission);
    } catch (error) {
      task.fail(error);
      return;
    }
    const entry: LocalEntry = {
      task,
      submission: { ...submission, args },
      context: captureContext(),
      priority: submission.settings.priority ?? 0,
      arrival: 0,
      queued: false,
    };
    // A task of its own, or one that runs on the caller's thread because the queue is full, waits for nobody.
    const full = this.#isFull();
    if (full && this.#bound.full === "reject" && !submission.dedicated) {
      task.fail(queueFullError(this.name, this.#bound.capacity));
    } else if (submission.dedicated || (full && this.#bound.full === "run-here")) {
      startSoon(() => this.start(entry, false));
    } else {
      this.#entries.set(task, entry);
      this.queueFor(task).push(entry);
      startSoon(() => this.dispatch());
    }
  }

  /** Enters the code. `counted` tasks hold a place until they settle. */
  protected start(entry: LocalEntry, counted: boolean): void {
    const { task, submission } = entry;
    this.#entries.delete(task);
    if (task.settled) return;
    if (counted) {
      this.busy++;
      task.onEnd(() => {
        this.busy--;
        startSoon(() => this.dispatch());
      });
    }
    this.#running++;
    if (submission.settings.timeout !== undefined) task.limitRunning(submission.settings.timeout);
    const returned = () => {
      this.#running--;
    };
    const call = submission.settings.retry ? () => this.#callUntilDone(task, submission) : () => this.#call(submission);
    entry.context.runInAsyncScope(() => runCode(task, call, returned));
  }

  /** Tries until an attempt succeeds or none is left. The task keeps its place between attempts, and waits as it would on a
   *  pool: out of its running time, gone at once when it is cancelled. */
  async #callUntilDone(task: ScopedTask<unknown>, submission: Submission): Promise<unknown> {
    const { retry, timeout } = submission.settings;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#call(submission);
      } catch (error) {
        if (task.error !== undefined || !wantsAnotherAttempt(retry, error, attempt)) throw error;
      }
      task.waitAgain();
      await sleep(pauseBefore(attempt, retry?.backoff));
      task.started(undefined);
      if (timeout !== undefined) task.limitRunning(timeout);
    }
  }

  /** Places that are free will be taken by what waits for the next tick; only what is beyond them waits for others. */
  #isFull(): boolean {
    return this.waiting >= this.#bound.capacity + this.free;
  }

  #call({ fn, args, many }: Submission): unknown {
    const call = fn as (...args: readonly unknown[]) => unknown;
    const enter = () => (many ? callEach(call, args) : call(...args));
    return this.#copies ? callCopied(enter, this.#copies) : enter();
  }

  withdraw(task: ScopedTask<unknown>): boolean {
    const entry = this.#entries.get(task);
    if (entry) {
      this.#entries.delete(task);
      this.queueFor(task).withdraw(entry);
    }
    return true;
  }

  onCancelling(task: ScopedTask<unknown>, _error: CancelCause): void {
    task.armGrace(() => task.abandon());
  }

  onSettled(): void {}

  copyReport(_task: ScopedTask<unknown>, value: unknown): unknown {
    return this.#copies ? this.#copies.report(value) : value;
  }

  async broadcast(submission: Submission): Promise<unknown[]> {
    return [await this.submit(submission)];
  }

  statistics(): ExecutorStatistics {
    const { succeeded, failed, cancelled } = this.accounts;
    const running = this.#running;
    return { workers: 1, idle: running === 0 ? 1 : 0, waiting: this.waiting, running, succeeded, failed, cancelled, lost: 0 };
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
      for (const task of [...this.#live]) task.cancel(cancelledBy("its executor was closed", `The task ${task.name}`));
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

/** Calls in order, one after the other: what a chunk of a map means on every level. */
export async function callEach(call: (item: unknown) => unknown, items: readonly unknown[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const item of items) results.push(await call(item));
  return results;
}
