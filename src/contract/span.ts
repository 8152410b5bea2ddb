// What a trace is made of. Recorded in one room (`observe/trace`) and drawn in others.
import type { Level } from "./portable.ts";

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
