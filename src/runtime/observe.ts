// The door for observers: `import { … } from "brigade/observe"`.

export type { Span, SpanEnd } from "../contract/span.ts";
export type { DiagnosticsChannels, Finding, FindingBase, FindingCode, StuckOperation } from "../observe/finding.ts";
export type { TraceOptions, TraceRecording } from "../observe/trace/recording.ts";
export type { Trace, TraceLanesOptions } from "../observe/trace/trace.ts";
export { type Findings, type WatchOptions, watch } from "../observe/watch.ts";
export { recordTrace } from "./record-trace.ts";
