// One task on its way through a pool: what has to be sent, where it is, how often it was tried.
import type { PortableReference } from "../../contract/portable.ts";
import type { ScopedTask } from "../../core/task.ts";
import { type Timer, timers } from "../../core/timers.ts";
import type { Encoded } from "../../wire/codec.ts";
import type { CallerStack } from "./caller.ts";
import type { ForwardedSubmission } from "./core.ts";
import type { RunFrame } from "./frames.ts";
import type { Injector, Queued } from "./injector.ts";
import { signalHandles } from "./passage.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { TaskSettings } from "./settings.ts";

let lastRun = 0;

/** What a run is made of. */
export interface RunParts {
  readonly task: ScopedTask<unknown>;
  readonly reference: PortableReference;
  readonly payload: Encoded;
  readonly signals: readonly AbortSignal[];
  readonly locals: readonly string[] | undefined;
  readonly settings: TaskSettings;
  readonly dedicated: boolean;
  readonly many: boolean;
  /** Holds the stack of the submission, formatted only if the task fails. */
  readonly caller: CallerStack | undefined;
  /** For a task submitted by a worker: its answer is handed on as it came, without decoding it here. */
  readonly forwarded: ForwardedSubmission | undefined;
}

export class Run implements Queued {
  readonly id = ++lastRun;
  readonly parts: RunParts;
  readonly priority: number;
  arrival = 0;
  queued = false;
  /** Where it waits, while it waits. */
  queue: Injector<Run> | undefined;
  /** Until the next attempt. */
  retryTimer: Timer | undefined;
  worker: PoolWorker | undefined;
  /** Number of the offer under which it was sent ahead; the worker may have claimed it. */
  claim: number | undefined;
  /** The worker has taken it up: if the worker dies now, the task dies with it. */
  started = false;
  /** Runs on this thread instead, because the queue was full. */
  here = false;
  attempt = 1;
  /** Workers that died under it. */
  kills = 0;

  constructor(parts: RunParts) {
    this.parts = parts;
    this.priority = parts.settings.priority ?? 0;
  }

  get task(): ScopedTask<unknown> {
    return this.parts.task;
  }

  /** The program does not wait for it. */
  get isDaemon(): boolean {
    return this.parts.dedicated && this.parts.settings.daemon === true;
  }

  /** Whether it can be sent a second time: what was moved is gone. */
  get repeatable(): boolean {
    const { attachments } = this.parts.payload;
    return attachments === undefined || attachments.length === 0;
  }

  frame(): RunFrame {
    const { task, reference, payload, settings, many, locals, signals, forwarded } = this.parts;
    const origin = forwarded?.origin;
    const remainingMs = task.deadlineAtMs - timers.now();
    return {
      type: "run",
      id: this.id,
      url: reference.url,
      fn: reference.name,
      taskId: task.id,
      taskName: task.name,
      remainingMs: Number.isFinite(remainingMs) ? remainingMs : undefined,
      timeoutMs: settings.timeout !== undefined && Number.isFinite(settings.timeout) ? settings.timeout : undefined,
      claim: this.claim,
      many: many || undefined,
      submission: origin?.worker === this.worker ? origin?.number : undefined,
      locals,
      signals: signalHandles(signals),
      payload,
    };
  }
}
