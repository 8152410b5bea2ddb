// Values with their spread, one row each, on one scale: rounds as marks, what was foreseen as a bar.
import type { Level } from "../../../contract/portable.ts";
import { median } from "../../compare/statistics.ts";
import { html, type Markup } from "../markup.ts";
import { baseAxis, chart, label, levelStyle, line, mark } from "./drawing.ts";
import { linear, place } from "./scale.ts";

/** One row. */
export interface RangeRow {
  readonly level: Level;
  readonly name: string;
  /** What was measured, each time. */
  readonly samples: readonly number[];
  /** What was foreseen. */
  readonly foreseen?: { readonly value: number; readonly low: number; readonly high: number } | undefined;
  readonly chosen: boolean;
}

/** The chart; `text` writes a value. */
export function rangeChart(what: string, rows: readonly RangeRow[], text: (value: number) => string): Markup {
  const all = rows.flatMap(({ samples, foreseen }) => [...samples, ...(foreseen ? [foreseen.value, foreseen.high] : [])]);
  const longest = all.reduce((most, value) => Math.max(most, value), 0) || 1;
  const words = rows.map(
    ({ name, samples, foreseen }) =>
      `${name} ${samples.length > 0 ? text(median(samples)) : foreseen ? `foreseen ${text(foreseen.value)}` : ""}`,
  );
  return chart(`${what}: ${words.join(", ")}`, ({ width, narrow }) => {
    const [left, right] = [narrow ? 104 : 130, width - (narrow ? 62 : 90)];
    const x = linear(0, longest, left, right, narrow ? 3 : 6);
    const rowHeight = 34;
    const height = rows.length * rowHeight + 32;
    const grid = x.ticks.map((tick) => line(x.at(tick), 2, x.at(tick), height - 36, "grid"));
    const drawn = rows.map(({ level, name, samples, foreseen, chosen }, row) => {
      const y = row * rowHeight + 18;
      const middle = median(samples);
      const expected =
        foreseen === undefined
          ? ""
          : html`<g class="${levelStyle(level)}"><title>${name} foreseen: ${text(foreseen.value)} (${text(foreseen.low)}–${text(foreseen.high)})</title><rect class="foreseen" x="${place(x.at(foreseen.low))}" y="${y - 8}" width="${Math.max(2, place(x.at(foreseen.high) - x.at(foreseen.low)))}" height="16" rx="3"/>${line(x.at(foreseen.value), y - 8, x.at(foreseen.value), y + 8, "whisker")}</g>`;
      const marks = samples.map((sample, round) => mark(level, x.at(sample), y, `${name}, round ${round + 1}: ${text(sample)}`, 4.5));
      const middleLine =
        samples.length === 0 ? "" : html`<g class="${levelStyle(level)}">${line(x.at(middle), y - 11, x.at(middle), y + 11, "middle")}</g>`;
      const end = Math.max(middle, ...samples, foreseen?.high ?? 0);
      const value = samples.length > 0 ? middle : foreseen?.value;
      return html`${label(left - 8, y + 4, name, chosen ? "row-name chosen" : "row-name", "end")}${expected}${marks}${middleLine}${value === undefined ? "" : label(x.at(end) + 9, y + 4, text(value), "value")}`;
    });
    return { height, content: html`<g class="axis">${grid}</g>${drawn}${baseAxis(x, height - 26, text)}` };
  });
}
