// Where the time of a level goes: from the work divided evenly, past what makes it longer, to the time that was measured.
import type { Level } from "../../../contract/portable.ts";
import { duration } from "../../text/units.ts";
import { html, type Markup } from "../markup.ts";
import { baseAxis, chart, label, levelStyle, line } from "./drawing.ts";
import { linear, place } from "./scale.ts";

/** One level. Times in ms; the steps add up to `wallMs`. */
export interface Costs {
  readonly level: Level;
  readonly name: string;
  readonly wallMs: number;
  readonly range: string;
  readonly steps: readonly CostStep[];
}

/** What lengthens the run, or shortens it when below zero. */
export interface CostStep {
  readonly kind: "work" | "slower" | "waiting";
  readonly text: string;
  readonly ms: number;
}

/** The chart. */
export function waterfallChart(costs: readonly Costs[]): Markup {
  const longest = costs.reduce((most, { wallMs, steps }) => Math.max(most, wallMs, ...sums(steps)), 0);
  const words = costs.map(
    ({ name, wallMs, steps }) =>
      `${name} ${duration(wallMs)}: ${steps.map(({ text, ms }) => `${text} ${duration(Math.abs(ms))}`).join(", ")}`,
  );
  return chart(`Where the time goes. ${words.join("; ")}`, ({ width, narrow }) => {
    const [left, right] = [narrow ? 104 : 130, width - (narrow ? 62 : 150)];
    const x = linear(0, longest, left, right, narrow ? 3 : 6);
    const rowHeight = 44;
    const height = costs.length * rowHeight + 34;
    const rows = costs.map((each, row) => {
      const top = row * rowHeight + 6;
      let from = 0;
      const bars = each.steps.map(({ kind, text, ms }) => {
        const to = from + ms;
        const [a, b] = [Math.min(from, to), Math.max(from, to)];
        const bar = html`<rect class="step ${kind}${ms < 0 ? " gained" : ""} ${levelStyle(each.level)}" x="${place(x.at(a))}" y="${top + 4}" width="${Math.max(0.8, place(x.at(b) - x.at(a)))}" height="24"><title>${text}: ${ms < 0 ? "−" : ""}${duration(Math.abs(ms))}</title></rect>`;
        from = to;
        return bar;
      });
      const range = narrow || each.range === "" ? "" : ` (${each.range})`;
      return html`${label(left - 8, top + 21, each.name, "row-name", "end")}${bars}${line(x.at(each.wallMs), top, x.at(each.wallMs), top + 32, "end-line")}${label(x.at(each.wallMs) + 6, top + 21, `${duration(each.wallMs)}${range}`, "value")}`;
    });
    return { height, content: html`${rows}${baseAxis(x, height - 26, duration)}` };
  });
}

function sums(steps: readonly CostStep[]): number[] {
  let sum = 0;
  return steps.map(({ ms }) => {
    sum += ms;
    return sum;
  });
}
