// A report for people: for each case who was measured, and each goal beside the figure. Every line fits 80 columns.

import { spread } from "../../src/lab/compare/statistics.ts";
import { type Column, keepStart, table, wrap } from "../../src/lab/text/layout.ts";
import { digits, grouped } from "../../src/lab/text/units.ts";
import type { Standing } from "../suites/goals.ts";
import type { Case } from "../suites/suite.ts";
import type { Report, Row } from "./report.ts";

const width = 80;
/** Leaves room for the figures. */
const nameWidth = 46;
const indent = "  ";
const columns: readonly Column[] = [
  { title: "", align: "left" },
  { title: "median", align: "right" },
  { title: "spread", align: "right" },
  { title: "ratio", align: "right" },
];

/** One case of a report. */
export interface CaseResult {
  readonly bench: Case;
  readonly points: readonly Row[];
  readonly standings: readonly Standing[];
}

/** The first lines of a report. */
export function renderHead({ suite, machine, node, commit, date }: Omit<Report, "rows">, rounds: number): string {
  const facts = [
    `${suite} on Node ${node}`,
    `${machine.cpu}, ${machine.cores} processors, ${machine.platform}`,
    `commit ${commit ?? "unknown"}`,
    date.slice(0, 10),
    `median of ${rounds} ${rounds === 1 ? "round" : "rounds"}`,
  ];
  return `${wrap(facts.join(" · "), width).join("\n")}\n`;
}

/** One case: its rows, then its goals. */
export function renderCase({ bench, points, standings }: CaseResult): string {
  const rows = [...points, ...standings.map(({ row }) => row)];
  const lines = [...wrap(`${bench.id}: ${bench.what}`, width), ...rowLines(rows, points.length > 0)];
  for (const { subject, note } of rows) {
    if (note !== undefined) lines.push(...hanging(`${subject}: ${note}`));
  }
  if (bench.goals.length > 0) lines.push(...goalLines(bench, standings));
  return `${lines.join("\n")}\n`;
}

function rowLines(rows: readonly Row[], withCase: boolean): string[] {
  const cells = rows.map((row) => {
    const name = withCase ? `${row.case} ${row.subject}` : row.subject;
    const value = row.value === null ? "–" : `${amount(row.value)} ${row.unit}`;
    return [keepStart(name, nameWidth), value, deviation(row), row.ratio === null ? "–" : digits(row.ratio)];
  });
  return table(columns, cells, 2).map((line) => indent + line);
}

function goalLines(bench: Case, standings: readonly Standing[]): string[] {
  const cells = bench.goals.map((goal) => {
    const verdict = goal.judge(standings);
    return [goal.text, verdict?.figure ?? "–", verdict === undefined ? "–" : verdict.met ? "yes" : "no"];
  });
  const titles: readonly Column[] = ["goal", "figure", "met"].map((title) => ({ title, align: "left" }));
  return table(titles, cells, 2).map((line) => indent + line);
}

/** How far the samples lie apart, as a share of the median to either side. */
function deviation({ value, samples }: Row): string {
  if (value === null || value === 0 || samples.length < 2) return "";
  const { min, max } = spread(samples);
  return `±${Math.round(((max - min) / 2 / value) * 100)} %`;
}

/** Three digits, thousands grouped. */
function amount(value: number): string {
  return value >= 1_000 ? grouped(value) : digits(value);
}

function hanging(text: string): string[] {
  return wrap(text, width - 4).map((line, i) => (i === 0 ? indent : `${indent}  `) + line);
}
