// An origin: where and when something began, noted while somebody watches.
import { enclosingTask } from "../core/current-task.ts";
import type { CancelScope } from "../core/scope.ts";
import type { ScopedTask } from "../core/task.ts";
import { timers } from "../core/timers.ts";
import { workerThreads } from "../core/worker-threads.ts";
import { captureStack, programFrames } from "./stack.ts";

/** A ledger keeps the stacks of so many entries at once. A stack is some kilobytes, and a program may have a million tasks, which all
 *  begin at the same few places. */
export const stacksKept = 10_000;

/** The place in the program that is running now. */
export class Origin {
  /** On the scale of `timers.now()`. */
  readonly atMs = timers.now();
  readonly #trace: { readonly stack?: unknown } = {};

  constructor(withStack = true) {
    if (withStack) captureStack(this.#trace);
  }

  /** The program's frames; formatted when read. */
  get stack(): string {
    return programFrames(this.#trace.stack);
  }
}

/** This thread, as findings name it. */
export function thisWorker(): string {
  const { isMainThread, threadId } = workerThreads();
  return isMainThread ? "main" : `thread ${threadId}`;
}

/** A task as findings name it. */
export function nameOfTask(task: ScopedTask<unknown>): string {
  return `${task.name} (${task.id})`;
}

/** The task that code in a scope belongs to, as findings name it. */
export function taskAround(scope: CancelScope | undefined): string | undefined {
  const task = scope && enclosingTask(scope);
  return task && nameOfTask(task);
}
