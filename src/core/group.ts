// Task groups (Trio's nurseries, asyncio's TaskGroup, Java's StructuredTaskScope): no child outlives the group.
//
// Rules of the ending
// - The first failure, of a child or of the body, cancels everything else; what that cancel makes the others throw is
//   not a failure. Failures are kept in the order in which they happened.
// - A child that was cancelled by itself gives no failure.
// - `cancel()` ends the children without an error; only a body that it interrupted rejects.
import { CancelledError, GroupFinishedError, messageOf, TaskGroupError } from "../contract/errors.ts";
import type { Executor } from "../contract/executor.ts";
import type { OpenTaskGroup, TaskGroup, TaskGroupOptions } from "../contract/group.ts";
import type { AnyFunction, Level, Work } from "../contract/portable.ts";
import type { ExplicitTask, Outcome, Task } from "../contract/task.ts";
import { currentScope, runInScope, submitInScope } from "./context.ts";
import { checkDuration } from "./durations.ts";
import { nameOf } from "./local-run.ts";
import { Nursery, startExplicitly } from "./nursery.ts";
import { cancelledBy, isCancellation, type ScopeWaiter } from "./scope.ts";
import { checkSignal, listenToSignal, type SignalListener, stopListening } from "./signals.ts";
import { ScopedTask } from "./task.ts";

let lastGroup = 0;

/** The group as its body and its children's code see it. */
class ScopedGroup implements OpenTaskGroup, SignalListener {
  readonly name: string;
  readonly #nursery: Nursery;
  readonly #signal: AbortSignal | undefined;
  readonly #firstOnly: boolean;
  readonly #failures: unknown[] = [];
  readonly #failedWith = new Set<unknown>();
  /** Children that live for the others; most groups have none. */
  #background: Set<ScopedTask<unknown>> | undefined;
  #foreground = 0;
  /** The body, or for an open group the time until `join`. */
  #bodyRuns = true;
  #finished = false;
  /** What `cancel()` pends. */
  #ownCancel: CancelledError | undefined;
  /** Some child was ended by the group's pending cancel. */
  #cutOff = false;

