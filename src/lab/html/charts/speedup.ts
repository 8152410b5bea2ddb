// Speed-up over the number of workers, beside what would be ideal and the law that fits.
import type { Level } from "../../../contract/portable.ts";
import { median, spread } from "../../compare/statistics.ts";
import { factor } from "../../text/units.ts";
import { capacityAt, fitScale, type ScaleFit } from "../../usl.ts";
import { html, type Markup } from "../markup.ts";
import { baseAxis, chart, key, label, levelStyle, line, mark, path, valueAxis } from "./drawing.ts";
import { linear } from "./scale.ts";

/** One level over sizes. */
export interface SpeedupSeries {
  readonly level: Level;
  readonly name: string;
  readonly points: readonly { readonly size: number; readonly speedups: readonly number[] }[];
}

interface Fitted extends SpeedupSeries {
  readonly fit: ScaleFit | undefined;
  /** Speed-up of one worker, which the law is in times of. */
  readonly one: number;
}

/** The chart with its key and, in words, what was fitted. Undefined when no level has more than one size. */
export function speedupChart(series: readonly SpeedupSeries[], baseline: string): Markup | undefined {
  const fitted = series.filter(({ points }) => points.length > 1).map(fit);
  if (fitted.length === 0) return undefined;
  const sizes = fitted.flatMap(({ points }) => points.map(({ size }) => size));
  const most = Math.max(...sizes);
  const values = fitted.flatMap(({ points }) => points.flatMap(({ speedups }) => speedups));
  const top = Math.max(1.1, Math.min(most, Math.max(...values) * 1.6), Math.max(...values) * 1.12);
  const drawn = chart(`Speed-up over ${baseline} by the number of workers: ${fitted.map(inWords).join("; ")}`, ({ width, narrow }) => {
    const height = narrow ? 240 : 320;
    const [left, right, bottom] = [narrow ? 34 : 46, width - 16, height - 40];
    const x = linear(Math.min(1, ...sizes) - 0.15, most + 0.15, left, right, Math.min(most, narrow ? 4 : 8));
    const whole = { ...x, ticks: x.ticks.filter((tick) => Number.isInteger(tick) && tick >= 1) };
    const y = linear(0, top, bottom, 14);
    const reach = Math.min(most, top);
    const curves = fitted.map(({ level, fit, one }) => {
      if (fit === undefined) return undefined;
      const steps = Array.from({ length: 49 }, (_, i) => 1 + ((most - 1) * i) / 48);
      return path(
        steps.map((n) => [x.at(n), y.at(one * capacityAt(n, fit))]),
        `fit ${levelStyle(level)}`,
      );
    });
    const marks = fitted.flatMap(({ level, name, points }, i) =>
      points.map(({ size, speedups }) => {
        const { min, max } = spread(speedups);
        const at = x.at(size) + (i - (fitted.length - 1) / 2) * 9;
        const words = `${name} × ${size}: ${factor(median(speedups))}× (${factor(min)}–${factor(max)}×)`;
        const whisker = html`<g class="${levelStyle(level)}">${line(at, y.at(min), at, y.at(max), "whisker")}${line(at - 4, y.at(min), at + 4, y.at(min), "whisker")}${line(at - 4, y.at(max), at + 4, y.at(max), "whisker")}</g>`;
        return html`${whisker}${mark(level, at, y.at(median(speedups)), words)}`;
      }),
    );
    return {
      height,
      content: html`${valueAxis(y, left, right, (value) => `${factor(value)}×`)}${baseAxis(whole, bottom, String)}
${line(x.at(1), y.at(1), x.at(reach), y.at(reach), "ideal")}${line(left, y.at(1), right, y.at(1), "level-line")}
${curves}${marks}${label((left + right) / 2, height - 4, "workers", "tick", "middle")}`,
    };
  });
  const entries = [
    ...fitted.map(({ level, name }) => ({ level, text: name })),
    { style: "ideal", text: "ideal: as many times as workers" },
    { style: "fit", text: "fitted law" },
  ];
  return html`${drawn}${key(entries)}<ul class="notes">${fitted.map((each) => html`<li>${each.name}: ${inFit(each)}</li>`)}</ul>`;
}

function fit(series: SpeedupSeries): Fitted {
  const first = series.points.find(({ size }) => size === 1);
  const one = first === undefined ? 1 : median(first.speedups);
  const points = series.points.flatMap(({ size, speedups }) => speedups.map((speedup) => ({ n: size, capacity: speedup / one })));
  return { ...series, one, fit: fitScale(points) };
}

function inWords({ name, points }: SpeedupSeries): string {
  return points.map(({ size, speedups }) => `${name} × ${size} ${factor(median(speedups))} times`).join(", ");
}

function inFit({ fit, one }: Fitted): string {
  if (fit === undefined) return "too few sizes to fit anything.";
  const share = (value: number) => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
  const first = `one worker does ${factor(one)}× the baseline; ${share(fit.contention)} of the work is one at a time (contention)`;
  const second =
    fit.sizes < 2
      ? "; two sizes cannot tell coherence, so this is Amdahl's law"
      : `, coherence ${share(fit.coherence)}${Number.isFinite(fit.best) ? `, most gets done with about ${Math.max(1, Math.round(fit.best))} workers` : ""}`;
  return `${first}${second}. ${fit.sizes < 5 ? `A fit over ${fit.sizes + 1} sizes shows a tendency, no more.` : ""}`.trim();
}
