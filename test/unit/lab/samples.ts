// Rows and reports made up for tests.
import { words } from "../../../src/lab/compare/plan.ts";
import { judge } from "../../../src/lab/compare/verdict.ts";
import type { Comparison, ComparisonDetail, ComparisonRow } from "../../../src/lab/report.ts";

/** A row whose rounds took `samplesMs`; everything else calm and equal. */
export function madeRow(
  level: ComparisonRow["level"],
  size: number,
  samplesMs: readonly number[],
  more: Partial<ComparisonRow> = {},
): ComparisonRow {
  const wallMs = [...samplesMs].sort((a, b) => a - b)[samplesMs.length >> 1] ?? 0;
  return {
    level,
    size,
    wallMs,
    samplesMs,
    itemsPerSecond: wallMs > 0 ? 100_000 / wallMs : 0,
    speedup: 1,
    cpuSeconds: wallMs / 1000,
    p50Ms: wallMs / 100,
    p99Ms: wallMs / 20,
    overheadUs: 4,
    peakRssMB: 80,
    loopStallMs: 1,
    failed: 0,
    equal: true,
    ...more,
  };
}

/** A report of these rows, judged. */
export function madeReport(rows: readonly ComparisonRow[], more: Partial<ComparisonDetail> = {}): Comparison {
  const [baseline] = rows;
  return {
    kind: "comparison",
    function: "examples/parse.ts#parseFile",
    inputs: 100,
    machine: {
      cpu: "Some Processor 9000 with a rather long name at 3.2 GHz",
      cores: 8,
      memoryBytes: 16 * 2 ** 30,
      platform: "linux x64",
      runtime: "node 22.20.0",
    },
    node: "v22.20.0",
    levels: rows,
    verdict: judge(rows, 100, more.difference),
    detail: {
      rounds: 5,
      speedups: rows.map((row) => row.samplesMs.map((ms, i) => (baseline?.samplesMs[i] ?? 0) / ms)),
      baseline: baseline === undefined ? "serial" : words(baseline),
      timelines: [],
      difference: undefined,
      failures: [],
      interrupted: false,
      ...more,
    },
  };
}
