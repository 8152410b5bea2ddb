// The task as the code inside it sees it.
import type { Level } from "../contract/portable.ts";
import type { CurrentTask } from "../contract/task.ts";
import { currentScope } from "./context.ts";
import type { CancelScope } from "./scope.ts";
import { ScopedTask } from "./task.ts";
import { workerName } from "./this-worker.ts";

/** The task whose code this is; a scope inside a task belongs to it. */
export function enclosingTask(scope: CancelScope = currentScope()): ScopedTask<unknown> | undefined {
  for (let each: CancelScope | undefined = scope; each; each = each.parent) {
    if (each instanceof ScopedTask) return each;
  }
  return undefined;
}

class TaskView implements CurrentTask {
  readonly #scope: CancelScope;
  readonly #task: ScopedTask<unknown> | undefined;

  constructor(scope: CancelScope) {
    this.#scope = scope;
    this.#task = enclosingTask(scope);
  }
  get id(): string {
    return this.#task?.id ?? "main";
  }
  get name(): string {
    return this.#task?.name ?? "main";
  }
  get level(): Level {
    return this.#task?.level ?? "coroutine";
  }
  get signal(): AbortSignal {
    return this.#scope.signal;
  }
  get cancelled(): boolean {
    return this.#scope.error !== undefined;
  }
  get deadline(): number | undefined {
    const { deadlineAtMs } = this.#scope;
    return deadlineAtMs === Number.POSITIVE_INFINITY ? undefined : deadlineAtMs;
  }
  get worker(): string | undefined {
    return workerName;
  }
  report(progress: unknown): void {
    this.#task?.report(progress);
  }
}

/** The task this code runs in; outside any task, one that is never cancelled, so portable functions stay ordinary. Its
 *  `signal`, `cancelled` and `deadline` are those of the innermost scope (a `timeout` or a group inside the task). Never waits.
 *
 *  @example
 *  ```ts
 *  const { signal } = currentTask();
 *  ```
 */
export function currentTask(): CurrentTask {
  return new TaskView(currentScope());
}
