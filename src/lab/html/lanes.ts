// The lanes of a comparison: a frame for the page's program to draw into, and what it draws, as numbers.
import { words } from "../compare/plan.ts";
import type { Comparison, Timeline } from "../report.ts";
import { grouped } from "../text/units.ts";
import { html, type Markup } from "./markup.ts";

/** One group of lanes, in columns; times are whole microseconds. */
export interface LaneData {
  readonly title: string;
  readonly level: string;
  readonly workers: readonly string[];
  /** Index into `workers`. */
  readonly worker: readonly number[];
  readonly item: readonly number[];
  readonly start: readonly number[];
  readonly length: readonly number[];
}

function timelinesOf({ detail }: Comparison): readonly Timeline[] {
  const timelines = detail?.traces ?? detail?.timelines ?? [];
  return timelines.filter(({ spans }) => spans.length > 0);
}

/** What the page's program draws. */
export function lanesData(report: Comparison): LaneData[] {
  return timelinesOf(report).map((timeline): LaneData => {
    const spans = timeline.spans.filter(({ startMs, endMs }) => Number.isFinite(startMs) && endMs >= startMs);
    const workers = [...new Set(spans.map(({ worker }) => worker))];
    const number = new Map(workers.map((worker, i) => [worker, i]));
    return {
      title: words(timeline),
      level: timeline.level,
      workers,
      worker: spans.map(({ worker }) => number.get(worker) ?? 0),
      item: spans.map(({ item }) => item),
      start: spans.map(({ startMs }) => Math.round(startMs * 1000)),
      length: spans.map(({ startMs, endMs }) => Math.round((endMs - startMs) * 1000)),
    };
  });
}

/** The frame, or undefined when there are no lanes. */
export function lanesFrame(report: Comparison): Markup | undefined {
  const timelines = timelinesOf(report);
  if (timelines.length === 0) return undefined;
  const most = timelines.reduce((sum, { spans }) => Math.max(sum, spans.length), 0);
  const which = most < report.inputs ? `The first ${grouped(most)} items.` : "All items.";
  return lanesTools(timelines.map(words).join(", "), which);
}

/** The frame and its tools; `which` says in a sentence what is drawn. */
export function lanesTools(titles: string, which: string): Markup {
  return html`<div class="lanes" id="lanes-view">
<div class="tools" role="toolbar" aria-label="Time shown">
<button type="button" data-do="in" aria-label="Zoom in">+</button><button type="button" data-do="out" aria-label="Zoom out">−</button><button type="button" data-do="left" aria-label="Earlier">←</button><button type="button" data-do="right" aria-label="Later">→</button><button type="button" data-do="all">All</button>
<output class="window" aria-live="polite"></output></div>
<canvas tabindex="0" role="img" aria-label="Lanes of ${titles}. Arrow keys move, plus and minus zoom, 0 shows all.">This picture needs its program, which is part of this page.</canvas>
<p class="under" aria-hidden="true"></p>
</div>
<p class="lead">${which} Drag to move, pinch or Ctrl + wheel to zoom, point at a bar for its times. Where many items share a pixel, its shade says how busy the worker was.</p>
<noscript><p>The lanes are drawn by a program, which is switched off.</p></noscript>`;
}
