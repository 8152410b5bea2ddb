// What the lab returns: plain data, so that a report can be stored, sent and shown anywhere.
import type { Level } from "../contract/portable.ts";

/** Where it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Operating system and architecture, such as `linux x64`. */
  readonly platform: string;
  /** Runtime and version, such as `node 20.19.0`. */
  readonly runtime: string;
}

/** One level at one size: medians over the rounds; peak memory, stall and failures are the worst round's. */
export interface ComparisonRow {
  readonly level: Level;
  /** Workers; for `coroutine` the items in flight at once. */
  readonly size: number;
  readonly wallMs: number;
  /** Wall time of each round. */
  readonly samplesMs: readonly number[];
  readonly itemsPerSecond: number;
  /** Times faster than serial (than the first row when serial was not asked for). */
  readonly speedup: number;
  /** Processor time of the program and its children while the clock ran. */
  readonly cpuSeconds: number;
  /** Running time of one item, waiting for a worker not counted. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What the level adds to one item sent alone: from submission to result, less the running time. */
  readonly overheadUs: number;
  /** Resident memory of the program plus its children, each at its peak. */
  readonly peakRssMB: number;
  /** Longest time the event loop of the program stood still. */
  readonly loopStallMs: number;
  /** Items that failed. */
  readonly failed: number;
  /** Every result equals the serial one. */
  readonly equal: boolean;
  /** Why this row could not be measured; its figures are then zero. */
  readonly failure?: string;
}

/** Where the work belongs, and why, in plain words. */
export interface Verdict {
  readonly level: Level;
  readonly size: number;
  readonly reason: string;
}

/** When one item ran, on one clock; ms since the run began. */
export interface ItemSpan {
  /** Index of the input. */
  readonly item: number;
  readonly worker: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The first items of one run, for the lanes. */
export interface Timeline {
  readonly level: Level;
  readonly size: number;
  readonly spans: readonly ItemSpan[];
}

/** The first item whose result is not the serial one. */
export interface Difference {
  readonly level: Level;
  readonly size: number;
  readonly item: number;
  /** The input, shortened. */
  readonly input: string;
  /** Where the results part, such as `result.nodes[3]`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  /** The baseline itself gives this item another result each time. */
  readonly unstable: boolean;
}

/** Some of the items that failed. */
export interface FailedItem {
  readonly level: Level;
  readonly size: number;
  readonly item: number;
  readonly input: string;
  readonly message: string;
}

/** What the text report shows beyond the figures. */
export interface ComparisonDetail {
  readonly rounds: number;
  /** Speed-up of each round, per row. */
  readonly speedups: readonly (readonly number[])[];
  /** The row that speed-ups and results are held against, in words. */
  readonly baseline: string;
  readonly timelines: readonly Timeline[];
  readonly difference: Difference | undefined;
  readonly failures: readonly FailedItem[];
  /** Stopped before all rounds were over; the rows hold what finished. */
  readonly interrupted: boolean;
}

/** Levels side by side. */
export interface Comparison {
  readonly kind: "comparison";
  readonly function: string;
  readonly inputs: number;
  readonly machine: Machine;
  readonly node: string;
  readonly levels: readonly ComparisonRow[];
  readonly verdict: Verdict;
  /** For `renderText`; everything else can be read without it. */
  readonly detail?: ComparisonDetail;
}

/** What the lab returns. */
export type Report = Comparison;
