// Admission: what every level does with a submission before it queues it: a task, its signals, its deadline, the bound of
// the queue.
import { ExecutorClosedError, QueueFullError } from "../../contract/errors.ts";
import type { QueueOptions } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import { checkCount } from "../../core/durations.ts";
import { nameOf } from "../../core/local-run.ts";
import { type CancelScope, cancelledBy } from "../../core/scope.ts";
import { listenToSignal, stopListening } from "../../core/signals.ts";
import { ScopedTask } from "../../core/task.ts";
import type { TaskDriver } from "../../core/task-driver.ts";
import { duringImport, importTimeError } from "../../wire/main-level.ts";
import { referenceOf } from "../../wire/reference.ts";
import type { Submission } from "./core.ts";
import { workAtImport } from "./work-at-import.ts";

/** Makes the task of a submission, tied to its signals and deadline. It may come back settled: an aborted signal, a deadline
 *  of nothing, or a cancelled scope rejects before anything is taken. */
export function openTask(driver: TaskDriver, level: Level, { fn, settings }: Submission, parent?: CancelScope): ScopedTask<unknown> {
  const task = new ScopedTask<unknown>(driver, level, settings.name ?? referenceOf(fn)?.name ?? nameOf(fn), parent);
  if (settings.grace !== undefined) task.graceMs = settings.grace;
  const importing = duringImport();
  if (importing !== undefined) {
    const error = importTimeError(importing);
    workAtImport(importing, error);
    task.fail(error);
    return task;
  }
  if (task.error) {
    task.fail(task.error);
    return task;
  }
  if (settings.deadline !== undefined) {
    // A pool keeps the program alive for its tasks, a daemon's excepted; here nothing else would wait for the deadline.
    const here = level === "serial" || level === "coroutine";
    task.expireAfter(settings.deadline, `The task ${task.name} did not end within ${settings.deadline} ms of its submission.`, here);
  }
  for (const signal of settings.signals) {
    if (task.settled) break;
    if (signal.aborted) task.cancelWith(cancelledBy(signal.reason, `The task ${task.name}`));
    else {
      const listener = { onAbort: (reason: unknown) => task.cancelWith(cancelledBy(reason, `The task ${task.name}`)) };
      listenToSignal(signal, listener);
      task.onEnd(() => stopListening(signal, listener));
    }
  }
  return task;
}

/** A checked bound. */
export interface QueueBound {
  readonly capacity: number;
  readonly full: "wait" | "reject" | "run-here";
}

const policies = ["wait", "reject", "run-here"];

export function checkQueue(options: QueueOptions | undefined): QueueBound {
  if (options === undefined) return { capacity: Number.POSITIVE_INFINITY, full: "wait" };
  checkCount("The option queue.capacity", options.capacity, 0, true);
  const full = options.full ?? "wait";
  if (!policies.includes(full))
    throw new RangeError(`The option queue.full must be one of ${policies.join(", ")}, not ${JSON.stringify(full)}.`);
  return { capacity: options.capacity, full };
}

export function closedError(name: string): ExecutorClosedError {
  return new ExecutorClosedError(`The executor ${name} is closed: submit before close(), or open another one.`);
}

export function queueFullError(name: string, capacity: number): QueueFullError {
  return new QueueFullError(
    `The queue of ${name} is full (${capacity} waiting): await ${name}.ready() before submitting, or choose full: "wait".`,
    capacity,
  );
}
