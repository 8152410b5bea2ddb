// Nursery: a scope whose owner waits for every child (Trio's nursery). Groups and the combinators are thin over it.
import { captureContext, InnerScope } from "./context.ts";
import { runCode, startSoon } from "./local-run.ts";
import type { CancelScope } from "./scope.ts";
import { ScopedTask, type TaskDriver } from "./task.ts";

/** The driver of coroutines that belong to a nursery: nothing to forget, nothing to kill; the scope reaches the code. */
const coroutineDriver: TaskDriver = {
  withdraw: () => true,
  onCancelling(task) {
    task.armGrace(() => task.abandon());
  },
  onSettled() {},
};

/** Starts a coroutine in a scope on the next tick; in a cancelled scope it settles as cancelled and never runs. */
export function startCoroutine<T>(scope: CancelScope, name: string, fn: () => unknown): ScopedTask<T> {
  const task = new ScopedTask<T>(coroutineDriver, "coroutine", name, scope);
  if (task.error) task.fail(task.error);
  else {
    const context = captureContext();
    startSoon(() => {
      if (!task.settled) context.runInAsyncScope(() => runCode(task, fn));
    });
  }
  return task;
}

export class Nursery {
  readonly scope: CancelScope = new InnerScope();
  #running = 0;
  #idle: (() => void)[] = [];

  /** Children that have not settled. */
  get running(): number {
    return this.#running;
  }

  /** Starts a coroutine child on the next tick; in a cancelled scope it settles as cancelled and never runs. */
  start<T>(name: string, fn: () => unknown): ScopedTask<T> {
    return startCoroutine(this.scope, name, fn);
  }

  /** Waits for a task, whoever runs it; `onSettled` is told of its end in the order in which ends happen. */
  adopt(task: ScopedTask<unknown>, onSettled?: () => void): void {
    this.#running++;
    task.adopted = true;
    task.whenSettled(() => {
      this.#running--;
      onSettled?.();
      if (this.#running === 0) this.#wake();
    });
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
