// A report for a terminal. A comparison: what it gives, what it costs, the lanes, the verdict. Everything fits `width`: the figures stand
// in one table where there is room, else in two, what a level gives and what it costs; narrower still, in more. None is dropped.
import { type Configuration, coroutinesAtOnce, words } from "./compare/plan.ts";
import { spread } from "./compare/statistics.ts";
import { machineLine } from "./machine.ts";
import { adviceBlocks } from "./render-advice.ts";
import { matrixBlocks } from "./render-matrix.ts";
import type { Comparison, ComparisonDetail, ComparisonRow, Report, Timeline } from "./report.ts";
import { claimsBlocks } from "./text/claims.ts";
import { type Column, keepEnd, seenWidth, table, wrap } from "./text/layout.ts";
import { type Style, style } from "./text/style.ts";
import { duration, factor, grouped, megabytes, rate } from "./text/units.ts";

/** How to show a report. */
export interface RenderOptions {
  /** Columns; default 80. */
  readonly width?: number | undefined;
  /** ANSI colours; default false. */
  readonly color?: boolean | undefined;
}

/** Draws the lanes of a comparison; lent by the floor above, since drawing time belongs to another room. */
export type LanesRenderer = (
  timelines: readonly Timeline[],
  options: { readonly width: number; readonly style: Style; title(row: Configuration): string },
) => string[];

const margin = "  ";
const narrowest = 60;

/** The report as text that ends with a line feed. Throws `TypeError` for what is no report. */
export function renderReport(report: Report, options: RenderOptions, lanes: LanesRenderer): string {
  const width = Math.max(narrowest, options.width ?? 80) - 2 * margin.length;
  const look = style(options.color ?? false);
  const blocks = blocksOf(report, width, look, lanes);
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => `${margin}${line}`.trimEnd()).join("\n"))
    .join("\n\n")}\n`;
}

function blocksOf(report: Report, width: number, look: Style, lanes: LanesRenderer): string[][] {
  if (report.kind === "matrix") return matrixBlocks(report, width, look);
  if (report.kind === "claims") return [wrap(machineLine(report.machine), width).map(look.dim), ...claimsBlocks(report, width, look)];
  if (report.kind === "advice") return adviceBlocks(report, width, look, drawLanes(report.evidence, width, look, lanes));
  if (report.kind !== "comparison")
    throw new TypeError(`renderText(report): kind "${String((report as { kind?: unknown }).kind)}" is not known.`);
  return [
    heading(report, width, look),
    ...figures(report, width, look),
    drawLanes(report, width, look, lanes),
    trouble(report, width, look),
    verdict(report, width, look),
    legend(report, width, look),
  ];
}

function heading(report: Comparison, width: number, look: Style): string[] {
  const rounds = report.detail?.rounds ?? report.levels[0]?.samplesMs.length ?? 0;
  const counts = `${grouped(report.inputs)} ${report.inputs === 1 ? "input" : "inputs"} · ${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  const name = keepEnd(report.function, width - counts.length - 3);
  return [`${look.bold(name)} ${look.dim(`· ${counts}`)}`, ...wrap(machineLine(report.machine), width).map(look.dim)];
}

/** A column with the cell of each row. */
interface Figure extends Column {
  cell(row: ComparisonRow, index: number): string;
}

function figures(report: Comparison, width: number, look: Style): string[][] {
  const name: Figure = {
    title: "level",
    align: "left",
    cell: (row) => (isVerdict(report, row) ? look.bold(look.good(words(row))) : words(row)),
  };
  const gives: Figure[] = [
    { title: "wall", align: "right", cell: (row) => duration(row.wallMs) },
    { title: "items/s", align: "right", cell: (row) => rate(row.itemsPerSecond) },
    { title: "speed-up", align: "right", cell: (row) => `${factor(row.speedup)}×` },
    { title: "(range)", align: "left", cell: (row, index) => look.dim(range(row, index, report.detail)) },
    { title: "p50", align: "right", cell: (row) => duration(row.p50Ms) },
    { title: "p99", align: "right", cell: (row) => duration(row.p99Ms) },
  ];
  const failed: Figure = { title: "failed", align: "right", cell: (row) => (row.failed > 0 ? look.warn(grouped(row.failed)) : "0") };
  const costs: Figure[] = [
    { title: "CPU", align: "right", cell: (row) => duration(row.cpuSeconds * 1000) },
    { title: "overhead", align: "right", cell: (row) => (row.overheadUs > 0 ? duration(row.overheadUs / 1000) : "–") },
    { title: "memory", align: "right", cell: (row) => megabytes(row.peakRssMB) },
    { title: "stall", align: "right", cell: (row) => duration(row.loopStallMs) },
    ...(report.levels.some((row) => row.failed > 0) ? [failed] : []),
    { title: "results", align: "left", cell: (row) => (row.equal ? "equal" : look.warn("DIFFER")) },
  ];
  const measured = report.levels.map((row, index) => ({ row, index })).filter(({ row }) => row.failure === undefined);
  if (measured.length === 0) return [];
  const draw = (set: readonly Figure[], gap: number) =>
    table(
      set,
      measured.map(({ row, index }) => set.map((figure) => figure.cell(row, index))),
      gap,
    );
  const fits = (set: readonly Figure[], gap: number) => seenWidth(longest(draw(set, gap))) <= width;
  const whole = [name, ...gives, ...costs];
  const tables = fits(whole, 2)
    ? [draw(whole, 2)]
    : [gives, costs].flatMap((set) => pack(name, set, fits).map((part) => draw(part, fits(part, 3) ? 3 : 2)));
  return tables.map(([titles = "", ...lines]) => [look.dim(titles), ...lines]);
}

