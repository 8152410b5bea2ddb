// The verdict: the lightest level that is not clearly beaten, and why, in plain words. A heavier level must earn its place:
// more than `worthwhile` times faster, and in every round — a gain inside the spread is weather.
import type { ComparisonRow, Difference, Verdict } from "../report.ts";
import { duration } from "../text/units.ts";
import { words } from "./plan.ts";
import { pairedSpeedups, separated, spread } from "./statistics.ts";

/** Times faster that a heavier level must be before it is recommended. */
export const worthwhile = 1.2;

/** Spread of one level's rounds, largest over smallest, that speaks of a busy machine; runs too short to tell are left out. */
const restless = 1.5;
const shortestMs = 20;

/** Times slower that a level may be to be recommended for the calm it gives. */
const bearable = 1.5;

/** A stall that users of a service notice. */
const noticeableMs = 50;

/** Judges rows in the order of the table, lightest first, over `items` inputs. */
export function judge(rows: readonly ComparisonRow[], items: number, difference: Difference | undefined): Verdict {
  const sound = rows.filter((row) => row.failure === undefined && row.samplesMs.length > 0);
  const [lightest] = sound;
  if (lightest === undefined) {
    const first = rows[0];
    return {
      level: first?.level ?? "serial",
      size: first?.size ?? 1,
      reason:
        first === undefined
          ? "Nothing was measured."
          : `No level could be measured. ${words(first)}: ${first.failure ?? "no round finished"}.`,
    };
  }
  const fewestFailures = sound.reduce((least, row) => Math.min(least, row.failed), Number.POSITIVE_INFINITY);
  // faster at failing is not faster, nor is faster at something else
  const stable = difference?.unstable !== true;
  const eligible = sound.filter((row) => row.failed === fewestFailures && (row.equal || !stable || row === lightest));
  const best = eligible.reduce((chosen, row) => (beats(row, chosen) ? row : chosen));
  const reason = [
    ...warnings(rows, lightest, difference),
    failures(fewestFailures, items),
    gain(best, lightest),
    ...(best === lightest ? [fastestOther(best, eligible)] : [lighterAlternative(best, eligible), heavierAlternative(best, eligible)]),
    stalls(best, sound),
    memory(best, eligible),
    weather(lightest),
  ].filter((sentence) => sentence !== "");
  return { level: best.level, size: best.size, reason: reason.join(" ") };
}

function beats(row: ComparisonRow, chosen: ComparisonRow): boolean {
  return chosen.wallMs / row.wallMs > worthwhile && separated(row.samplesMs, chosen.samplesMs);
}

function warnings(rows: readonly ComparisonRow[], lightest: ComparisonRow, difference: Difference | undefined): string[] {
  const sentences: string[] = [];
  if (difference?.unstable) {
    sentences.push(
      `Warning: the results are not comparable: ${words(lightest)} itself gives another result each time it runs (input ${difference.item + 1}, ${difference.path}).`,
    );
  } else if (difference !== undefined) {
    const others = rows.filter((row) => !row.equal && row.failure === undefined).length - 1;
    const more = others > 0 ? ` (and ${others} more ${others === 1 ? "row" : "rows"})` : "";
    sentences.push(
      `Warning: the results are not equal: ${words(difference)}${more} differs from ${words(lightest)}, first at input ${difference.item + 1}, ${difference.path}.`,
    );
  }
  for (const row of rows) if (row.failure !== undefined) sentences.push(`${capital(words(row))} could not be measured: ${row.failure}.`);
  return sentences;
}

function failures(count: number, items: number): string {
  if (count === 0) return "";
  return count >= items ? "Warning: every item failed; the figures are those of failing." : `${count} of ${items} items failed.`;
}

function gain(best: ComparisonRow, lightest: ComparisonRow): string {
  if (best === lightest)
    return `${capital(words(best))} ${verb(best, "is", "are")} enough: nothing heavier is more than ${worthwhile}× faster in every round.`;
  return `${capital(words(best))}: ${times(best, lightest)} faster than ${words(lightest)}${range(best, lightest)}.`;
}

