// From the runs of one configuration to its row in the table.
import type { ComparisonRow } from "../report.ts";
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

/** No more digits than the measurement has. */
function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
