// A trace: what a recording has written down, as data and in the forms in which people look at it.
import type { Level } from "../../contract/portable.ts";
import type { Outcome } from "../../contract/task.ts";
import { lanesOf } from "./lanes-of.ts";
import { perfettoOf } from "./perfetto.ts";

/** How a task ended. */
export type SpanEnd = "succeeded" | "failed" | "cancelled";

/** A stretch of one task's life on one worker; times in ms since the trace began, on one clock for all levels. */
export interface Span {
  readonly id: string;
  /** The task inside which it was submitted. */
  readonly parent: string | undefined;
  readonly name: string;
  readonly level: Level;
  /** Where it runs; what never got that far carries the name of the thread that submitted it. */
  readonly worker: string;
  /** Parked: waiting in an operation of brigade. What another library or the platform makes it wait for counts as running. */
  readonly state: "queued" | "running" | "parked";
  readonly startMs: number;
  readonly endMs: number;
  /** Of the last stretch of a task: how the task ended. Absent while it lives. */
  readonly end: SpanEnd | undefined;
}

/** How to draw the lanes of a trace. */
export interface TraceLanesOptions {
  /** Columns in all; default 80. */
  readonly width?: number | undefined;
}

/** What happened. */
export interface Trace<out T> {
  /** Of the function that was recorded. */
  readonly outcome: Outcome<T>;
  /** By the start of each task's last stretch that is kept; of one task in order. */
  readonly spans: readonly Span[];
  /** Spans that were dropped because there were more than `maxSpans`, the oldest first. */
  readonly dropped: number;
  /** JSON for ui.perfetto.dev and chrome://tracing. Never waits. */
  toPerfetto(): string;
  /** A page that needs nothing else: functions, and lanes to zoom and pan. Never waits. */
  toHTML(): string;
  /** Lanes such as `|--A1--|--B1--|`, `width` columns wide (default 80), one lane per worker, with a legend. Never waits. */
  toLanes(options?: TraceLanesOptions): string;
}

/** Draws a trace as a page; lent by the floor above, since pages belong to another room. */
export type TracePage = (name: string, spans: readonly Span[], dropped: number) => string;

/** The trace of these spans. */
export function makeTrace<T>(
  name: string,
  outcome: Outcome<T>,
  { spans, dropped }: Pick<Trace<T>, "spans" | "dropped">,
  page: TracePage,
): Trace<T> {
  return {
    outcome,
    spans,
    dropped,
    toPerfetto: () => perfettoOf(name, spans),
    toHTML: () => page(name, spans, dropped),
    toLanes: (options) => lanesOf(spans, options),
  };
}
