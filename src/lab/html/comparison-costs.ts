// From a comparison to where the time of each level went.
import { words } from "../compare/plan.ts";
import type { Comparison, ComparisonRow } from "../report.ts";
import { duration } from "../text/units.ts";
import { type Costs, waterfallChart } from "./charts/waterfall.ts";
import { html, type Markup } from "./markup.ts";
import { rangeOf } from "./parts.ts";

/** The waterfall of the levels whose items run one at a time per worker; coroutines overlap, so their running times cannot be added up. Undefined
 *  without a serial row, or when running times were not kept. */
export function comparisonCosts(report: Comparison, measured: readonly ComparisonRow[]): Markup | undefined {
  const busyOf = (row: ComparisonRow) => report.detail?.busyMs?.[report.levels.indexOf(row)];
  const serial = measured.find((row) => row.level === "serial");
  const serialBusyMs = serial && busyOf(serial);
  if (serialBusyMs === undefined) return undefined;
  const costs = measured
    .filter((row) => row.level !== "coroutine")
    .flatMap((row): Costs[] => {
      const busyMs = busyOf(row);
      if (busyMs === undefined) return [];
      const work = serialBusyMs / row.size;
      const slower = (busyMs - serialBusyMs) / row.size;
      return [
        {
          level: row.level,
          name: words(row),
          wallMs: row.wallMs,
          range: rangeOf(row.samplesMs, duration),
          steps: [
            { kind: "work", text: row.size > 1 ? `the work, divided by ${row.size}` : "the work", ms: work },
            { kind: "slower", text: slower < 0 ? "items run shorter than with serial" : "items run longer than with serial", ms: slower },
            { kind: "waiting", text: "hand-over, and workers that wait", ms: row.wallMs - work - slower },
          ],
        },
      ];
    });
  if (costs.length === 0) return undefined;
  const sign = (kind: string, text: string) =>
    html`<li><svg viewBox="0 0 22 14" aria-hidden="true"><rect class="step ${kind} level-thread" x="1" y="1" width="20" height="12"/></svg>${text}</li>`;
  return html`${waterfallChart(costs)}<ul class="key">${sign("work", "the work, divided by the workers")}${sign("slower", "items run longer than with serial (dashed: shorter)")}${sign("waiting", "hand-over, and workers that wait")}</ul>`;
}
