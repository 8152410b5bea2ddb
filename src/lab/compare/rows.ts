// From the runs of one configuration to its row in the table.
import type { ComparisonRow, Latencies, RowSamples } from "../report.ts";
import { latencyShares } from "./latency-shares.ts";
import type { Configuration } from "./plan.ts";
import type { RunReport } from "./protocol.ts";
import { median, ratio, spread } from "./statistics.ts";

/** Everything known of one configuration. */
export interface Runs {
  readonly configuration: Configuration;
  readonly reports: readonly RunReport[];
  /** Every run agreed with the reference. */
  readonly equal: boolean;
  readonly failure: string | undefined;
}

const megabyte = 1024 * 1024;

/** One row; `baselineMs` is the median wall time that speed-ups refer to. */
export function row(runs: Runs, items: number, baselineMs: number): ComparisonRow {
  const { configuration, reports, failure } = runs;
  const middle = (figure: (report: RunReport) => number) => median(reports.map(figure));
  const worst = (figure: (report: RunReport) => number) => spread(reports.map(figure)).max;
  const wallMs = middle((report) => report.wallMs);
  return {
    ...configuration,
    wallMs: round(wallMs, 3),
    samplesMs: reports.map((report) => round(report.wallMs, 3)),
    itemsPerSecond: round(ratio(items * 1000, wallMs), 2),
    speedup: round(ratio(baselineMs, wallMs), 3),
    cpuSeconds: round(middle((report) => report.cpuMs) / 1000, 4),
    p50Ms: round(
      middle((report) => report.p50Ms),
      4,
    ),
    p99Ms: round(
      middle((report) => report.p99Ms),
      4,
    ),
    overheadUs: round(
      middle((report) => report.overheadUs),
      1,
    ),
    peakRssMB: round(worst((report) => report.peakRssBytes) / megabyte, 1),
    loopStallMs: round(
      worst((report) => report.loopStallMs),
      1,
    ),
    failed: reports.length === 0 ? items : worst((report) => report.failed),
    equal: runs.equal && failure === undefined && reports.length > 0,
    ...(failure === undefined ? {} : { failure }),
  };
}

/** What is behind the medians of a row. */
export function samples({ reports }: Runs): RowSamples {
  const each = (figure: (report: RunReport) => number, digits: number) => reports.map((report) => round(figure(report), digits));
  return {
    p50Ms: each((report) => report.p50Ms, 4),
    p99Ms: each((report) => report.p99Ms, 4),
    cpuMs: each((report) => report.cpuMs, 1),
    overheadUs: each((report) => report.overheadUs, 1),
    peakRssMB: each((report) => report.peakRssBytes / megabyte, 1),
    loopStallMs: each((report) => report.loopStallMs, 1),
  };
}

/** The running times of a row's items; nothing when no round finished. */
export function latencies({ configuration, reports }: Runs, items: number): Latencies[] {
  if (reports.length === 0) return [];
  const shares = latencyShares(items);
  const timesMs = shares.map((_, i) => round(median(reports.map((report) => report.latenciesMs[i] ?? 0)), 4));
  return [{ ...configuration, shares: shares.map((share) => round(share, 6)), timesMs }];
}

/** No more digits than the measurement has. */
function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
