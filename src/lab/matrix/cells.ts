// From what was seen to the rows of the table.
import { median, quantile, spread } from "../compare/statistics.ts";
import type { MatrixRow } from "../report.ts";
import type { Experiment, MatrixLevel, Observation, Point } from "./experiment.ts";
import { matrixLevels } from "./experiment.ts";
import type { RowDefinition } from "./row.ts";

/** Why a level has no value that cannot have one: there is nothing more to explain. */
export const levelHasNone = "this level does not have it";

/** What was seen of one experiment on one level, and what went wrong. */
export interface Cell {
  readonly observations: Observation[];
  failure: string | undefined;
}

/** Cells by experiment and level. */
export class Cells {
  readonly #cells = new Map<string, Cell>();

  at(experiment: Experiment, level: MatrixLevel): Cell {
    const key = `${experiment.id} ${level}`;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { observations: [], failure: undefined };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  /** One row of the table. */
  row({ id, title, unit, group, better, experiment, figure, note, means, combine }: RowDefinition): MatrixRow {
    const values: Partial<Record<MatrixLevel, number>> = {};
    const samples: Partial<Record<MatrixLevel, readonly number[]>> = {};
    const ranges: Partial<Record<MatrixLevel, { low: number; high: number }>> = {};
    const words: Partial<Record<MatrixLevel, string>> = {};
    const missing: Partial<Record<MatrixLevel, string>> = {};
    const series: Partial<Record<MatrixLevel, readonly Point[]>> = {};
    for (const level of matrixLevels) {
      if (!experiment.levels.includes(level)) {
        missing[level] = levelHasNone;
        continue;
      }
      const { observations, failure } = this.at(experiment, level);
      const taken = samplesOf(observations, figure);
      if (taken.length === 0) {
        missing[level] = failure ?? reason(observations, figure) ?? "not measured: the time was over";
        continue;
      }
      const { min, max } = spread(taken);
      values[level] = rounded(combine === "worst" ? (better === "less" ? max : min) : median(taken));
      samples[level] = taken.map(rounded);
      // a few samples of a busy machine: the ends tell of the machine, the middle half of what was measured
      ranges[level] = { low: rounded(quantile(taken, 0.25)), high: rounded(quantile(taken, 0.75)) };
      const said = wordsOf(observations, figure, combine === "worst" ? min : undefined);
      if (said !== undefined) words[level] = said;
      const curve = curveOf(observations, figure);
      if (curve.length > 0) series[level] = curve;
    }
    const empty = Object.keys(values).length === 0;
    return {
      id,
      title,
      unit,
      values,
      group,
      better,
      samples,
      spread: ranges,
      ...(Object.keys(words).length === 0 ? {} : { words }),
      ...(Object.keys(missing).length === 0 ? {} : { missing }),
      ...(Object.keys(series).length === 0 ? {} : { series }),
      note,
      ...(means === undefined ? {} : { means }),
      ...(empty ? { failure: Object.values(missing).find((why) => why !== levelHasNone) ?? "not measured: the time was over" } : {}),
    };
  }
}

/** The median of each round; of a single round, what it has. */
function samplesOf(observations: readonly Observation[], figure: string): number[] {
  const rounds = observations.map(({ figures }) => figures[figure] ?? []).filter((round) => round.length > 0);
  const [only = []] = rounds;
  return rounds.length === 1 ? [...only] : rounds.map(median);
}

function reason(observations: readonly Observation[], figure: string): string | undefined {
  return observations.map(({ missing }) => missing?.[figure]).find((why) => why !== undefined);
}

/** The words of the run that had this value, or of the last one. */
function wordsOf(observations: readonly Observation[], figure: string, value: number | undefined): string | undefined {
  const of = observations.findLast(({ figures }) => value === undefined || figures[figure]?.[0] === value);
  return of?.words?.[figure];
}

function curveOf(observations: readonly Observation[], figure: string): Point[] {
  const points = observations.flatMap(({ series }) => series?.[figure] ?? []);
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  return sizes.map((size) => ({ size, value: rounded(median(points.filter((point) => point.size === size).map(({ value }) => value))) }));
}

/** No more digits than a measurement has: four. */
function rounded(value: number): number {
  return value === 0 || !Number.isFinite(value) ? value : Number(value.toPrecision(4));
}
