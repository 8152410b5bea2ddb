// The errors of brigade: one grammar with stable codes. Every message says what to do; `cause` is kept.
// Imports nothing but types: every floor throws these.
import type { Guard } from "./sync.ts";
import type { WaitOptions } from "./waiting.ts";

/** Stable codes, a closed set. */
export type BrigadeErrorCode =
  | "ERR_BRIGADE_CANCELLED"
  | "ERR_BRIGADE_TIMEOUT"
  | "ERR_BRIGADE_TASK_GROUP"
  | "ERR_BRIGADE_GROUP_FINISHED"
  | "ERR_BRIGADE_NOT_PORTABLE"
  | "ERR_BRIGADE_NOT_SERIALIZABLE"
  | "ERR_BRIGADE_WORKER_LOST"
  | "ERR_BRIGADE_POOL_BROKEN"
  | "ERR_BRIGADE_QUEUE_FULL"
  | "ERR_BRIGADE_EXECUTOR_CLOSED"
  | "ERR_BRIGADE_CHANNEL_CLOSED"
  | "ERR_BRIGADE_BROKEN_CHANNEL"
  | "ERR_BRIGADE_LOCK_POISONED"
  | "ERR_BRIGADE_NOT_OWNER"
  | "ERR_BRIGADE_BROKEN_BARRIER"
  | "ERR_BRIGADE_DEADLOCK"
  | "ERR_BRIGADE_UNSUPPORTED";

const brand = Symbol.for("brigade.error");

/** Every error of brigade: `instanceof` holds for all of them, `TaskGroupError` included. The message says what to do. */
export abstract class BrigadeError extends Error {
  abstract readonly code: BrigadeErrorCode;

  // A brand and not the prototype chain: `TaskGroupError` must extend `AggregateError`, and a program that loads brigade
  // twice (a bundle beside a dependency) still wants its `catch` to work. Subclasses keep the ordinary test.
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== BrigadeError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && brand in value;
  }
}
Object.defineProperty(BrigadeError.prototype, brand, { value: true });

/** Names a class once, on the prototype, so that instances stay lean and `name` never appears among own properties. */
function named(cls: { readonly prototype: object }, name: string): void {
  Object.defineProperty(cls.prototype, "name", { value: name, writable: true, configurable: true });
}

/** Cancelled from outside; `cause` is the reason. A timeout is not a cancellation. */
export class CancelledError extends BrigadeError {
  declare readonly name: "AbortError";
  readonly code = "ERR_BRIGADE_CANCELLED";
  constructor(message = "The task was cancelled.", options?: ErrorOptions) {
    super(message, options);
  }
}
// "AbortError" is what the web platform calls it, so code written for `fetch` treats it as such.
named(CancelledError, "AbortError");

/** Time ran out; the work, if any, has been stopped. */
export class TimeoutError extends BrigadeError {
  declare readonly name: "TimeoutError";
  readonly code = "ERR_BRIGADE_TIMEOUT";
  constructor(message = "Time ran out.", options?: ErrorOptions) {
    super(message, options);
  }
}
named(TimeoutError, "TimeoutError");

/** Failures of a group in the order they happened; a nested group's stay together as one. */
export class TaskGroupError extends AggregateError {
  declare readonly name: "TaskGroupError";
  declare errors: unknown[];
  readonly code = "ERR_BRIGADE_TASK_GROUP";
  constructor(errors: Iterable<unknown>, message?: string, options?: ErrorOptions) {
    const list = [...errors];
    super(list, message ?? summary(list), options ?? (list.length > 0 ? { cause: list[0] } : undefined));
  }

  /** Parts the tree by a test of its leaves; `undefined` for an empty part. */
  split(predicate: (error: unknown) => boolean): readonly [matching: TaskGroupError | undefined, rest: TaskGroupError | undefined] {
    const matching: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.errors) {
      if (error instanceof TaskGroupError) {
        const [yes, no] = error.split(predicate);
        if (yes) matching.push(yes);
        if (no) rest.push(no);
      } else (predicate(error) ? matching : rest).push(error);
    }
    const part = (errors: unknown[]) => (errors.length > 0 ? new TaskGroupError(errors) : undefined);
    return [part(matching), part(rest)];
  }
}
named(TaskGroupError, "TaskGroupError");
Object.defineProperty(TaskGroupError.prototype, brand, { value: true });

/** The message of an error, or `undefined` for whatever else was thrown. Never throws: anything can be thrown, proxies and
 *  throwing getters included, and a settlement must survive it. */
