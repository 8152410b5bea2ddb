// `recordTrace`: a recording that can be drawn as a page. Recording and pages are rooms that do not know each other.
import { renderTrace } from "../lab/html/trace.ts";
import { Recording, recordWhile, type TraceOptions, type TraceRecording } from "../observe/trace/recording.ts";
import type { Trace } from "../observe/trace/trace.ts";

/**
 * Records what brigade does while `fn` runs: each task that this thread submits, on whatever level, as stretches of queueing, running and
 * standing parked. A failure of `fn` is in `outcome`; the trace is there all the same. Tasks that outlive `fn` are cut at its end. Parks the task.
 *
 * Without a function it records from now until `stop()`. Throws `RangeError` for a `maxSpans` below 1.
 *
 * @example
 * ```ts
 * import { all, sleep } from "brigade";
 * import { recordTrace } from "brigade/observe";
 *
 * const trace = await recordTrace(() => all([() => sleep(20), () => sleep(10)]));
 * console.log(trace.toLanes({ width: 60 }));
 * console.log(trace.outcome.state, trace.spans.some((span) => span.state === "parked")); // succeeded true
 * ```
 */
export function recordTrace<R>(fn: () => R, options?: TraceOptions): Promise<Trace<Awaited<R>>>;
export function recordTrace(options?: TraceOptions): TraceRecording;
export function recordTrace<R>(
  first: (() => R) | TraceOptions = {},
  options: TraceOptions = {},
): Promise<Trace<Awaited<R>>> | TraceRecording {
  return typeof first === "function" ? recordWhile(first, options, renderTrace) : new Recording(first, renderTrace);
}
