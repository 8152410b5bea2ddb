// What the trial has taught the forecasts. The cost model knows the machine by empty tasks and plain computing; what it leaves out
// (caches, collectors that meet, a compiler that is not done) stretches a level by some factor, and the trial has seen that factor for the
// levels that were tried. Pure.
import { type Configuration, isLocal, isSameRow } from "../compare/plan.ts";
import type { AdviceForecast, ComparisonRow } from "../report.ts";

/** The forecasts `overInputs`, each times what the trial took over what had been foreseen for it (`overTrial`). A level and size that was
 *  not tried takes the factor of its nearest kin that was: another size of its level, the other level of workers, the simplest. */
export function afterTrial(
  overInputs: readonly AdviceForecast[],
  overTrial: readonly AdviceForecast[],
  rows: readonly ComparisonRow[],
): AdviceForecast[] {
  const tried = rows.flatMap((row) => {
    const foreseen = overTrial.find((each) => isSameRow(each, row));
    const isKnown = row.failure === undefined && row.wallMs > 0 && foreseen !== undefined && foreseen.wallMs > 0;
    return isKnown ? [{ level: row.level, size: row.size, times: row.wallMs / foreseen.wallMs }] : [];
  });
  return overInputs.map((each) => {
    const [kin] = [...tried].sort((a, b) => distance(each, a) - distance(each, b));
    if (kin === undefined) return each;
    const { times } = kin;
    return { ...each, wallMs: each.wallMs * times, lowMs: each.lowMs * times, highMs: each.highMs * times };
  });
}

/** More than any size. */
const mostWorkers = 2 ** 20;

/** How far two are apart: level before size. */
function distance(a: Configuration, b: Configuration): number {
  if (isSameRow(a, b)) return 0;
  if (isLocal(a.level) !== isLocal(b.level)) return Number.MAX_SAFE_INTEGER;
  return Math.abs(a.size - b.size) + (a.level === b.level ? 1 : mostWorkers);
}
