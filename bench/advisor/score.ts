// How good a choice is, held against what was measured. Pure.
import { mean } from "../../src/lab/advise/confidence.ts";
import { isSameRow } from "../../src/lab/compare/plan.ts";
import { pairedSpeedups } from "../../src/lab/compare/statistics.ts";
import type { Comparison, ComparisonRow } from "../../src/lab/report.ts";

/** What somebody chose for a workload. */
export interface Choice {
  readonly level: ComparisonRow["level"];
  readonly size: number;
}

/** A choice, judged. */
export interface Score {
  readonly choice: Choice;
  /** Time over the best time, less one: 0.2 is a fifth slower than it could be. `undefined` for a choice that gives wrong results. */
  readonly regret: number | undefined;
  /** The regret that every round shows: 0 where some round had the choice in front. What is between the two may be weather. */
  readonly sureRegret: number | undefined;
  /** As fast as the best, within `tie`. */
  readonly right: boolean;
}

/** Differences smaller than this share are ties. */
export const tie = 0.1;

/** The rows that may be chosen: measured, right in every result, and failing no more than the simplest. */
export function permitted({ levels }: Comparison): readonly ComparisonRow[] {
  const measured = levels.filter((row) => row.failure === undefined && row.wallMs > 0);
  const fewest = measured.reduce((least, row) => Math.min(least, row.failed), Number.POSITIVE_INFINITY);
  return measured.filter((row, place) => row.failed === fewest && (row.equal || place === 0));
}

/** Judges a choice. Throws `RangeError` when the truth has no row for it. */
export function score(truth: Comparison, choice: Choice): Score {
  const row = rowOf(truth, choice);
  const rows = permitted(truth);
  if (!rows.includes(row)) return { choice, regret: undefined, sureRegret: undefined, right: false };
  const best = rows.reduce((least, one) => (one.wallMs < least.wallMs ? one : least));
  const regret = row.wallMs / best.wallMs - 1;
  const sureRegret = Math.max(0, Math.min(...pairedSpeedups(row.samplesMs, best.samplesMs)) - 1);
  return { choice, regret, sureRegret, right: regret <= tie };
}

/** The row of a choice. */
export function rowOf(truth: Comparison, choice: Choice): ComparisonRow {
  const row = truth.levels.find((one) => isSameRow(one, choice));
  if (row === undefined) throw new RangeError(`The truth has no row for ${choice.level} × ${choice.size}.`);
  return row;
}

/** Many scores in a few figures. */
export interface Summary {
  readonly workloads: number;
  /** Share of choices that were right. */
  readonly top1: number;
  /** Of the choices that gave right results. */
  readonly meanRegret: number;
  readonly maxRegret: number;
  /** Mean of what every round shows. */
  readonly meanSureRegret: number;
  /** Choices that gave wrong results or failed. */
  readonly unsafe: number;
}

/** Sums up. */
export function summarise(scores: readonly Score[]): Summary {
  const regrets = scores.flatMap(({ regret }) => regret ?? []);
  const sure = scores.flatMap(({ sureRegret }) => sureRegret ?? []);
  const count = Math.max(1, scores.length);
  return {
    workloads: scores.length,
    top1: scores.filter(({ right }) => right).length / count,
    meanRegret: mean(regrets),
    meanSureRegret: mean(sure),
    maxRegret: regrets.reduce((most, regret) => Math.max(most, regret), 0),
    unsafe: scores.length - regrets.length,
  };
}

/** |forecast / truth − 1|. */
export function timeError(forecastMs: number, truthMs: number): number {
  return Math.abs(forecastMs / truthMs - 1);
}
