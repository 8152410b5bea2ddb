// The distribution of the items' running times, as quantiles: read across for "how many were faster than this".
import type { Level } from "../../../contract/portable.ts";
import { duration } from "../../text/units.ts";
import { html, type Markup } from "../markup.ts";
import { baseAxis, chart, key, label, levelStyle, path, valueAxis } from "./drawing.ts";
import { linear, logarithmic } from "./scale.ts";

/** Quantiles of one level: `times[i]` is the time below which the share `shares[i]` lies, in ms. */
export interface LatencySeries {
  readonly level: Level;
  readonly name: string;
  readonly shares: readonly number[];
  readonly times: readonly number[];
}

/** The chart, or undefined when there is nothing to draw. Shares run on a scale that gives each further nine as much room. */
export function latencyChart(series: readonly LatencySeries[]): Markup | undefined {
  const positive = series.flatMap(({ times }) => times.filter((time) => time > 0));
  if (positive.length === 0) return undefined;
  const [low, high] = [positive.reduce((a, b) => Math.min(a, b)), positive.reduce((a, b) => Math.max(a, b))];
  const last = series.reduce((most, { shares }) => Math.max(most, shares.at(-1) ?? 0), 0);
  const drawn = chart(
    `Running time of an item by share of items: ${series.map(({ name, times, shares }) => `${name} ${duration(times[shares.indexOf(0.5)] ?? 0)} at the middle, ${duration(times.at(-1) ?? 0)} at the slowest`).join("; ")}`,
    ({ width, narrow }) => {
      const height = narrow ? 240 : 300;
      const [left, right, bottom] = [narrow ? 56 : 64, width - 22, height - 40];
      const y = logarithmic(low * 0.9, high * 1.1, bottom, 12);
      const nines = linear(0, nine(last), left, right);
      const ticks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999].filter((share) => (share === 0 ? !narrow : share <= last));
      const x = { at: (share: number) => nines.at(nine(share)), ticks };
      const name = (share: number) => (share === 0 ? "fastest" : `${Number((share * 100).toPrecision(6))} %`);
      const curves = series.map(({ level, name: title, shares, times }, i) => {
        const points = shares.map((share, k) => [x.at(share), y.at(times[k] ?? 0)] as const);
        return html`<g><title>${title}</title>${path(points, `curve ${levelStyle(level)} dash-${series.slice(0, i).filter((other) => other.level === level).length % 4}`)}</g>`;
      });
      return {
        height,
        content: html`${valueAxis(y, left, right, duration)}${baseAxis(x, bottom, name)}${curves}${label((left + right) / 2, height - 4, "share of items that were faster", "tick", "middle")}`,
      };
    },
  );
  const entries = series.map(({ level, name }, i) => ({
    style: `curve ${levelStyle(level)} dash-${series.slice(0, i).filter((other) => other.level === level).length % 4}`,
    text: name,
  }));
  return html`${drawn}${key(entries)}`;
}

/** 0.9 → 1, 0.99 → 2. */
function nine(share: number): number {
  return -Math.log10(Math.max(1 - share, 1e-6));
}
