// Running code on this thread inside its task: what serial tasks, coroutines, group children and, in a worker, every task share.
import { types } from "node:util";
import { runInScope } from "./context.ts";
import type { ScopedTask } from "./task.ts";

/** Enters the code of a task and settles it with what comes out; nothing when it settled on the way in. `onReturned`
 *  follows when the code has returned, which for abandoned code is after the task has settled. */
export function runCode<T>(task: ScopedTask<T>, call: () => unknown, onReturned?: () => void, worker?: string): void {
  if (task.settled) {
    onReturned?.();
    return;
  }
  task.started(worker);
  let result: unknown;
  try {
    result = runInScope(task, call);
    // Asked inside the try: a thenable may be a proxy or a getter that throws. Adopted inside the scope: its `then` is code of the task.
    if (isForeignThenable(result)) result = runInScope(task, () => new Promise((resolve) => resolve(result)));
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

/** Something to wait for whose `then` is not the platform's own and so may call back at once, twice or never, or throw. */
function isForeignThenable(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const { then } = value as { readonly then?: unknown };
  return typeof then === "function" && !(types.isPromise(value) && then === Promise.prototype.then);
}

let starting: (() => void)[] = [];

/** Calls `start` on the next tick. All starts of one tick share one microtask, and so one async context: what enters
 *  code of the user brings the context of its submission (`captureContext`). */
export function startSoon(start: () => void): void {
  if (starting.push(start) === 1) queueMicrotask(startAll);
}

function startAll(): void {
  const batch = starting;
  starting = [];
  let next = 0;
  try {
    while (next < batch.length) batch[next++]?.();
  } finally {
    // One that throws is a bug of its own and must not take the others with it.
    for (const left of batch.slice(next)) startSoon(left);
  }
}

/** The name a task gets from its function. */
export function nameOf(fn: unknown): string {
  // Own data property only: `name` can be a getter of a proxy, or overridden by a static member of a class.
  const name = typeof fn === "function" ? Object.getOwnPropertyDescriptor(fn, "name")?.value : undefined;
  return typeof name === "string" && name !== "" ? name : "anonymous";
}
