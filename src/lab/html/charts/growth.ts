// How a figure grows with size, level by level.
import type { Level } from "../../../contract/portable.ts";
import { html, type Markup } from "../markup.ts";
import { baseAxis, chart, key, levelStyle, mark, path, valueAxis } from "./drawing.ts";
import { linear, logarithmic } from "./scale.ts";

/** One level over sizes. */
export interface GrowthSeries {
  readonly level: Level;
  readonly name: string;
  readonly points: readonly { readonly size: number; readonly value: number }[];
}

/** The chart; sizes go on a logarithmic scale when they span more than a factor of twenty. */
export function growthChart(what: string, series: readonly GrowthSeries[], text: (value: number) => string): Markup {
  const sizes = series.flatMap(({ points }) => points.map(({ size }) => size));
  const top = series.reduce((most, { points }) => Math.max(most, ...points.map(({ value }) => value)), 0) || 1;
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const drawn = chart(
    `${what} by size: ${series.map(({ name, points }) => `${name} ${points.map(({ size, value }) => `${size}: ${text(value)}`).join(", ")}`).join("; ")}`,
    ({ width, narrow }) => {
      const height = narrow ? 200 : 240;
      const [left, right, bottom] = [narrow ? 64 : 80, width - 18, height - 30];
      const y = linear(0, top * 1.08, bottom, 12, 4);
      const x =
        low > 0 && high / low > 20 ? logarithmic(low, high, left + 8, right - 8) : linear(low, high, left + 8, right - 8, narrow ? 4 : 8);
      const whole = { ...x, ticks: x.ticks.filter(Number.isInteger) };
      const curves = series.map(({ level, name, points }) => {
        const sorted = [...points].sort((a, b) => a.size - b.size);
        const line = path(
          sorted.map(({ size, value }) => [x.at(size), y.at(value)]),
          `curve ${levelStyle(level)}`,
        );
        return html`${line}${sorted.map(({ size, value }) => mark(level, x.at(size), y.at(value), `${name}, ${size}: ${text(value)}`, 4))}`;
      });
      return { height, content: html`${valueAxis(y, left, right, text)}${baseAxis(whole, bottom, String)}${curves}` };
    },
  );
  return html`${drawn}${key(series.map(({ level, name }) => ({ level, text: name })))}`;
}
