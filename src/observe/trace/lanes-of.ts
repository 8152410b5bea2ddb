// A trace as lanes: one group per worker, one bar per task from the start of its running to its end, dotted where it stood parked. The
// functions are letters in order of appearance, their tasks numbers: `|--A1--|··B1··|`.

import type { Span } from "../../contract/span.ts";
import { type LaneGroup, type LaneSpan, renderLanes } from "../lanes.ts";

/** Lanes of one worker; what stands side by side beyond that is counted in words. */
const lanesPerWorker = 8;

/** A bar in the making. */
interface Bar {
  readonly worker: string;
  readonly name: string;
  readonly startMs: number;
  endMs: number;
  readonly pauses: { readonly startMs: number; readonly endMs: number }[];
  end: Span["end"];
}

/** The lanes and their legend, none wider than `width`. Empty when nothing ran. */
export function lanesOf(spans: readonly Span[], { width = 80 }: { readonly width?: number | undefined } = {}): string {
  const bars = barsOf(spans);
  const letters = new Map<string, { readonly letter: string; count: number }>();
  const workers = new Map<string, LaneSpan[]>();
  for (const bar of bars) {
    const entry = letters.get(bar.name) ?? { letter: letterOf(letters.size), count: 0 };
    letters.set(bar.name, entry);
    const lane = workers.get(bar.worker) ?? [];
    workers.set(bar.worker, lane);
    lane.push({ ...bar, label: `${entry.letter}${++entry.count}`, key: letters.size - 1, close: closings[bar.end ?? "succeeded"] });
  }
  const groups: LaneGroup[] = [...workers].map(([title, lane]) => ({ title, spans: lane }));
  const lines = renderLanes(groups, { width, maxLanes: lanesPerWorker });
  if (lines.length === 0) return "";
  const words = [...letters].map(([name, { letter }]) => `${letter} ${name}`);
  if (bars.some((bar) => bar.pauses.length > 0)) words.push("· waits");
  if (bars.some((bar) => bar.end === "failed")) words.push("x failed");
  if (bars.some((bar) => bar.end === "cancelled")) words.push("/ cancelled");
  return [...lines, ...wrap(words, width)].join("\n");
}

const closings = { succeeded: "|", failed: "x", cancelled: "/" } as const;

/** The tasks that ran, by their start. */
function barsOf(spans: readonly Span[]): Bar[] {
  const bars = new Map<string, Bar>();
  for (const { id, worker, name, state, startMs, endMs, end } of spans) {
    if (state === "queued") continue;
    const bar = bars.get(id) ?? { worker, name, startMs, endMs, pauses: [], end };
    bars.set(id, bar);
    bar.endMs = endMs;
    bar.end = end;
    if (state === "parked") bar.pauses.push({ startMs, endMs });
  }
  return [...bars.values()].sort((a, b) => a.startMs - b.startMs);
}

/** A … Z, then AA, AB … */
function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/** Words in lines of at most `width` columns. */
function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    const longer = line === undefined ? word : `${line}   ${word}`;
    if (line !== undefined && [...longer].length <= width) lines[lines.length - 1] = longer;
    else lines.push([...word].slice(0, width).join(""));
  }
  return lines;
}
