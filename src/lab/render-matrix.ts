// The matrix for a terminal: one table for each group of rows, the levels side by side; why something has no value, and how it was measured.
import { machineLine } from "./machine.ts";
import { levelHasNone } from "./matrix/cells.ts";
import { matrixLevels } from "./matrix/experiment.ts";
import type { Matrix, MatrixRow, SampleRange } from "./report.ts";
import { keepStart, pad, seenWidth, wrap } from "./text/layout.ts";
import type { Style } from "./text/style.ts";
import { bandwidth, digits, duration, factor, grouped, memorySize } from "./text/units.ts";

type Shown = (typeof matrixLevels)[number];

/** Columns from which on there is room for where the middle half lies; narrower, half of it stands there as a share; then nothing. */
const roomForRanges = 100;
const roomForShares = 72;
/** Columns of ` ±12%`. */
const shareColumns = 5;

type Room = "ranges" | "shares" | "figures";

/** The blocks of the text, each a list of lines that fit `width`. */
export function matrixBlocks(matrix: Matrix, width: number, look: Style): string[][] {
  const notes = new Footnotes();
  const room = width >= roomForRanges ? "ranges" : width >= roomForShares ? "shares" : "figures";
  const levels = matrixLevels.filter((level) => matrix.rows.some(({ values, missing }) => level in values || level in (missing ?? {})));
  const cells = new Map(matrix.rows.map((row) => [row, levels.map((level) => cell(row, level, room, look, notes))]));
  const gap = room === "figures" ? 1 : 2;
  const widths = levels.map((level, i) => Math.max(level.length, ...[...cells.values()].map((row) => seenWidth(row[i] ?? ""))));
  const left = width - widths.reduce((sum, each) => sum + each + gap, 0);
  const names = Math.min(left, Math.max(...matrix.rows.map(({ title }) => seenWidth(title))));
  const line = (first: string, rest: readonly string[]) =>
    (
      pad(keepStart(first, names), names, "left") + rest.map((text, i) => " ".repeat(gap) + pad(text, widths[i] ?? 0, "right")).join("")
    ).trimEnd();
  const tables = [...new Set(matrix.rows.map(({ group }) => group ?? ""))].map((group) => [
    look.dim(line(group, levels)),
    ...matrix.rows.filter((row) => (row.group ?? "") === group).map((row) => line(row.title, cells.get(row) ?? [])),
  ]);
  return [
    heading(matrix, width, look),
    ...tables,
    ...curves(matrix, width, look),
    notes.lines(width).map((text) => look.dim(text)),
    matrix.interrupted ? [look.warn("Interrupted: only what had finished is shown.")] : [],
    legend(matrix, width, look),
  ];
}

function heading(matrix: Matrix, width: number, look: Style): string[] {
  const { quick, rounds = 1, seed, tookMs, versions = {} } = matrix;
  const how = [
    quick ? "a quick look" : undefined,
    `${rounds} ${rounds === 1 ? "round" : "rounds"}`,
    tookMs === undefined ? undefined : duration(tookMs),
    seed === undefined ? undefined : `seed ${seed}`,
    versions["brigade"] === undefined ? undefined : `brigade ${versions["brigade"]}`,
  ];
  return [
    look.bold("Coroutine, thread, process, measured here"),
    ...wrap(`${machineLine(matrix.machine)} · ${how.filter((part) => part !== undefined).join(" · ")}`, width).map(look.dim),
  ];
}

function cell(row: MatrixRow, level: Shown, room: Room, look: Style, notes: Footnotes): string {
  const value = row.values[level];
  const alone = (text: string) => text + (room === "shares" ? " ".repeat(shareColumns) : "");
  if (value === undefined) {
    const why = row.missing?.[level];
    return why === undefined || why === levelHasNone ? alone("–") : `– ${notes.mark(why)}`;
  }
  const words = row.words?.[level];
  if (row.unit === "survives") return survival(value, words, look, notes);
  if (row.unit === "threads" && words !== undefined) return value >= 1.5 ? `${words} ×${Math.round(value)}` : words;
  const text = figure(value, row.unit);
  const spread = row.spread?.[level];
  if (spread === undefined || (row.samples?.[level]?.length ?? 0) < 2 || room === "figures") return alone(text);
  if (room === "ranges") return `${text} ${look.dim(range(spread, row.unit))}`;
  return `${text} ${look.dim(share(spread, value).padEnd(shareColumns - 1))}`;
}

