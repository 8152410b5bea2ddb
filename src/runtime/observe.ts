// The door for observers: `import { … } from "brigade/observe"`.
export type { DiagnosticsChannels, Finding, FindingBase, FindingCode, StuckOperation } from "../observe/finding.ts";
export { type Findings, type WatchOptions, watch } from "../observe/watch.ts";
