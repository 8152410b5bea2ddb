// From samples to rows: medians, brigade's advantage, and growth from the smallest size to the largest.
import { median } from "../../src/lab/compare/statistics.ts";
import type { Standing } from "../suites/goals.ts";
import type { Case, Subject } from "../suites/suite.ts";
import type { Row } from "./report.ts";

/** The samples of one subject at one size, one of each round. */
export interface Series {
  readonly subject: Subject;
  readonly size: number;
  /** The subject's name with its version and settings. */
  readonly label: string;
  readonly samples: readonly number[];
  /** Why it stopped early, or never began. */
  readonly note?: string | undefined;
}

/** The rows of one case: of each size where there are several, then of the case. */
export function standingsOf(
  bench: Case,
  series: readonly Series[],
): { readonly points: readonly Row[]; readonly standings: readonly Standing[] } {
  const atSize = (size: number): readonly Series[] => series.filter((one) => one.size === size);
  const [first, ...others] = bench.sizes;
  const last = others.at(-1);
  if (first === undefined) throw new RangeError(`The case ${bench.id} has no size.`);
  if (last === undefined) return { points: [], standings: toStandings(bench.id, bench.unit, bench.better, atSize(first)) };
  const points = bench.sizes.flatMap((size) =>
    toStandings(`${bench.id}-${shortSize(size)}`, bench.unit, bench.better, atSize(size)).map(({ row }) => row),
  );
  return { points, standings: toStandings(bench.id, "×", "lower", growth(atSize(first), atSize(last))) };
}

/** What a thing costs at the last size, in costs at the first, round by round. */
function growth(first: readonly Series[], last: readonly Series[]): Series[] {
  return last.map((large) => {
    const small = first.find(({ subject }) => subject === large.subject);
    const rounds = Math.min(small?.samples.length ?? 0, large.samples.length);
    const samples = Array.from({ length: rounds }, (_, round) => (large.samples[round] ?? 0) / (small?.samples[round] ?? 1));
    return { ...large, samples, note: small?.note ?? large.note };
  });
}

function toStandings(id: string, unit: string, better: Case["better"], series: readonly Series[]): Standing[] {
  const value = ({ samples }: Series): number | null => (samples.length > 0 ? rounded(median(samples)) : null);
  const own = series.find(({ subject }) => subject.role === "brigade");
  const ownValue = own === undefined ? null : value(own);
  return series.map((one) => {
    const its = value(one);
    const row: Row = {
      case: id,
      subject: one.label,
      value: its,
      unit,
      samples: one.samples.map(rounded),
      ratio: advantage(ownValue, its, better),
      ...(one.note !== undefined && { note: one.note }),
    };
    return { subject: one.subject, row };
  });
}

/** How many times better `own` is than `other`. */
export function advantage(own: number | null, other: number | null, better: Case["better"]): number | null {
  if (own === null || other === null) return null;
  const [above, below] = better === "lower" ? [other, own] : [own, other];
  return below > 0 ? rounded(above / below) : null;
}

/** More digits would be noise. */
const rounded = (value: number): number => Number(value.toPrecision(6));

/** 1000 → `1k`, 1000000 → `1M`. */
export function shortSize(size: number): string {
  if (size % 1_000_000 === 0) return `${size / 1_000_000}M`;
  return size % 1_000 === 0 ? `${size / 1_000}k` : String(size);
}
