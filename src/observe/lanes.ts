// The lanes of the seeds, `|--A1--|--B1--|`: time runs to the right, one lane per worker, one bar per stretch of work. All
// lanes share one scale, so a shorter picture is a faster one. Stretches that overlap on one worker — coroutines that wait
// side by side — stand one below the other. Placement is interval partitioning, greedy by start.

/** One stretch of work. Times in ms since the picture's zero. */
export interface LaneSpan {
  readonly worker: string;
  /** Drawn in the bar where it fits. */
  readonly label: string;
  /** What the bar's colour stands for. */
  readonly key: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Where it only waited: dotted. In order. */
  readonly pauses?: readonly { readonly startMs: number; readonly endMs: number }[] | undefined;
  /** The border at its end; default `|`. */
  readonly close?: string | undefined;
}

/** Lanes under one title. */
export interface LaneGroup {
  readonly title: string;
  readonly spans: readonly LaneSpan[];
}

/** How to draw. */
export interface LanesOptions {
  /** Columns in all; default 80. */
  readonly width?: number | undefined;
  /** Lanes of one group at most; the others are counted in words. Default 6. */
  readonly maxLanes?: number | undefined;
  /** Colours a bar; default plain. */
  readonly paint?: ((text: string, key: number) => string) | undefined;
  /** Colours what is not a bar; default plain. */
  readonly quiet?: ((text: string) => string) | undefined;
  /** Writes the length of the whole; default milliseconds. */
  readonly duration?: ((ms: number) => string) | undefined;
}

const gap = 2;
const narrowest = 20;

/** Draws groups of lanes and the scale below them, none wider than `width`. Empty when there is nothing to draw. */
export function renderLanes(groups: readonly LaneGroup[], options: LanesOptions = {}): string[] {
  const { width = 80, maxLanes = 6, paint = plain, quiet = plain, duration = (ms: number) => `${Math.round(ms)} ms` } = options;
  const endMs = groups.reduce((latest, group) => group.spans.reduce((end, span) => Math.max(end, span.endMs), latest), 0);
  if (endMs <= 0) return [];
  const titleWidth = Math.max(...groups.map((group) => [...group.title].length));
  const columns = Math.max(narrowest, width - titleWidth - gap);
  const scale = (columns - 1) / endMs;
  const margin = " ".repeat(titleWidth + gap);
  const lines = groups.flatMap((group) => {
    const lanes = partition(group.spans);
    const drawn = lanes
      .slice(0, maxLanes)
      .map((lane, i) => (i === 0 ? `${group.title.padEnd(titleWidth + gap)}` : margin) + bar(lane, scale, paint, quiet));
    const hidden = lanes.length - drawn.length;
    return hidden > 0 ? [...drawn, `${margin}${quiet(`… and ${hidden} more at the same time`)}`] : drawn;
  });
  const length = duration(endMs);
  lines.push(margin + quiet(`0${length.padStart(columns - 1)}`));
  return lines;
}

/** Lanes so that no two spans of one lane overlap: workers apart, each span in the first lane that is free when it starts. */
function partition(spans: readonly LaneSpan[]): LaneSpan[][] {
  const workers = new Map<string, LaneSpan[][]>();
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const lanes = workers.get(span.worker) ?? [];
    workers.set(span.worker, lanes);
    // clocks of workers are read by different threads: what overlaps by less than this does not overlap
    const toleranceMs = Math.min(0.25, (span.endMs - span.startMs) / 4);
    const free = lanes.find((lane) => (lane.at(-1)?.endMs ?? 0) <= span.startMs + toleranceMs);
    if (free === undefined) lanes.push([span]);
    else free.push(span);
  }
  return [...workers.values()].flat();
}

/** One lane. Borders sit on columns; what is narrower than its label shows dashes, what is narrower than a column one border. */
function bar(
  lane: readonly LaneSpan[],
  scale: number,
  paint: (text: string, key: number) => string,
  quiet: (text: string) => string,
): string {
  let text = "";
  let column = 0;
  for (const span of lane) {
    const from = Math.max(column === 0 ? 0 : column - 1, Math.round(span.startMs * scale));
    const to = Math.max(from, Math.round(span.endMs * scale));
    if (from >= column) {
      text += " ".repeat(from - column) + quiet("|");
      column = from + 1;
    }
    const inside = to - column;
    if (inside > 0) text += paint(fill(span, inside, column, scale), span.key);
    const { close = "|" } = span;
    if (to >= column) {
      text += quiet(close);
      column = to + 1;
    } else if (close !== "|") {
      // Both borders on one column: the end says more than the beginning.
      text = text.slice(0, text.lastIndexOf("|")) + quiet(close);
    }
  }
  return text;
}

/** What stands between the borders: `width` columns from `column` on. */
function fill({ label, pauses = [] }: LaneSpan, width: number, column: number, scale: number): string {
  const name = [...label];
  const cells = Array.from({ length: width }, () => "-");
  for (const { startMs, endMs } of pauses) {
    // A pause shorter than a column is not shown: the bar would say that it did nothing else.
    const from = Math.round(startMs * scale) - column;
    cells.fill("·", Math.max(0, from), Math.max(0, Math.round(endMs * scale) - column));
  }
  if (name.length <= width) cells.splice((width - name.length) >> 1, name.length, ...name);
  return cells.join("");
}

/** `A1` … `Z1`, `A2` …: the seeds' names for the first items. */
export function itemLabel(index: number): string {
  return `${String.fromCharCode(65 + (index % 26))}${Math.floor(index / 26) + 1}`;
}

function plain(text: string): string {
  return text;
}