/** Why the fastest of the others does not win. */
function fastestOther(best: ComparisonRow, rows: readonly ComparisonRow[]): string {
  const other = fastest(rows.filter((row) => row !== best));
  if (other === undefined) return "";
  return `The fastest of the others, ${words(other)}, ${verb(other, "reaches", "reach")} ${times(other, best)}${range(other, best)}.`;
}

/** What a lighter level reaches, when the chosen one is heavy. */
function lighterAlternative(best: ComparisonRow, rows: readonly ComparisonRow[]): string {
  const lighter = fastest(rows.slice(1, rows.indexOf(best)));
  return lighter === undefined ? "" : `${capital(words(lighter))} ${verb(lighter, "reaches", "reach")} ${times(lighter, rows[0] ?? best)}.`;
}

/** What a heavier level would cost and give. */
function heavierAlternative(best: ComparisonRow, rows: readonly ComparisonRow[]): string {
  const heavier = fastest(rows.slice(rows.indexOf(best) + 1).filter((row) => row.level !== best.level));
  if (heavier === undefined) return "";
  const factor = best.wallMs / heavier.wallMs;
  const comparison =
    factor < 0.95
      ? `${verb(heavier, "is", "are")} slower (${(1 / factor).toFixed(1)}× the time)`
      : `${verb(heavier, "gives", "give")} nothing more`;
  const extra = Math.round(heavier.peakRssMB - best.peakRssMB);
  return `${capital(words(heavier))} ${comparison}${extra >= 10 ? ` and ${verb(heavier, "takes", "take")} ${extra} MB more` : ""}.`;
}

/** A level that leaves the event loop free may be right even when it is no faster. */
function stalls(best: ComparisonRow, rows: readonly ComparisonRow[]): string {
  const worst = rows.reduce((most, row) => (row.loopStallMs > most.loopStallMs ? row : most), best);
  if (worst.loopStallMs < noticeableMs) return "";
  const froze = (row: ComparisonRow) => `${capital(words(row))} froze the event loop for ${duration(row.loopStallMs)}`;
  const isCalm = (row: ComparisonRow) => row.loopStallMs < noticeableMs && row.loopStallMs < worst.loopStallMs / 4;
  if (isCalm(best)) return `${froze(worst)}, ${words(best)} never longer than ${duration(best.loopStallMs)}.`;
  // freedom at several times the wall time is no trade to recommend
  const free = rows.filter((row) => isCalm(row) && row.wallMs <= best.wallMs * bearable);
  const calm = fastest(free.filter((row) => row.level === free[0]?.level));
  if (calm === undefined) return `${froze(best)}.`;
  return `${froze(best)}, ${words(calm)} never longer than ${duration(calm.loopStallMs)}: where the program must stay responsive, take ${words(calm)} all the same.`;
}

/** One level measured against itself tells how still the machine was. */
function weather(lightest: ComparisonRow): string {
  const { min, max } = spread(lightest.samplesMs);
  if (min < shortestMs || max / min < restless) return "";
  return `The rounds of ${words(lightest)} alone differ by a factor of ${factor(max / min)}: the machine was busy with other things, so take these figures with care.`;
}

function memory(best: ComparisonRow, rows: readonly ComparisonRow[]): string {
  const [lightest] = rows;
  if (lightest === undefined || best === lightest) return "";
  const extra = Math.round(best.peakRssMB - lightest.peakRssMB);
  return extra >= 10 ? `The price: ${extra} MB more memory than ${words(lightest)}.` : "";
}

function fastest(rows: readonly ComparisonRow[]): ComparisonRow | undefined {
  return rows.reduce<ComparisonRow | undefined>(
    (least, row) => (least === undefined || row.wallMs < least.wallMs ? row : least),
    undefined,
  );
}

function times(row: ComparisonRow, other: ComparisonRow): string {
  return `${factor(other.wallMs / row.wallMs)}×`;
}

function range(row: ComparisonRow, other: ComparisonRow): string {
  const speedups = pairedSpeedups(other.samplesMs, row.samplesMs);
  if (speedups.length < 2) return "";
  const { min, max } = spread(speedups);
  return ` (${factor(min)}–${factor(max)}× over ${speedups.length} rounds)`;
}

function factor(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 0.95 ? value.toFixed(1) : value.toFixed(2);
}

function verb(row: ComparisonRow, singular: string, plural: string): string {
  return row.level === "serial" ? singular : plural;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
