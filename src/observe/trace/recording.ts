// A recording: listens to the tasks and the parked operations of this thread, and keeps their stretches as spans. Tasks on other threads and
// in other processes are seen from here: when they were submitted, when their worker began, when it answered. What they submit there is
// not seen.
import { CancelledError } from "../../contract/errors.ts";
import type { Span } from "../../contract/span.ts";
import type { Outcome } from "../../contract/task.ts";
import { enclosingTask } from "../../core/current-task.ts";
import type { ParkedOperation } from "../../core/park-recorder.ts";
import type { ScopedTask } from "../../core/task.ts";
import { timers } from "../../core/timers.ts";
import { addParkRecorder, addTaskRecorder, removeParkRecorder, removeTaskRecorder } from "../recorders.ts";
import { Life } from "./life.ts";
import { makeTrace, type Trace, type TracePage } from "./trace.ts";

/** Settings of a recording. */
export interface TraceOptions {
  /** What the trace is called where it is shown; default `"trace"`. */
  readonly name?: string | undefined;
  /** Spans kept at most, the oldest dropped; default 100,000. */
  readonly maxSpans?: number | undefined;
}

/** A recording in progress; `await using` stops it. */
export interface TraceRecording extends AsyncDisposable {
  /** Ends it; what lives still is cut here. The same trace each time. Resolves at once. */
  stop(): Promise<Trace<void>>;
}

const defaultSpans = 100_000;

export class Recording implements TraceRecording {
  readonly #name: string;
  readonly #maxSpans: number;
  readonly #page: TracePage;
  readonly #originMs = timers.now();
  readonly #live = new Map<ScopedTask<unknown>, Life>();
  readonly #waits = new Map<ParkedOperation, Life>();
  #spans: Span[] = [];
  #dropped = 0;
  #trace: Trace<void> | undefined;

  constructor({ name = "trace", maxSpans = defaultSpans }: TraceOptions, page: TracePage) {
    if (!(maxSpans >= 1)) throw new RangeError(`maxSpans is ${maxSpans}; a trace keeps at least one span`);
    this.#name = name;
    this.#maxSpans = maxSpans;
    this.#page = page;
    addTaskRecorder(this);
    addParkRecorder(this);
  }

  // ---- told by tasks and operations, from inside: notes only ----

  opened(task: ScopedTask<unknown>): void {
    this.#live.set(task, new Life(task, timers.now()));
  }

  settled(task: ScopedTask<unknown>): void {
    const life = this.#live.get(task);
    if (life === undefined) return;
    this.#live.delete(task);
    this.#keep(life.spans(this.#originMs, timers.now()));
  }

  parked(operation: ParkedOperation): void {
    const task = enclosingTask(operation.scope);
    const life = task && this.#live.get(task);
    if (life === undefined) return;
    this.#waits.set(operation, life);
    life.parked(timers.now());
  }

  left(operation: ParkedOperation): void {
    const life = this.#waits.get(operation);
    if (life === undefined) return;
    this.#waits.delete(operation);
    life.left(timers.now());
  }

  // ---- the reader's side ----

  async stop(): Promise<Trace<void>> {
    this.#trace ??= this.finish({ state: "succeeded", value: undefined });
    return this.#trace;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Ends the recording; what lives still is cut here. */
  finish<T>(outcome: Outcome<T>): Trace<T> {
    removeTaskRecorder(this);
    removeParkRecorder(this);
    const nowMs = timers.now();
    for (const life of this.#live.values()) this.#keep(life.spans(this.#originMs, nowMs));
    this.#live.clear();
    this.#waits.clear();
    this.#dropOldest();
    return makeTrace(this.#name, outcome, { spans: this.#spans, dropped: this.#dropped }, this.#page);
  }

  #keep(spans: readonly Span[]): void {
    this.#spans.push(...spans);
    // Cut in batches, so that a span costs the same however many were dropped.
    if (this.#spans.length >= 2 * this.#maxSpans) this.#dropOldest();
  }

  #dropOldest(): void {
    const surplus = this.#spans.length - this.#maxSpans;
    if (surplus <= 0) return;
    this.#spans = this.#spans.slice(surplus);
    this.#dropped += surplus;
  }
}

/** Records while `fn` runs. */
export async function recordWhile<R>(fn: () => R, options: TraceOptions, page: TracePage): Promise<Trace<Awaited<R>>> {
  const recording = new Recording(options, page);
  return recording.finish(await outcomeOf(fn));
}

async function outcomeOf<R>(fn: () => R): Promise<Outcome<Awaited<R>>> {
  try {
    return { state: "succeeded", value: await fn() };
  } catch (error) {
    return error instanceof CancelledError ? { state: "cancelled", error } : { state: "failed", error };
  }
}