export function messageOf(error: unknown): string | undefined {
  try {
    if (!(error instanceof Error)) return undefined;
    const { message } = error as { readonly message: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

function summary(errors: readonly unknown[]): string {
  if (errors.length === 0) return "The task group failed.";
  const first = messageOf(errors[0]) ?? `a thrown ${errors[0] === null ? "null" : typeof errors[0]}`;
  return errors.length === 1 ? `A task of the group failed: ${first}` : `${errors.length} tasks of the group failed, first: ${first}`;
}

/** Called on a group that has ended; start the task before the group's body returns, or open another group. */
export class GroupFinishedError extends BrigadeError {
  readonly code = "ERR_BRIGADE_GROUP_FINISHED";
}
named(GroupFinishedError, "GroupFinishedError");

/** The function cannot travel; the message shows the one-line fix. */
export class NotPortableError extends BrigadeError {
  readonly code = "ERR_BRIGADE_NOT_PORTABLE";
  readonly freeVariables: readonly string[];
  constructor(message: string, options?: ErrorOptions & { readonly freeVariables?: readonly string[] | undefined }) {
    super(message, options);
    this.freeVariables = options?.freeVariables ?? [];
  }
}
named(NotPortableError, "NotPortableError");

/** A value cannot travel. */
export class NotSerializableError extends BrigadeError {
  readonly code = "ERR_BRIGADE_NOT_SERIALIZABLE";
  /** Where it sits, such as `arguments[0].user.socket`. */
  readonly path: string;
  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}
named(NotSerializableError, "NotSerializableError");

/** What is known of a worker's end. */
export interface WorkerEnd {
  readonly worker: string;
  readonly signal?: NodeJS.Signals | null | undefined;
  readonly exitCode?: number | null | undefined;
  readonly attempt?: number | undefined;
  readonly stderrTail?: string | undefined;
}

/** The worker died under the task. */
export class WorkerLostError extends BrigadeError {
  readonly code = "ERR_BRIGADE_WORKER_LOST";
  readonly worker: string;
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The end of what it wrote to stderr, at most some kilobytes. */
  readonly stderrTail: string;
  constructor(message: string, end: WorkerEnd, options?: ErrorOptions) {
    super(message, options);
    this.worker = end.worker;
    this.signal = end.signal ?? null;
    this.exitCode = end.exitCode ?? null;
    this.attempt = end.attempt ?? 1;
    this.stderrTail = end.stderrTail ?? "";
  }
}
named(WorkerLostError, "WorkerLostError");

/** Too many restarts, or `setup` fails. */
export class PoolBrokenError extends BrigadeError {
  readonly code = "ERR_BRIGADE_POOL_BROKEN";
}
named(PoolBrokenError, "PoolBrokenError");

/** The bounded queue had no place. */
export class QueueFullError extends BrigadeError {
  readonly code = "ERR_BRIGADE_QUEUE_FULL";
  readonly capacity: number;
  constructor(message: string, capacity: number, options?: ErrorOptions) {
    super(message, options);
    this.capacity = capacity;
  }
}
named(QueueFullError, "QueueFullError");

/** Submitted after close. */
export class ExecutorClosedError extends BrigadeError {
  readonly code = "ERR_BRIGADE_EXECUTOR_CLOSED";
}
named(ExecutorClosedError, "ExecutorClosedError");

/** This platform, level or place cannot do it; the message says what can. */
export class UnsupportedError extends BrigadeError {
  readonly code = "ERR_BRIGADE_UNSUPPORTED";
  readonly feature: string;
  constructor(message: string, feature: string, options?: ErrorOptions) {
    super(message, options);
    this.feature = feature;
  }
}
named(UnsupportedError, "UnsupportedError");

/** Sending on a closed channel. */
export class ChannelClosedError extends BrigadeError {
  readonly code = "ERR_BRIGADE_CHANNEL_CLOSED";
  /** What was not sent; `undefined` when nothing was. */
  readonly value: unknown;
  constructor(message: string, value?: unknown, options?: ErrorOptions) {
    super(message, options);
    this.value = value;
  }
}
named(ChannelClosedError, "ChannelClosedError");

/** The other side of the channel is gone: nobody will ever receive. */
export class BrokenChannelError extends BrigadeError {
  readonly code = "ERR_BRIGADE_BROKEN_CHANNEL";
  /** What was not sent; `undefined` when nothing was. */
  readonly value: unknown;
  constructor(message: string, value?: unknown, options?: ErrorOptions) {
    super(message, options);
    this.value = value;
  }
}
named(BrokenChannelError, "BrokenChannelError");

/** The ways to take a poisoned lock. */
export interface LockRecovery {
  recover(options?: WaitOptions): Promise<Guard>;
  recoverSync(timeoutMs?: number): Guard;
}

/** A holder died; the lock is not held, and every acquire throws this until someone recovers it. */
export class LockPoisonedError extends BrigadeError {
  readonly code = "ERR_BRIGADE_LOCK_POISONED";
  /** Who died, such as `thread 3`. */
  readonly holder: string;
  readonly #recovery: LockRecovery;
  constructor(message: string, holder: string, recovery: LockRecovery, options?: ErrorOptions) {
    super(message, options);
    this.holder = holder;
    this.#recovery = recovery;
  }

  /** Takes the lock to repair what it guards; releasing the guard clears the poison. Parks the task. Rejects with
   *  `UnsupportedError` on another level than the one where the error was thrown: acquire the lock there. */
  recover(options?: WaitOptions): Promise<Guard> {
    return #recovery in this ? this.#recovery.recover(options) : Promise.reject(travelled());
  }

  /** The same, blocking the thread. */
  recoverSync(timeoutMs?: number): Guard {
    if (#recovery in this) return this.#recovery.recoverSync(timeoutMs);
    throw travelled();
  }
}
named(LockPoisonedError, "LockPoisonedError");

const travelled = () =>
  new UnsupportedError(
    "This error has travelled, and the lock has not: acquire the lock here, and recover by what that throws.",
    "LockPoisonedError.recover",
  );

/** Only the holder may do this. */
export class NotOwnerError extends BrigadeError {
  readonly code = "ERR_BRIGADE_NOT_OWNER";
}
named(NotOwnerError, "NotOwnerError");

/** The barrier was aborted or reset under those who waited. */
export class BrokenBarrierError extends BrigadeError {
  readonly code = "ERR_BRIGADE_BROKEN_BARRIER";
}
named(BrokenBarrierError, "BrokenBarrierError");

/** Waiting here could never end. */
export class DeadlockError extends BrigadeError {
  readonly code = "ERR_BRIGADE_DEADLOCK";
  /** Who waits for whom, one line each. */
  readonly cycle: readonly string[];
  constructor(message: string, cycle: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.cycle = cycle;
  }
}
named(DeadlockError, "DeadlockError");
