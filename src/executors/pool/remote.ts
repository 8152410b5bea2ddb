// Remote executor: an executor of the side that started this worker, seen from inside the worker. It submits by frame and
// settles by frame; cancellation goes both ways.
import { UnsupportedError } from "../../contract/errors.ts";
import type { ExecutorStatistics } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import { enclosingTask } from "../../core/current-task.ts";
import type { CancelCause } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import type { TaskDriver } from "../../core/task-driver.ts";
import { timers } from "../../core/timers.ts";
import { copiedBytes } from "../../wire/transfer.ts";
import { Accounts } from "./accounts.ts";
import { openTask } from "./admission.ts";
import type { ExecutorCore, Submission } from "./core.ts";
import type { ItemsFrame, ProgressFrame, RunFrame, SettledFrame } from "./frames.ts";
import type { FarLink } from "./link.ts";
import { encodeCall } from "./outgoing-call.ts";
import { decodeFailure, decodeValue, encodeFailure, goesUp, relayAborts, type SignalRelay, signalHandles } from "./passage.ts";
import { EncodedItems } from "./stream/items.ts";

/** A remote submission that has not settled, as what comes for it. */
interface Submitted {
  settled(frame: SettledFrame): void;
  progressed(frame: ProgressFrame): void;
  arrived(frame: ItemsFrame): void;
}

/** What a worker knows of the side that started it. */
export interface RemoteSide {
  readonly link: FarLink;
  readonly relay: SignalRelay;
  /** The number under which the other side knows a task of this worker. */
  runNumber(task: ScopedTask<unknown> | undefined): number | undefined;
  /** Run frames that arrived while this thread was blocked; they wait for the event loop. */
  readonly postponed: readonly RunFrame[];
  /** Remote submissions that have not settled. */
  readonly submitted: Map<number, Submitted>;
}

let lastSubmission = 0;

export class RemoteCore<L extends Level> implements ExecutorCore<L>, TaskDriver {
  readonly level: L;
  readonly name: string;
  readonly size: number;
  readonly runsAs: Level;
  /** The name under which the other side knows it. */
  readonly address: string;
  readonly graceMs = 2_000;
  readonly #side: RemoteSide;
  readonly #accounts = new Accounts();
  readonly #numbers = new Map<ScopedTask<unknown>, number>();

  constructor(level: L, name: string, address: string, size: number, side: RemoteSide) {
    this.level = level;
    // Over there, whatever it is: only one at a time stays one at a time.
    this.runsAs = level === "coroutine" ? "thread" : level;
    this.name = name;
    this.address = address;
    this.size = size;
    this.#side = side;
  }

  submit(submission: Submission): ScopedTask<unknown> {
    const task = openTask(this, this.level, submission);
    this.#accounts.opened();
    task.onEnd(() => {
      const number = this.#numbers.get(task);
      if (number !== undefined) this.#side.submitted.delete(number);
      this.#numbers.delete(task);
      this.#accounts.settled(task);
    });
    if (task.settled) return task;
    try {
      this.#send(task, submission);
    } catch (error) {
      task.fail(error);
    }
    return task;
  }

