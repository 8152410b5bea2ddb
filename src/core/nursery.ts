// Nursery: a scope whose owner waits for every child (Trio's nursery). Groups and the combinators are thin over it.
import type { ExplicitTask } from "../contract/task.ts";
import { InnerScope } from "./context.ts";
import { enterSoon, enterSoonExplicitly } from "./local-run.ts";
import type { CancelScope } from "./scope.ts";
import { ScopedTask } from "./task.ts";
import type { TaskDriver, TaskOwner } from "./task-driver.ts";

/** The driver of coroutines that belong to a nursery: nothing to forget, nothing to kill; the scope reaches the code. */
const coroutineDriver: TaskDriver = {
  withdraw: () => true,
  onCancelling(task) {
    task.armGrace(() => task.abandon());
  },
  onSettled() {},
  call(task) {
    const code = task.ticket as () => unknown;
    // What the code holds must not live as long as the handle.
    task.ticket = undefined;
    return code();
  },
};

/** The same for code that is given its task. */
const explicitDriver: TaskDriver = {
  ...coroutineDriver,
  call(task) {
    const code = task.ticket as (task: ExplicitTask) => unknown;
    task.ticket = undefined;
    return code(task);
  },
};

/** Starts a coroutine that is given its task and gets no context of its own; else as `startCoroutine`. */
export function startExplicitly<T>(scope: CancelScope, name: string, fn: (task: ExplicitTask) => unknown): ScopedTask<T> {
  const task = new ScopedTask<T>(explicitDriver, "coroutine", name, scope);
  if (task.error !== undefined) task.fail(task.error);
  else {
    task.ticket = fn;
    enterSoonExplicitly(task);
  }
  return task;
}

/** Starts a coroutine in a scope on the next tick; in a cancelled scope it settles as cancelled and never runs. */
export function startCoroutine<T>(scope: CancelScope, name: string, fn: () => unknown): ScopedTask<T> {
  const task = new ScopedTask<T>(coroutineDriver, "coroutine", name, scope);
  if (task.error !== undefined) task.fail(task.error);
  else {
    task.ticket = fn;
    enterSoon(task);
  }
  return task;
}

export class Nursery implements TaskOwner {
  readonly scope: CancelScope = new InnerScope();
  /** Told of each end, in the order in which ends happen, before `idle` resolves. */
  readonly #onChild: ((task: ScopedTask<unknown>) => void) | undefined;
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(onChild?: (task: ScopedTask<unknown>) => void) {
    this.#onChild = onChild;
  }

  /** Children that have not settled. */
  get running(): number {
    return this.#running;
  }

  /** Starts a coroutine child on the next tick, to be adopted; in a cancelled scope it settles as cancelled and never runs. */
  start<T>(name: string, fn: () => unknown): ScopedTask<T> {
    return startCoroutine(this.scope, name, fn);
  }

  /** Waits for a task, whoever runs it. */
  adopt(task: ScopedTask<unknown>): void {
    this.#running++;
    task.owner = this;
    task.observe();
    if (task.settled) this.childSettled(task);
  }

  childSettled(task: ScopedTask<unknown>): void {
    this.#running--;
    this.#onChild?.(task);
    if (this.#running === 0 && this.#idle.length > 0) this.#wake();
  }

  /** Resolves when no child is left. A cancel of the caller's scope does not end the wait: it ends the children. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