/** As many columns beside the names as fit, the rest in a table of their own. */
function pack(name: Figure, figures: readonly Figure[], fits: (set: readonly Figure[], gap: number) => boolean): Figure[][] {
  const tables: Figure[][] = [];
  let open: Figure[] | undefined;
  for (const figure of figures) {
    if (open !== undefined && fits([...open, figure], 2)) open.push(figure);
    else {
      open = [name, figure];
      tables.push(open);
    }
  }
  return tables;
}

function longest(lines: readonly string[]): string {
  return lines.reduce((most, line) => (seenWidth(line) > seenWidth(most) ? line : most), "");
}

function isVerdict({ verdict }: Comparison, row: ComparisonRow): boolean {
  return verdict.level === row.level && verdict.size === row.size;
}

function range(row: ComparisonRow, index: number, detail: ComparisonDetail | undefined): string {
  const speedups = detail?.speedups[index] ?? [];
  if (speedups.length < 2 || words(row) === detail?.baseline) return "";
  const { min, max } = spread(speedups);
  return `${factor(min)}–${factor(max)}`;
}

function drawLanes(report: Comparison, width: number, look: Style, lanes: LanesRenderer): string[] {
  const timelines = report.detail?.timelines ?? [];
  const lines = timelines.length === 0 ? [] : lanes(timelines, { width, style: look, title: words });
  return lines;
}

function trouble(report: Comparison, width: number, look: Style): string[] {
  const { detail } = report;
  const lines: string[] = [];
  for (const row of report.levels)
    if (row.failure !== undefined) lines.push(...wrap(`${words(row)}: ${row.failure}`, width).map(look.warn));
  const difference = detail?.difference;
  if (difference !== undefined) {
    if (lines.length > 0) lines.push("");
    lines.push(look.warn(`Results differ, first at input ${difference.item + 1}: ${keepEnd(difference.input, width - 40)}`));
    const names = [detail?.baseline ?? "serial", words(difference)];
    const column = Math.max(...names.map((name) => name.length)) + 2;
    const values = [difference.expected, difference.actual];
    names.forEach((name, i) => {
      const [first = "", ...rest] = wrap(`${difference.path} = ${values[i] ?? ""}`, width - column);
      lines.push(name.padEnd(column) + first, ...rest.map((line) => " ".repeat(column) + line));
    });
    const cause = difference.unstable
      ? `${names[0]} gives this item another result each time it runs: the function is not deterministic.`
      : "A usual cause is state that a module keeps between calls: each worker has its own.";
    lines.push(...wrap(cause, width));
  }
  // levels fail alike as a rule: the first that failed speaks for all
  const [first] = detail?.failures ?? [];
  if (first !== undefined) {
    if (lines.length > 0) lines.push("");
    const failed = report.levels.find((row) => row.level === first.level && row.size === first.size)?.failed ?? 0;
    const same = detail?.failures.filter((failure) => failure.level === first.level && failure.size === first.size) ?? [];
    lines.push(
      look.warn(
        `${grouped(failed)} of ${grouped(report.inputs)} items failed with ${words(first)}${failed > same.length ? `; the first ${same.length}` : ""}`,
      ),
    );
    for (const { input, message } of same) lines.push(...wrap(`${keepEnd(input, Math.floor(width / 2))}: ${message}`, width));
  }
  return lines;
}

function verdict(report: Comparison, width: number, look: Style): string[] {
  const sound = report.levels.some((row) => row.failure === undefined);
  const alarming = report.detail?.difference !== undefined || !sound;
  const title = sound ? `Verdict: ${words(report.verdict)}` : "No verdict";
  const cut = report.detail?.interrupted ? [look.warn("Interrupted: only the rounds that finished are counted.")] : [];
  return [...cut, look.bold(alarming ? look.warn(title) : look.good(title)), ...wrap(report.verdict.reason, width)];
}

function legend(report: Comparison, width: number, look: Style): string[] {
  const rounds = report.detail?.rounds ?? 1;
  const parts = [
    `Each level × round ran in a fresh program, rounds interleaved, warm-up not counted; ${rounds > 1 ? `medians of ${rounds} rounds` : "one round"}, memory, stall and failures of the worst.`,
    `speed-up: over ${report.detail?.baseline ?? "serial"}, range of the rounds. p50, p99: running time of one item, waiting for a worker not counted. overhead: what the level adds to one item sent alone.`,
    "CPU, memory: the program with its children. stall: longest time its event loop stood still.",
  ];
  if (report.levels.some((row) => row.level === "coroutine"))
    parts.push(`coroutines: all items at once, at most ${grouped(coroutinesAtOnce)}.`);
  return wrap(parts.join(" "), width).map(look.dim);
}