  constructor(options: TaskGroupOptions = {}) {
    const { deadline: deadlineMs, errors = "all" } = options;
    checkSignal(options.signal);
    if (deadlineMs !== undefined) checkDuration("The deadline of a group", deadlineMs);
    if (errors !== "all" && errors !== "first") {
      throw new RangeError(`The option errors must be "all" or "first", not ${JSON.stringify(errors)}.`);
    }
    this.name = options.name ?? `group-${++lastGroup}`;
    this.#firstOnly = errors === "first";
    this.#nursery = new Nursery((task) => this.#ended(task));
    if (deadlineMs !== undefined) this.scope.expireAfter(deadlineMs, `The group ${this.name} did not end within ${deadlineMs} ms.`, true);
    this.#signal = options.signal;
    if (this.#signal?.aborted) this.onAbort(this.#signal.reason);
    else if (this.#signal) listenToSignal(this.#signal, this);
  }

  get signal(): AbortSignal {
    return this.#nursery.scope.signal;
  }
  get cancelled(): boolean {
    return this.#nursery.scope.error !== undefined;
  }
  get scope() {
    return this.#nursery.scope;
  }

  run<R>(fn: () => R): Task<Awaited<R>>;
  run<L extends Level, A extends readonly unknown[], R>(
    executor: Executor<L>,
    fn: Work<L, (...args: A) => R>,
    ...args: A
  ): Task<Awaited<R>>;
  run(target: unknown, ...rest: unknown[]): Task<never> {
    return this.#join(this.#start(target, rest));
  }

  runExplicit<R>(fn: (task: ExplicitTask) => R): Task<Awaited<R>> {
    this.#refuseWhenFinished();
    if (typeof fn !== "function") throw new TypeError("group.runExplicit takes a function: group.runExplicit(async (task) => { … }).");
    return this.#join(startExplicitly(this.scope, nameOf(fn), fn));
  }

  #join(task: ScopedTask<unknown>): Task<never> {
    this.#foreground++;
    this.#nursery.adopt(task);
    return task as Task<unknown> as Task<never>;
  }

  background<R>(fn: () => R): Task<Awaited<R>>;
  background<L extends Level, A extends readonly unknown[], R>(
    executor: Executor<L>,
    fn: Work<L, (...args: A) => R>,
    ...args: A
  ): Task<Awaited<R>>;
  background(target: unknown, ...rest: unknown[]): Task<never> {
    const task = this.#start(target, rest);
    this.#background ??= new Set();
    this.#background.add(task);
    this.#nursery.adopt(task);
    this.#releaseBackground();
    return task as Task<unknown> as Task<never>;
  }

  cancel(reason?: unknown): void {
    this.#ownCancel ??= cancelledBy(reason, `The group ${this.name}`);
    this.#nursery.scope.cancelWith(this.#ownCancel);
  }

  onAbort(reason: unknown): void {
    this.#nursery.scope.cancelWith(cancelledBy(reason, `The group ${this.name}`));
  }

  /** A failure of the body or of a child: cancels everything else. The same error object again (of a body or sibling that
   *  awaited the one that failed) is the same failure, and so is whatever the body passes on. */
  failed(error: unknown, ofBody = false): void {
    if (this.#failedWith.has(error) && (ofBody || typeof error === "object" || typeof error === "function")) return;
    this.#failedWith.add(error);
    this.#failures.push(error);
    const what = messageOf(error) ?? "something that is not an Error was thrown";
    this.#nursery.scope.cancelWith(new CancelledError(`Another task of the group ${this.name} failed: ${what}`, { cause: error }));
  }

  async join(): Promise<void> {
    const caller = currentScope();
    const { scope } = this;
    // The scope above is told of a cancel anyway; a caller that joins from elsewhere must not wait for ever either.
    const joiner: ScopeWaiter = { nextWaiter: undefined, previousWaiter: undefined, onCancel: (error) => scope.cancelWith(error) };
    if (caller.error) joiner.onCancel(caller.error);
    else caller.addWaiter(joiner);
    await this.#finish();
    caller.removeWaiter(joiner);
    const interrupted = this.#interruption();
    if (this.#failures.length > 0) throw this.#failure();
    if (interrupted) throw interrupted;
    caller.check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#finished) return;
    this.cancel("its block was left without join()");
    await this.#finish();
    if (this.#failures.length > 0) throw this.#failure();
  }

  /** Waits for the children, then ends the group. */
  async #finish(): Promise<void> {
    this.#bodyRuns = false;
    this.#releaseBackground();
    await this.#nursery.idle();
    this.#finished = true;
    if (this.#signal) stopListening(this.#signal, this);
    this.#nursery.scope.end();
  }

  /** The end of `withTaskGroup`. */
  async conclude<R>(value: R, interruptedBy: unknown): Promise<R> {
    await this.#finish();
    if (this.#failures.length > 0) throw this.#failure();
    if (interruptedBy !== undefined) throw interruptedBy;
    // The body kept its value; but children that were cut off by the time limit or a signal are not silently lost.
    const interrupted = this.#interruption();
    if (interrupted) throw interrupted;
    return value;
  }

  /** What ended the group from outside while children were left: its deadline, its signal, or a scope above. */
  #interruption(): unknown {
    const { error } = this.#nursery.scope;
    return error === this.#ownCancel || !this.#cutOff ? undefined : error;
  }

  #failure(): unknown {
    return this.#firstOnly ? this.#failures[0] : new TaskGroupError(this.#failures);
  }

  #ended(task: ScopedTask<unknown>): void {
    const foreground = this.#background === undefined || !this.#background.delete(task);
    if (foreground) this.#foreground--;
    if (task.state !== "succeeded") this.#judge(task, foreground);
    if (this.#background !== undefined) this.#releaseBackground();
  }

  /** A child ended without a result: by the pending cancel, by a cancel of its own, or by a failure. */
  #judge(task: ScopedTask<unknown>, foreground: boolean): void {
    const pending = this.#nursery.scope.error;
    const { state, error } = task.outcome as Exclude<Outcome<unknown>, { readonly state: "succeeded" }>;
    // `undefined` can be thrown too, and is no cancel.
    const cutOff = pending !== undefined && error === pending;
    if (state === "failed" && !cutOff) this.failed(error);
    else if (foreground && cutOff) this.#cutOff = true;
  }

  /** Background children live for the others. */
  #releaseBackground(): void {
    if (this.#background === undefined || this.#bodyRuns || this.#foreground > 0) return;
    for (const task of [...this.#background]) task.cancel("the other tasks of the group are done");
  }

  #refuseWhenFinished(): void {
    if (!this.#finished) return;
    throw new GroupFinishedError(`The group ${this.name} has ended: start its tasks before its body returns, or open another group.`);
  }

  #start(target: unknown, rest: unknown[]): ScopedTask<unknown> {
    this.#refuseWhenFinished();
    if (typeof target === "function") return this.#nursery.start(nameOf(target), target as () => unknown);
    if (typeof target !== "object" || target === null || typeof (target as Executor).run !== "function") {
      throw new TypeError("group.run takes a function, or an executor and a function: group.run(threads, parse, path).");
    }
    const executor = target as Executor<"coroutine">;
    const [fn, ...args] = rest as [AnyFunction & ((...args: unknown[]) => unknown), ...unknown[]];
    const task = submitInScope(this.#nursery.scope, () => executor.run(fn, ...args));
    if (!(task instanceof ScopedTask)) throw new TypeError("group.run takes an executor of brigade.");
    return task;
  }
}

/** Runs `body` and waits for every child. The first failure cancels all and rejects with `TaskGroupError` (or that
 *  failure). `group.cancel()` ends the children without an error; a body that it interrupts rejects with
 *  `CancelledError`, one that returns keeps its value. Parks the task.
 *
 *  @example
 *  ```ts
 *  const sum = await withTaskGroup(async (group) => {
 *    const a = group.run(() => 1);
 *    const b = group.run(async () => 2);
 *    return (await a) + (await b);
 *  });
 *  ```
 */
export async function withTaskGroup<R>(body: (group: TaskGroup) => R, options?: TaskGroupOptions): Promise<Awaited<R>> {
  if (typeof body !== "function") throw new TypeError("withTaskGroup needs a function: withTaskGroup(async (group) => { … }).");
  currentScope().check();
  const group = new ScopedGroup(options);
  let value: Awaited<R> | undefined;
  // Aborted or expired before it began: the body does not run.
  let interruptedBy: unknown = group.scope.error;
  if (interruptedBy === undefined) {
    try {
      // Awaited inside the scope, so that what the body hands back unawaited (a map, a thenable) is read there too.
      value = await runInScope(group.scope, async () => body(group));
    } catch (error) {
      const pending = group.scope.error;
      if (pending !== undefined && isCancellation(error, pending)) interruptedBy = pending;
      else group.failed(error, true);
    }
  }
  return group.conclude(value as Awaited<R>, interruptedBy);
}

/** A group whose scope is an `await using` block; leaving the block without `join()` cancels the children. Never waits.
 *
 *  @example
 *  ```ts
 *  const group = openTaskGroup();
 *  group.run(() => sleep(1));
 *  await group.join();
 *  ```
 */
export function openTaskGroup(options?: TaskGroupOptions): OpenTaskGroup {
  currentScope().check();
  return new ScopedGroup(options);
}