  #send(task: ScopedTask<unknown>, submission: Submission): void {
    const { settings, dedicated, many, stream } = submission;
    const { link } = this.#side;
    const { reference, payload, locals, signals, handles } = goesUp(encodeCall(submission, this.level, link.sharesMemory));
    const number = ++lastSubmission;
    this.#numbers.set(task, number);
    this.#side.submitted.set(number, {
      settled: (frame) => this.#settled(task, frame),
      progressed: (frame) => this.#progressed(task, frame),
      arrived: (frame) => stream?.arrived(new EncodedItems(frame, this.#side.relay)),
    });
    stream?.connect(({ items, bytes }) => link.send({ type: "credit", id: number, items, bytes }));
    const remainingMs = task.deadlineAtMs - timers.now();
    task.details.bytesIn += copiedBytes(payload);
    // Not running as far as this side can tell, but its code may be on the way in: a cancel has to ask.
    task.started(undefined);
    if (signals.length > 0) task.onEnd(relayAborts(signals, link));
    link.send({
      type: "submit",
      id: number,
      executor: this.address,
      parent: this.#side.runNumber(enclosingTask(task.parent)),
      dedicated,
      many,
      stream: stream?.first,
      url: reference.url,
      fn: reference.name,
      taskName: task.name,
      remainingMs: Number.isFinite(remainingMs) ? remainingMs : undefined,
      timeoutMs: finite(settings.timeout),
      priority: settings.priority,
      key: settings.key,
      graceMs: finite(settings.grace),
      retries: finite(settings.retry?.retries),
      daemon: settings.daemon,
      locals,
      handles,
      signals: signalHandles(signals),
      payload,
    });
  }

  #settled(task: ScopedTask<unknown>, frame: SettledFrame): void {
    task.details.bytesOut += copiedBytes(frame.payload);
    task.details.workerRunMs = frame.runMs;
    task.details.cpuMs = frame.cpuMs;
    if (frame.state !== "succeeded") {
      task.fail(frame.state === "cancelled" && task.error ? task.error : decodeFailure(frame.payload));
      return;
    }
    let value: unknown;
    try {
      value = decodeValue(frame.payload, this.#side.relay);
    } catch (error) {
      // A class of the caller refused its own data.
      task.fail(error);
      return;
    }
    task.succeed(value);
  }

  #progressed(task: ScopedTask<unknown>, frame: ProgressFrame): void {
    let value: unknown;
    try {
      value = decodeValue(frame.payload, this.#side.relay);
    } catch {
      // A report may be missed; it brings down neither the task nor this worker.
      return;
    }
    task.report(value);
  }

  withdraw(): boolean {
    return true;
  }

  onCancelling(task: ScopedTask<unknown>, error: CancelCause): void {
    const number = this.#numbers.get(task);
    if (number !== undefined)
      this.#side.link.send({ type: "cancel", id: number, payload: encodeFailure(error, this.#side.link.sharesMemory) });
  }

  onSettled(): void {}

  blockUntilSettled(task: ScopedTask<unknown>, untilMs: number): void {
    const { link, postponed } = this.#side;
    if (link.wait === undefined)
      throw new UnsupportedError(`joinSync cannot block in a ${this.level} worker here: await the task ${task.name} instead.`, "joinSync");
    const number = this.#numbers.get(task);
    while (!task.settled && timers.now() < untilMs) {
      timers.runDue();
      // The pool had no other worker for it, so it was sent to this one, which is about to block: that would be for ever.
      if (postponed.some((frame) => frame.submission === number)) {
        throw new UnsupportedError(
          `joinSync would never end: every worker of ${this.name} is busy, so the task ${task.name} would have to run on this very worker. Await it instead, or give the pool another worker.`,
          "joinSync",
        );
      }
      link.wait(Math.max(0, Math.min(50, untilMs - timers.now(), timers.nextAtMs - timers.now())));
    }
  }

  async broadcast(): Promise<unknown[]> {
    throw this.#notHere("broadcast");
  }

  /** What this worker has submitted; the pool's own counts are where the pool is. */
  statistics(): ExecutorStatistics {
    const { pending, succeeded, failed, cancelled } = this.#accounts;
    return { workers: 0, idle: 0, waiting: 0, running: pending, succeeded, failed, cancelled, lost: 0, perWorker: [] };
  }

  async warm(): Promise<void> {
    throw this.#notHere("warm");
  }

  drain(): Promise<void> {
    return this.#accounts.until(() => this.#accounts.pending === 0);
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {
    throw this.#notHere("close");
  }

  #notHere(feature: string): UnsupportedError {
    return new UnsupportedError(`${feature} belongs to the program that opened ${this.name}, not to one of its workers.`, feature);
  }
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
