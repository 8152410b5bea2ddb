// The contract of `brigade/lab`, as far as it exists; see contract.d.ts.
import type { Level, Portable } from "brigade";

/** What to compare. */
export interface CompareOptions {
  /** Default all but `"cluster"`. */
  readonly levels?: readonly Level[] | undefined;
  /** Worker counts to try; default 1, 2, 4 … up to the machine's parallelism. */
  readonly sizes?: readonly number[] | undefined;
  /** Interleaved rounds; default 5. */
  readonly rounds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
/** Runs `fn` over the inputs at each level and size, checks that the results agree, and times them side by side. */
export declare function compare<T>(fn: Portable<(input: T) => unknown>, inputs: Iterable<T>, options?: CompareOptions): Promise<Comparison>;
/** Where it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly runtime: string;
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
}
/** Where the work belongs, and why, in plain words. */
export interface Verdict {
  readonly level: Level;
  readonly size: number;
  readonly reason: string;
}
/** One level at one size: medians over the rounds. */
export interface ComparisonRow {
  readonly level: Level;
  readonly size: number;
  readonly wallMs: number;
  /** Wall time of each round. */
  readonly samplesMs: readonly number[];
  readonly itemsPerSecond: number;
  /** Times faster than serial. */
  readonly speedup: number;
  readonly cpuSeconds: number;
  /** Time of one item. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What the level adds to one item. */
  readonly overheadUs: number;
  readonly peakRssMB: number;
  /** Longest time the event loop stood still. */
  readonly loopStallMs: number;
  /** Items that failed. */
  readonly failed: number;
  /** Every result equals the serial one. */
  readonly equal: boolean;
  /** Why this row could not be measured. */
  readonly failure?: string;
}
/** The seeds' comparison table, measured on this machine. */
export declare function measureMatrix(options?: {
  readonly rows?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<Matrix>;
/** The table. */
export interface Matrix {
  readonly kind: "matrix";
  readonly machine: Machine;
  readonly rows: readonly MatrixRow[];
}
/** One property, per level. */
export interface MatrixRow {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Absent where the level does not have it. */
  readonly values: Readonly<Partial<Record<Level, number>>>;
}
/** Tries the seeds' statements on this machine. */
export declare function verifyClaims(options?: ClaimsOptions): Promise<ClaimsReport>;
/** Which statements to try. */
export interface ClaimsOptions {
  readonly ids?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}
/** Statements, tried. */
export interface ClaimsReport {
  readonly kind: "claims";
  readonly machine: Machine;
  readonly claims: readonly Claim[];
}
/** One statement, tried. */
export interface Claim {
  readonly id: number;
  readonly statement: string;
  readonly verdict: "holds" | "holds-with-a-limit" | "does-not-hold-here" | "undecided";
  /** The limit, or why not, or why undecided. */
  readonly because: string;
  readonly measured: Readonly<Record<string, number>>;
}
/** A recommendation with its evidence. */
export interface Advice {
  readonly kind: "advice";
  readonly machine: Machine;
  readonly level: Level;
  readonly size: number;
  /** Share of the time spent computing, 0…1. */
  readonly cpuShare: number;
  readonly predictedSpeedup: number;
  readonly measuredSpeedup: number;
  readonly reasons: readonly string[];
  readonly evidence: Comparison;
}
/** Profiles, predicts, verifies by running, and recommends a level. */
export declare function advise<T>(fn: Portable<(input: T) => unknown>, samples: Iterable<T>, options?: CompareOptions): Promise<Advice>;
