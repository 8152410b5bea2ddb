// What the lab returns: plain data, so that a report can be stored, sent and shown anywhere.
import type { Level } from "../contract/portable.ts";
import type { Forecast } from "./advise/cost-model.ts";
import type { Profile } from "./advise/profile.ts";

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

/** How long the items of one level ran: below `timesMs[i]` lies the share `shares[i]`; medians over the rounds. */
export interface Latencies {
  readonly level: Level;
  readonly size: number;
  readonly shares: readonly number[];
  readonly timesMs: readonly number[];
}

/** One value for each round of a row. */
export interface RowSamples {
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  readonly cpuMs: readonly number[];
  readonly overheadUs: readonly number[];
  readonly peakRssMB: readonly number[];
  readonly loopStallMs: readonly number[];
}

/** What the reports for people show beyond the figures. */
export interface ComparisonDetail {
  readonly rounds: number;
  /** Speed-up of each round, per row. */
  readonly speedups: readonly (readonly number[])[];
  /** The row that speed-ups and results are held against, in words. */
  readonly baseline: string;
  readonly timelines: readonly Timeline[];
  /** More items, of a round of its own that counts in no figure; only when it was asked for. */
  readonly traces?: readonly Timeline[];
  readonly latencies?: readonly Latencies[];
  /** The rounds behind the medians, per row. */
  readonly spreads?: readonly RowSamples[];
  /** Running times of all items added up, per row; the median of the rounds. */
  readonly busyMs?: readonly number[];
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
  /** For `renderText` and `renderHTML`; everything else can be read without it. */
  readonly detail?: ComparisonDetail;
}

/** Where the middle half of some samples lies: from the lower quartile to the upper one. */
export interface SampleRange {
  readonly low: number;
  readonly high: number;
}

/** One figure over a size, such as speed-up over workers. */
export interface SeriesPoint {
  readonly size: number;
  readonly value: number;
}

type PerLevel<T> = Readonly<Partial<Record<Level, T>>>;

/** One property, per level. */
export interface MatrixRow {
  readonly id: string;
  readonly title: string;
  /** `ms`, `µs`, `ns`, `ns/KB`, `bytes`, `units`, `MB/s`, `times`, `per switch`, `threads`, `share` (0…1) or `survives` (1 or 0). */
  readonly unit: string;
  /** Medians; absent where the level does not have it, or it could not be measured: `missing` says why. */
  readonly values: PerLevel<number>;
  /** The heading it stands under. */
  readonly group?: string | undefined;
  /** Which way is better, where one is. */
  readonly better?: "less" | "more" | undefined;
  /** What the medians are of: one for each round; of a single round, what was sampled in it. */
  readonly samples?: PerLevel<readonly number[]> | undefined;
  readonly spread?: PerLevel<SampleRange> | undefined;
  /** What the value means, or what was measured, in a few words. */
  readonly words?: PerLevel<string> | undefined;
  /** Why a level has no value. */
  readonly missing?: PerLevel<string> | undefined;
  /** How the figure grows with the number of units. */
  readonly series?: PerLevel<readonly SeriesPoint[]> | undefined;
  /** How it was measured and how to read it. */
  readonly note?: string | undefined;
  /** The means of communication it is about. */
  readonly means?: string | undefined;
  /** Why there is no value at all. */
  readonly failure?: string | undefined;
}

/** The levels' properties, measured on one machine. */
export interface Matrix {
  readonly kind: "matrix";
  readonly machine: Machine;
  readonly rows: readonly MatrixRow[];
  /** Of what it was measured with: `brigade`, `node`, `v8` … */
  readonly versions?: Readonly<Record<string, string>> | undefined;
  /** The order of the experiments came from it. */
  readonly seed?: number | undefined;
  /** Rounds that were begun. */
  readonly rounds?: number | undefined;
  readonly quick?: boolean | undefined;
  readonly tookMs?: number | undefined;
  /** Stopped before every experiment had its turn; the rows hold what finished. */
  readonly interrupted?: boolean | undefined;
  /** What a reader has to know of how it was measured. */
  readonly remarks?: readonly string[] | undefined;
}

/** One statement, tried. */
export interface Claim {
  /** Number of the statement, from 1. */
  readonly id: number;
  readonly statement: string;
  readonly verdict: "holds" | "holds-with-a-limit" | "does-not-hold-here" | "undecided";
  /** What was seen; the limit, or why not, or why undecided. */
  readonly because: string;
  /** Raw figures; the unit stands in the name. Empty when the experiment could not run. */
  readonly measured: Readonly<Record<string, number>>;
  /** What was run. */
  readonly tried?: string;
  /** Why the experiment could not run; the verdict is then `undecided`. */
  readonly failure?: string;
}

/** The statements that were tried, in order of number. */
export interface ClaimsReport {
  readonly kind: "claims";
  readonly machine: Machine;
  readonly claims: readonly Claim[];
  readonly tookMs?: number | undefined;
  /** Stopped before every statement had its turn; those that were tried are there. */
  readonly interrupted?: boolean | undefined;
}

/** A recommendation with its evidence. */
export interface Advice {
  readonly kind: "advice";
  readonly function: string;
  readonly machine: Machine;
  readonly level: Level;
  /** Workers; for `coroutine` the calls in flight at once. */
  readonly size: number;
  /** Items per trip for `map`; 1 where a call is worth the way, and where there is no way. */
  readonly chunk: number;
  /** Share of the time spent computing on the thread that calls, 0…1. */
  readonly cpuShare: number;
  /** Times faster than serial, over the trial's calls: by the cost model, and measured. */
  readonly predictedSpeedup: number;
  readonly measuredSpeedup: number;
  /** Why, in plain words, the most important first. */
  readonly reasons: readonly string[];
  /** The trial: the simplest level and the best by forecast, run side by side. */
  readonly evidence: Comparison;
  readonly profile: Profile;
  /** Every level and size over the trial's calls, from light to heavy. */
  readonly forecasts: readonly AdviceForecast[];
  /** The same over the inputs that were given, with what the trial has taught. */
  readonly overInputs: readonly AdviceForecast[];
  /** What asking took, in ms, and what of it was the machine's calibration. */
  readonly costMs: number;
  readonly calibrationMs: number;
}

/** A forecast, and what stands against following it. */
export interface AdviceForecast extends Forecast {
  readonly objection?: string;
}

/** What the lab returns. */
export type Report = Comparison | Advice | Matrix | ClaimsReport;
