// What the charts share: a picture for wide screens and one for phones, axes, marks whose shape tells as much as their colour.
import type { Level } from "../../../contract/portable.ts";
import { type Content, html, type Markup } from "../markup.ts";
import { place, type Scale } from "./scale.ts";

/** Room for one drawing, in units of about a pixel. */
export interface Room {
  readonly width: number;
  readonly narrow: boolean;
}

/** A chart for every screen: drawn twice, since text that shrinks with its picture cannot be read on a phone. `label` says what is seen. */
export function chart(label: string, draw: (room: Room) => { readonly height: number; readonly content: Content }): Markup {
  const drawn = (room: Room) => {
    const { height, content } = draw(room);
    return html`<svg class="${room.narrow ? "narrow" : "wide"}" viewBox="0 0 ${room.width} ${place(height)}" role="img" aria-label="${label}">${content}</svg>`;
  };
  return html`<div class="chart">${drawn({ width: 760, narrow: false })}${drawn({ width: 348, narrow: true })}</div>`;
}

/** Text at a place. */
export function label(x: number, y: number, text: string, style = "", anchor: "start" | "middle" | "end" = "start"): Markup {
  return html`<text class="${style}" x="${place(x)}" y="${place(y)}" text-anchor="${anchor}">${text}</text>`;
}

/** A line between two places. */
export function line(x1: number, y1: number, x2: number, y2: number, style: string): Markup {
  return html`<line class="${style}" x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}"/>`;
}

/** A line through many places. */
export function path(points: readonly (readonly [number, number])[], style: string): Markup {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${place(x)} ${place(y)}`).join("");
  return html`<path class="${style}" d="${d}"/>`;
}

/** Horizontal lines with their values, at the left. */
export function valueAxis(scale: Scale, left: number, right: number, text: (value: number) => string): Markup {
  return html`<g class="axis">${scale.ticks.map((tick) => {
    const y = scale.at(tick);
    return html`${line(left, y, right, y, "grid")}${label(left - 8, y + 4, short(text(tick)), "tick", "end")}`;
  })}</g>`;
}

/** Values below the picture. */
export function baseAxis(scale: Scale, bottom: number, text: (value: number) => string): Markup {
  return html`<g class="axis">${scale.ticks.map((tick) => label(scale.at(tick), bottom + 18, short(text(tick)), "tick", "middle"))}</g>`;
}

/** `1.00 s` → `1 s`: ticks are round. */
function short(text: string): string {
  return text.replace(/(\.\d*?)0+(?!\d)/, "$1").replace(/\.(?!\d)/, "");
}

/** The colour class of a level. */
export function levelStyle(level: Level): string {
  return `level-${level}`;
}

/** A mark of a level's own shape, with what it stands for. */
export function mark(level: Level, x: number, y: number, title: string, size = 5): Markup {
  const style = `mark ${levelStyle(level)}`;
  return html`<g class="${style}"><title>${title}</title>${shape(level, x, y, size)}</g>`;
}

function shape(level: Level, x: number, y: number, r: number): Markup {
  const points = (list: readonly (readonly [number, number])[]) =>
    html`<polygon points="${list.map(([dx, dy]) => `${place(x + dx * r)},${place(y + dy * r)}`).join(" ")}"/>`;
  switch (level) {
    case "coroutine":
      return points([
        [0, -1.2],
        [1.2, 0],
        [0, 1.2],
        [-1.2, 0],
      ]);
    case "thread":
      return points([
        [-0.9, -0.9],
        [0.9, -0.9],
        [0.9, 0.9],
        [-0.9, 0.9],
      ]);
    case "process":
      return points([
        [0, -1.15],
        [1.15, 0.85],
        [-1.15, 0.85],
      ]);
    default:
      return html`<circle cx="${place(x)}" cy="${place(y)}" r="${r}"/>`;
  }
}

/** The key of a chart: names beside their marks, as HTML that wraps. */
export function key(entries: readonly { readonly level?: Level; readonly style?: string; readonly text: string }[]): Markup {
  return html`<ul class="key">${entries.map(({ level, style, text }) => {
    const sign = level === undefined ? html`<line class="${style ?? ""}" x1="0" y1="7" x2="22" y2="7"/>` : mark(level, 11, 7, text);
    return html`<li><svg viewBox="0 0 22 14" aria-hidden="true">${sign}</svg>${text}</li>`;
  })}</ul>`;
}
