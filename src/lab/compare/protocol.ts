// What passes between the comparing program and a measuring program: one job down (on stdin, then end of file; the
// same runtime is at both ends, so v8's own serialisation will do), small messages up (the IPC channel, JSON). One job per program: a second one would find warm caches and a used heap.
import type { ItemSpan } from "../report.ts";
import type { Configuration } from "./plan.ts";

/** Run one configuration once over all inputs and measure it. */
export interface MeasureJob extends Configuration {
  readonly kind: "measure";
  /** Module of the function. */
  readonly url: string;
  readonly name: string;
  /** A list of inputs, in the value codec: they arrive as they would on any level. */
  readonly inputs: Uint8Array;
  /** Inputs that each worker runs before the clock starts. */
  readonly warmup: number;
  /** Running time allowed per item, in ms. */
  readonly timeoutMs: number | undefined;
  /** Results to agree with, one digest after the other. */
  readonly reference: Uint8Array | undefined;
  /** Send the canonical lines of this item's outcome. */
  readonly linesOf: number | undefined;
  /** Items whose spans are wanted; default 64. */
  readonly spansOf?: number | undefined;
}

/** Import a module and say what it exports. */
export interface InspectJob {
  readonly kind: "inspect";
  readonly url: string;
}

export type Job = MeasureJob | InspectJob;

/** One export of a module. */
export interface ExportEntry {
  readonly name: string;
  /** `typeof`, with `class` for classes. */
  readonly type: string;
  /** The name given to `portable`, when it is one. */
  readonly portableAs: string | undefined;
}

/** Figures of one run. */
export interface RunReport {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Running times at `latencyShares`. */
  readonly latenciesMs: readonly number[];
  /** Running times of all items, added up. */
  readonly busyMs: number;
  readonly overheadUs: number;
  readonly peakRssBytes: number;
  readonly loopStallMs: number;
  readonly failed: number;
  /** The first failures. */
  readonly failures: readonly { readonly item: number; readonly message: string }[];
  /** Digests of all outcomes in input order, base64. */
  readonly digests: string;
  readonly spans: readonly ItemSpan[];
  /** The first item that does not agree with the reference, and its canonical lines; or the item of `linesOf`. */
  readonly lines: { readonly item: number; readonly lines: readonly string[] } | undefined;
}

/** What a measuring program says. */
export type Message =
  | { readonly type: "alive"; readonly done?: number | undefined }
  | { readonly type: "exports"; readonly exports: readonly ExportEntry[] }
  | { readonly type: "report"; readonly report: RunReport }
  | { readonly type: "failed"; readonly message: string };

/** True for what `process.on("message")` may have brought from a measuring program. */
export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
