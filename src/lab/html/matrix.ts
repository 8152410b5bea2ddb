// The page of the matrix: every property of every level, with its spread, and how it grows.
import type { Level } from "../../contract/portable.ts";
import type { Matrix, MatrixRow } from "../report.ts";
import { duration, grouped } from "../text/units.ts";
import { growthChart } from "./charts/growth.ts";
import { html, type Markup } from "./markup.ts";
import type { Page, Section } from "./page.ts";
import { between, machineFacts, terms, warning } from "./parts.ts";
import { type Cell, figure, table } from "./table.ts";
import { inUnit } from "./units.ts";

const order: readonly Level[] = ["serial", "coroutine", "thread", "process", "cluster"];
const names: Readonly<Record<Level, string>> = {
  serial: "serial",
  coroutine: "coroutine",
  thread: "thread",
  process: "process",
  cluster: "cluster",
};

/** The page of the matrix. */
export function matrixPage(report: Matrix): Page {
  const groups = new Map<string, MatrixRow[]>();
  for (const row of report.rows) groups.set(row.group ?? "Properties", [...(groups.get(row.group ?? "Properties") ?? []), row]);
  const levels = order.filter((level) => report.rows.some((row) => said(row, level)));
  return {
    command: "matrix",
    title: "What each level costs on this machine",
    facts: [
      ...machineFacts(report.machine),
      ...(report.rounds === undefined ? [] : [`${report.rounds} round${report.rounds === 1 ? "" : "s"}`]),
    ],
    sections: [
      ...(report.interrupted
        ? [
            {
              id: "interrupted",
              title: "Interrupted",
              body: warning("Stopped before every experiment had its turn; the rows hold what had finished."),
            },
          ]
        : []),
      ...[...groups].map(([title, rows], i) => groupSection(title, rows, levels, i)),
      methodSection(report),
    ],
  };
}

function said(row: MatrixRow, level: Level): boolean {
  return row.values[level] !== undefined || row.missing?.[level] !== undefined || row.words?.[level] !== undefined;
}

function groupSection(group: string, rows: readonly MatrixRow[], levels: readonly Level[], index: number): Section {
  const title = group.charAt(0).toUpperCase() + group.slice(1);
  const lines = rows.map((row) => ({
    cells: [{ content: heading(row), sort: row.title }, ...levels.map((level) => cell(row, level))],
  }));
  const grown = rows.map(growthOf);
  const notes = rows.filter((row) => row.note !== undefined).map((row): [string, string] => [row.title, row.note ?? ""]);
  return {
    id: `group-${index + 1}`,
    title,
    body: html`${table(title, [{ title: "property" }, ...levels.map((level) => ({ title: names[level], align: "right" as const }))], lines, "even")}
${grown}${notes.length === 0 ? "" : html`<details><summary>How to read these</summary>${terms(notes)}</details>`}`,
  };
}

function heading(row: MatrixRow): Markup {
  const better =
    row.better === undefined ? "" : html`<span class="spread">${row.better === "less" ? "less is better" : "more is better"}</span>`;
  return html`${row.title}${row.failure === undefined ? better : html`<span class="spread bad">${row.failure}</span>`}`;
}

function cell(row: MatrixRow, level: Level): Cell {
  const value = row.values[level];
  const words = row.words?.[level];
  if (value === undefined) {
    return {
      content: html`<span class="spread">${row.missing?.[level] ?? words ?? "–"}</span>`,
      sort: row.better === "more" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    };
  }
  const known = Object.values(row.values);
  const best = row.better === undefined || known.length < 2 ? undefined : row.better === "less" ? Math.min(...known) : Math.max(...known);
  const { low, high } = row.spread?.[level] ?? { low: value, high: value };
  const [from, to] = [inUnit(low, row.unit), inUnit(high, row.unit)];
  const shown = figure(inUnit(value, row.unit), between(from, to));
  return {
    content: html`${value === best ? html`<span class="best">${shown}</span>` : shown}${words === undefined ? "" : html`<span class="spread">${words}</span>`}`,
    sort: value,
  };
}

function growthOf(row: MatrixRow): Markup | undefined {
  const series = order.flatMap((level) => {
    const points = row.series?.[level] ?? [];
    return points.length > 1 ? [{ level, name: names[level], points }] : [];
  });
  return series.length === 0 ? undefined : html`<h3>${row.title}</h3>${growthChart(row.title, series, (value) => inUnit(value, row.unit))}`;
}

function methodSection(report: Matrix): Section {
  const facts: [string, string][] = [["machine", machineFacts(report.machine).join(" · ")]];
  for (const [name, version] of Object.entries(report.versions ?? {})) facts.push([name, version]);
  if (report.rounds !== undefined) facts.push(["rounds", String(report.rounds)]);
  if (report.seed !== undefined) facts.push(["seed", `${report.seed}: the order of the experiments came from it`]);
  if (report.quick !== undefined) facts.push(["mode", report.quick ? "quick: fewer and shorter rounds" : "full"]);
  if (report.tookMs !== undefined) facts.push(["took", duration(report.tookMs)]);
  return {
    id: "method",
    title: "How this was measured",
    short: "Method",
    body: html`<p>Every figure was measured on this machine; none is taken from elsewhere. Values are medians, with the lowest and the highest sample below them. A cell without a value says why.</p>
${(report.remarks ?? []).map((remark) => html`<p>${remark}</p>`)}${terms(facts)}<p class="lead">${grouped(report.rows.length)} properties.</p>`,
  };
}