/** Half of where the middle half lies, as a share of the figure; as a multiple where it is more than the whole. */
function share({ low, high }: SampleRange, value: number): string {
  const half = value === 0 ? 0 : (high - low) / 2 / value;
  return half < 0.995 ? `±${Math.round(half * 100)}%` : `±${Math.min(99, Math.round(half))}×`;
}

function survival(value: number, words: string | undefined, look: Style, notes: Footnotes): string {
  const mark = words === undefined ? "" : ` ${notes.mark(words)}`;
  return (value === 1 ? look.good("yes") : look.warn("no")) + mark;
}

/** A figure with its unit. */
function figure(value: number, unit: string): string {
  switch (unit) {
    case "ms":
      return duration(value);
    case "µs":
      return duration(value / 1e3);
    case "ns":
    case "ns/KB":
      return duration(value / 1e6);
    case "bytes":
      return memorySize(value);
    case "units":
      return grouped(value);
    case "MB/s":
      return bandwidth(value);
    case "times":
      return `${factor(value)}×`;
    case "share":
      return `${Math.round(value * 100)}%`;
    default:
      return digits(value);
  }
}

/** The same, shorter, for a range. */
function bare(value: number, unit: string): string {
  return figure(value, unit).replace(/\/s$/, "").replace(" ", "");
}

/** Both ends of a range, the unit once where it is the same. */
function range({ low, high }: SampleRange, unit: string): string {
  const [from, to] = [bare(low, unit), bare(high, unit)];
  const suffix = /[^\d.,]+$/.exec(to)?.[0] ?? "";
  return `${from.endsWith(suffix) ? from.slice(0, from.length - suffix.length) : from}–${to}`;
}

function curves(matrix: Matrix, width: number, look: Style): string[][] {
  return matrix.rows.flatMap(({ title, series = {}, unit }) => {
    const levels = matrixLevels.filter((level) => (series[level]?.length ?? 0) > 1);
    const sizes = [...new Set(levels.flatMap((level) => series[level]?.map(({ size }) => size) ?? []))];
    if (sizes.length === 0) return [];
    const first = Math.max(...levels.map((level) => level.length));
    const each = Math.min(8, Math.floor((width - first) / sizes.length));
    const line = (name: string, texts: readonly string[]) => name.padEnd(first) + texts.map((text) => text.padStart(each)).join("");
    const at = (level: Shown, size: number) => series[level]?.find((point) => point.size === size)?.value;
    return [
      [
        look.dim(`${title}, by the number of units`),
        look.dim(line("", sizes.map(String))),
        ...levels.map((level) =>
          line(
            level,
            sizes.map((size) => figure(at(level, size) ?? 0, unit)),
          ),
        ),
      ],
    ];
  });
}

function legend(matrix: Matrix, width: number, look: Style): string[] {
  const general = [
    "Each experiment on each level ran in a fresh program, in an order shuffled by the seed.",
    `Figures are medians of ${(matrix.rounds ?? 1) > 1 ? `${matrix.rounds} rounds` : "the samples of one round"}; beside them, where the middle half of these lies (±: half of its width, as a share or a multiple).`,
    ...(matrix.remarks ?? []),
  ];
  const told = new Map<string, string[]>();
  for (const { title, note } of matrix.rows) if (note !== undefined) told.set(note, [...(told.get(note) ?? []), title]);
  const each = [...told].map(([note, titles]) => `${shortest(titles)}: ${note}`);
  return [...wrap(general.join(" "), width), ...each.flatMap((text) => wrap(text, width))].map((text) => look.dim(text));
}

/** The one title, or what several begin with. */
function shortest(titles: readonly string[]): string {
  const [first = "", second] = titles;
  if (second === undefined) return first;
  const colon = first.indexOf(":");
  return colon > 0 ? first.slice(0, colon) : titles.join(", ");
}

/** Reasons with numbers, each once. */
class Footnotes {
  readonly #notes: string[] = [];

  mark(text: string): string {
    if (!this.#notes.includes(text)) this.#notes.push(text);
    return `[${this.#notes.indexOf(text) + 1}]`;
  }

  lines(width: number): string[] {
    return this.#notes.flatMap((text, i) => {
      const mark = `[${i + 1}] `;
      return wrap(text, width - mark.length).map((part, row) => (row === 0 ? mark : " ".repeat(mark.length)) + part);
    });
  }
}
