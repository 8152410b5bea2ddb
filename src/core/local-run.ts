// Running code on this thread inside its task: what serial tasks, coroutines, group children and, in a worker, every task share.
import { types } from "node:util";
import { runInScope } from "./context.ts";
import type { ScopedTask } from "./task.ts";

/** Enters the code of a task and settles it with what comes out. `onReturned` follows when the code has returned, which
 *  for abandoned code is after the task has settled. */
export function runCode<T>(task: ScopedTask<T>, call: () => unknown, onReturned?: () => void, worker?: string): void {
  task.started(worker);
  let result: unknown;
  try {
    result = runInScope(task, call);
    // Asked inside the try: a thenable may be a proxy or a getter that throws.
    if (!types.isPromise(result) && isThenable(result)) result = Promise.resolve(result);
  } catch (error) {
    task.fail(error);
    onReturned?.();
    return;
  }
  if (!types.isPromise(result)) {
    task.succeed(result as T);
    onReturned?.();
    return;
  }
  result.then(
    (value) => {
      task.succeed(value as T);
      onReturned?.();
    },
    (error: unknown) => {
      task.fail(error);
      onReturned?.();
    },
  );
}

function isThenable(value: unknown): boolean {
  return (
    (typeof value === "object" || typeof value === "function") && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

let starting: (() => void)[] = [];

/** Calls `start` on the next tick. All starts of one tick share one microtask. */
export function startSoon(start: () => void): void {
  if (starting.push(start) > 1) return;
  queueMicrotask(() => {
    const batch = starting;
    starting = [];
    for (const each of batch) each();
  });
}

/** The name a task gets from its function. */
export function nameOf(fn: unknown): string {
  // Own data property only: `name` can be a getter of a proxy, or overridden by a static member of a class.
  const name = typeof fn === "function" ? Object.getOwnPropertyDescriptor(fn, "name")?.value : undefined;
  return typeof name === "string" && name !== "" ? name : "anonymous";
}
