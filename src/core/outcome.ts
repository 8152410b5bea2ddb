// Two ways to hear of a task's outcome besides awaiting it: blocking the thread, and being called back.
import { TimeoutError, UnsupportedError } from "../contract/errors.ts";
import type { Outcome } from "../contract/task.ts";
import { captureContext } from "./context.ts";
import { checkDuration } from "./durations.ts";
import type { ScopedTask } from "./task.ts";
import { timers } from "./timers.ts";

/** Blocks the thread until the task has settled. Throws `TimeoutError` when it has not in time, `UnsupportedError` when the task needs
 *  this thread. */
export function blockUntilSettled(task: ScopedTask<unknown>, timeoutMs: number): void {
  checkDuration("The timeout of joinSync", timeoutMs);
  if (task.settled) return;
  if (task.driver.blockUntilSettled === undefined) {
    throw new UnsupportedError(
      `joinSync blocks this thread, and the task ${task.name} (${task.level}) needs this thread to run: await it instead.`,
      "joinSync",
    );
  }
  task.driver.blockUntilSettled(task, timers.now() + timeoutMs);
  if (!task.settled) throw new TimeoutError(`The task ${task.name} has not ended within ${timeoutMs} ms; it goes on.`);
}

/** Calls back once with the outcome, where it was subscribed, as a promise would, not where the task happens to settle. */
export function callBack<T>(task: ScopedTask<T>, callback: (outcome: Outcome<T>) => void): Disposable {
  if (typeof callback !== "function") throw new TypeError("onDone needs a function.");
  const context = captureContext();
  let active = true;
  const call = () => {
    if (active) context.runInAsyncScope(callback, undefined, task.outcome as Outcome<T>);
  };
  task.onEnd(() => {
    if (!active) return;
    task.observe();
    queueMicrotask(call);
  });
  return {
    [Symbol.dispose]() {
      active = false;
    },
  };
}
