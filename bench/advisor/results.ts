// What the benchmark has found, as data: `--json` prints it, text.ts shows it.
import { mean } from "../../src/lab/advise/confidence.ts";
import { isSameRow } from "../../src/lab/compare/plan.ts";
import type { Advice, Comparison } from "../../src/lab/report.ts";
import type { Report as Origin } from "../report/report.ts";
import { permitted, type Score, type Summary, score, summarise, timeError } from "./score.ts";
import { strategies } from "./strategies.ts";
import { isTuning, type Workload } from "./workload.ts";

/** One workload, asked about and measured. */
export interface Trial {
  readonly workload: Workload;
  readonly advice: Advice;
  readonly truth: Comparison;
}

/** One workload, judged. */
export interface WorkloadResult {
  readonly family: string;
  readonly name: string;
  readonly split: "tuning" | "held-out";
  /** Wall time of each level and size, ms. */
  readonly truth: readonly { readonly level: string; readonly size: number; readonly wallMs: number; readonly permitted: boolean }[];
  readonly best: { readonly level: string; readonly size: number };
  readonly scores: Readonly<Record<string, Score>>;
  /** Mean error of the forecasts over all permitted levels and sizes; and of the one that was recommended. */
  readonly timeError: number;
  readonly timeErrorOfChoice: number;
  readonly costMs: number;
  readonly callMs: number;
  readonly reasons: readonly string[];
}

/** Figures of a split. */
export interface SplitResult {
  readonly split: "tuning" | "held-out" | "all";
  readonly strategies: readonly ({ readonly name: string } & Summary)[];
  readonly timeError: number;
  readonly timeErrorOfChoice: number;
  /** Of functions that take less than 100 ms alone: the median and the longest. */
  readonly costMs: { readonly median: number; readonly max: number };
}

/** Everything. */
export interface AdvisorReport extends Omit<Origin, "rows"> {
  readonly workloads: readonly WorkloadResult[];
  readonly splits: readonly SplitResult[];
  /** Workloads that could not be run, and why. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

/** Judges one. */
export function resultOf({ workload, advice, truth }: Trial): WorkloadResult {
  const rows = permitted(truth);
  const best = rows.reduce((least, row) => (row.wallMs < least.wallMs ? row : least));
  const forecastOf = (row: (typeof rows)[number]) => advice.overInputs.find((one) => isSameRow(one, row))?.wallMs ?? Number.NaN;
  const errors = rows.map((row) => ({ row, error: timeError(forecastOf(row), row.wallMs) }));
  const chosen = errors.find(({ row }) => isSameRow(row, advice));
  return {
    family: workload.family,
    name: workload.name,
    split: isTuning(workload.family) ? "tuning" : "held-out",
    truth: truth.levels.map((row) => ({ level: row.level, size: row.size, wallMs: row.wallMs, permitted: rows.includes(row) })),
    best: { level: best.level, size: best.size },
    scores: Object.fromEntries(strategies.map(({ name, choose }) => [name, score(truth, choose(advice, truth))])),
    timeError: mean(errors.map(({ error }) => error)),
    timeErrorOfChoice: chosen?.error ?? Number.NaN,
    costMs: advice.costMs,
    callMs: advice.profile.wallMs,
    reasons: advice.reasons,
  };
}

const quickMs = 100;

/** Sums up a split. */
export function splitResult(split: SplitResult["split"], all: readonly WorkloadResult[]): SplitResult {
  const results = all.filter((result) => split === "all" || result.split === split);
  const costs = results
    .filter(({ callMs }) => callMs < quickMs)
    .map(({ costMs }) => costMs)
    .sort((a, b) => a - b);
  return {
    split,
    strategies: strategies.map(({ name }) => ({ name, ...summarise(results.flatMap(({ scores }) => scores[name] ?? [])) })),
    timeError: mean(results.map((result) => result.timeError)),
    timeErrorOfChoice: mean(results.map((result) => result.timeErrorOfChoice).filter((error) => !Number.isNaN(error))),
    costMs: { median: costs[costs.length >> 1] ?? 0, max: costs.at(-1) ?? 0 },
  };
}
