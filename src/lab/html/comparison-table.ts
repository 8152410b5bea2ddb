// The figures of a comparison, each with its spread.
import { ratio } from "../compare/statistics.ts";
import type { Comparison, ComparisonRow } from "../report.ts";
import { duration, factor, grouped, megabytes, rate } from "../text/units.ts";
import { html, type Markup } from "./markup.ts";
import { isChosen, levelName, rangeOf } from "./parts.ts";
import { type Cell, type Column, figure, table } from "./table.ts";

interface Figure extends Column {
  cell(row: ComparisonRow, index: number): Cell;
}

const right = "right" as const;

/** The table of all rows that were measured. */
export function comparisonTable(report: Comparison, measured: readonly ComparisonRow[]): Markup {
  const spreadOf = (index: number, name: "p50Ms" | "p99Ms" | "cpuMs" | "overheadUs" | "peakRssMB" | "loopStallMs") =>
    report.detail?.spreads?.[index]?.[name];
  const figures: Figure[] = [
    { title: "level", cell: (row) => ({ content: levelName(row) }) },
    {
      title: "time",
      hint: "for all inputs",
      align: right,
      cell: (row) => ({ content: figure(duration(row.wallMs), rangeOf(row.samplesMs, duration)), sort: row.wallMs }),
    },
    {
      title: "items/s",
      align: right,
      cell: (row) => ({
        content: figure(
          rate(row.itemsPerSecond),
          rangeOf(
            row.samplesMs.map((ms) => ratio(report.inputs * 1000, ms)),
            rate,
          ),
        ),
        sort: row.itemsPerSecond,
      }),
    },
    {
      title: "speed-up",
      align: right,
      cell: (row, index) => ({
        content: figure(
          `${factor(row.speedup)}×`,
          rangeOf(report.detail?.speedups[index], (value) => `${factor(value)}×`),
        ),
        sort: row.speedup,
      }),
    },
    {
      title: "p50",
      hint: "half of the items ran shorter",
      align: right,
      cell: (row, i) => ({ content: figure(duration(row.p50Ms), rangeOf(spreadOf(i, "p50Ms"), duration)), sort: row.p50Ms }),
    },
    {
      title: "p99",
      hint: "99 % of the items ran shorter",
      align: right,
      cell: (row, i) => ({ content: figure(duration(row.p99Ms), rangeOf(spreadOf(i, "p99Ms"), duration)), sort: row.p99Ms }),
    },
    {
      title: "CPU",
      hint: "processor time, children included",
      align: right,
      cell: (row, i) => ({
        content: figure(duration(row.cpuSeconds * 1000), rangeOf(spreadOf(i, "cpuMs"), duration)),
        sort: row.cpuSeconds,
      }),
    },
    {
      title: "overhead",
      hint: "what the level adds to one item sent alone",
      align: right,
      cell: (row, i) => ({
        content: figure(microseconds(row.overheadUs), rangeOf(spreadOf(i, "overheadUs"), microseconds)),
        sort: row.overheadUs,
      }),
    },
    {
      title: "memory",
      hint: "at the peak, children included; the worst round",
      align: right,
      cell: (row, i) => ({ content: figure(megabytes(row.peakRssMB), rangeOf(spreadOf(i, "peakRssMB"), megabytes)), sort: row.peakRssMB }),
    },
    {
      title: "stall",
      hint: "longest time the event loop stood still; the worst round",
      align: right,
      cell: (row, i) => ({
        content: figure(duration(row.loopStallMs), rangeOf(spreadOf(i, "loopStallMs"), duration)),
        sort: row.loopStallMs,
      }),
    },
    {
      title: "failed",
      align: right,
      cell: (row) => ({ content: row.failed > 0 ? html`<strong class="bad">${grouped(row.failed)}</strong>` : "0", sort: row.failed }),
    },
    {
      title: "results",
      cell: (row) => ({ content: row.equal ? "equal" : html`<strong class="bad">differ</strong>`, sort: row.equal ? 1 : 0 }),
    },
  ];
  const shown = figures.filter(({ title }) => title !== "failed" || measured.some((row) => row.failed > 0));
  return table(
    "Figures by level",
    shown,
    measured.map((row) => ({ cells: shown.map((each) => each.cell(row, report.levels.indexOf(row))), highlighted: isChosen(report, row) })),
  );
}

function microseconds(value: number): string {
  return value > 0 ? duration(value / 1000) : "–";
}
