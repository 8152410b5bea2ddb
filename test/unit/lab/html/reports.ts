// One report of each kind, with every name given from outside.
import type { Advice, ClaimsReport, Comparison, Matrix, Report } from "../../../../src/runtime/lab.ts";
import { madeReport, madeRow } from "../samples.ts";

const names = ["thread-1", "thread-2"];

/** A comparison in which whatever is text is `name`. */
export function comparisonNamed(name: string): Comparison {
  const rows = [
    madeRow("serial", 1, [100, 110, 120], { failed: 2 }),
    madeRow("coroutine", 100, [101, 111, 121]),
    madeRow("thread", 1, [104, 114, 124]),
    madeRow("thread", 2, [52, 57, 62], { equal: false }),
    madeRow("process", 2, [], { failure: name, equal: false }),
  ];
  const spans = Array.from({ length: 20 }, (_, item) => ({
    item,
    worker: `${names[item % 2]}${name}`,
    startMs: item * 5,
    endMs: item * 5 + 5,
  }));
  const report = madeReport(rows, {
    rounds: 3,
    timelines: rows.slice(0, 4).map(({ level, size }) => ({ level, size, spans })),
    latencies: rows.slice(0, 4).map(({ level, size }) => ({ level, size, shares: [0, 0.5, 0.9, 0.99], timesMs: [1, 2, 4, 9] })),
    spreads: rows.map(() => ({
      p50Ms: [1, 2],
      p99Ms: [3, 4],
      cpuMs: [100, 120],
      overheadUs: [3, 5],
      peakRssMB: [80, 90],
      loopStallMs: [1, 2],
    })),
    busyMs: [95, 0, 98, 99, 0],
    difference: { level: "thread", size: 2, item: 4, input: name, path: name, expected: name, actual: name, unstable: false },
    failures: [{ level: "serial", size: 1, item: 1, input: name, message: name }],
  });
  return {
    ...report,
    function: name,
    machine: { ...report.machine, cpu: name, platform: name, runtime: name },
    verdict: { ...report.verdict, reason: name },
  };
}

/** Every kind of report. */
export function reportsNamed(name: string): Readonly<Record<string, Report>> {
  const comparison = comparisonNamed(name);
  const { machine } = comparison;
  const matrix: Matrix = {
    kind: "matrix",
    machine,
    versions: { [name]: name },
    remarks: [name],
    seed: 7,
    rounds: 3,
    quick: true,
    tookMs: 2_000,
    interrupted: true,
    rows: [
      {
        id: name,
        title: name,
        unit: name,
        group: name,
        better: "less",
        values: { coroutine: 1.5, thread: 20 },
        spread: { thread: { low: 18, high: 25 } },
        words: { thread: name },
        missing: { process: name },
        series: {
          thread: [
            { size: 1, value: 1 },
            { size: 2, value: 1.9 },
          ],
        },
        note: name,
        failure: name,
      },
    ],
  };
  const claims: ClaimsReport = {
    kind: "claims",
    machine,
    claims: [{ id: 3, statement: name, verdict: "undecided", because: name, measured: { [name]: 1 }, tried: name, failure: name }],
  };
  // As one read back from JSON may be: fields are missing, and there are others.
  const advice = {
    kind: "advice",
    function: name,
    machine,
    level: "thread",
    size: 2,
    chunk: 4,
    cpuShare: 0.9,
    predictedSpeedup: 1.9,
    measuredSpeedup: 1.8,
    reasons: [name, name],
    evidence: comparison,
    forecasts: [{ level: "thread", size: 2, wallMs: 50, lowMs: 45, highMs: 60, bound: name, memoryMB: 30, objection: name }],
    profile: { [name]: name, wallMs: 1, travel: { [name]: 2 } },
  } as unknown as Advice;
  return { comparison, matrix, claims, advice };
}
