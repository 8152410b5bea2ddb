// One task on its way through a pool: what has to be sent, where it is, how often it was tried.
import type { PortableReference } from "../../contract/portable.ts";
import type { ScopedTask } from "../../core/task.ts";
import { type Timer, timers } from "../../core/timers.ts";
import type { Encoded } from "../../wire/codec.ts";
import type { RunFrame, SettledFrame } from "./frames.ts";
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
  readonly caller: { readonly stack?: string | undefined } | undefined;
  /** For a task submitted by a worker: hands the answer on as it came, without decoding it here. */
  readonly forward?: ((frame: SettledFrame) => void) | undefined;
  readonly report?: ((value: unknown) => void) | undefined;
  readonly origin?: { readonly worker: object; readonly number: number } | undefined;
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

  /** Whether it can be sent a second time: what was moved is gone. */
  get repeatable(): boolean {
    return this.parts.payload.attachments === undefined || this.parts.payload.attachments.length === 0;
  }

  frame(): RunFrame {
    const { task, reference, payload, settings, many, locals, signals, origin } = this.parts;
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
      many: many || undefined,
      submission: origin?.worker === this.worker ? origin?.number : undefined,
      locals,
      signals: signalHandles(signals),
      payload,
    };
  }
}
