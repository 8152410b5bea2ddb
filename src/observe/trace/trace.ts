// A trace: what a recording has written down, as data and in the forms in which people look at it.
import type { Span } from "../../contract/span.ts";
import type { Outcome } from "../../contract/task.ts";
import { lanesOf } from "./lanes-of.ts";
import { perfettoOf } from "./perfetto.ts";

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
