// From forecasts and a trial to a recommendation. Pure. Whoever is not the simplest must earn it: more than `worthwhile` times faster, and
// so in every resample of the rounds — or let the event loop turn where the simplest would hold it for long.
import { type Configuration, isLocal } from "../compare/plan.ts";
import { median, pairedSpeedups } from "../compare/statistics.ts";
import { worthwhile } from "../compare/verdict.ts";
import type { ComparisonRow } from "../report.ts";
import { noticeableMs } from "./candidates.ts";
import { bootstrap } from "./confidence.ts";
import type { MachineConstants } from "./constants.ts";
import { fewestRounds } from "./enough.ts";
import type { Interval, Profile } from "./profile.ts";

/** What is recommended, and what has decided. */
export interface Decision extends Configuration {
  readonly chunk: number;
  /** Speed-up over the simplest in the trial, round by round, with its confidence. */
  readonly speedup: number;
  readonly interval: Interval;
  readonly because: "simplest" | "faster" | "calmer";
}

/** How many times faster a level must be then: more than rounds of one level differ. */
const beyondSpread = 1.6;

/** Times slower than the best that a level may be for the sake of an event loop that turns. */
const bearable = 1.1;

/** What the forecasts say of a row of the trial. */
export interface Outlook {
  /** How many times longer it takes over all inputs than over the calls of the trial: what overlaps grows less than what does not. */
  growth(row: Configuration): number;
  /** How long it takes at best, in ms. */
  atBestMs(row: Configuration): number;
}

/** Chooses among the rows of a trial, in the order from light to heavy. `undefined` when none was measured. */
export function decide(
  profile: Profile,
  machine: MachineConstants,
  rows: readonly ComparisonRow[],
  outlook: Outlook,
): Decision | undefined {
  const measured = rows
    .filter((row) => row.failure === undefined && row.samplesMs.length > 0)
    .map((row) => grown(row, outlook.growth(row)));
  const [simplest] = measured;
  if (simplest === undefined) return undefined;
  const fewestFailures = measured.reduce((least, row) => Math.min(least, row.failed), Number.POSITIVE_INFINITY);
  const sound = measured.filter((row) => row === simplest || (row.failed === fewestFailures && (row.equal || isLocal(row.level))));
  const fastest = sound.reduce((chosen, row) => (beats(row, chosen, outlook) ? row : chosen), simplest);
  const calm = isLocal(fastest.level) && profile.longestSyncMs > noticeableMs ? calmest(sound, fastest) : undefined;
  const chosen = calm ?? fastest;
  const trial = (row: ComparisonRow) => rows.find(({ level, size }) => level === row.level && size === row.size)?.samplesMs ?? [];
  const speedups = pairedSpeedups(trial(simplest), trial(chosen));
  return {
    level: chosen.level,
    size: chosen.size,
    chunk: chunkFor(profile, machine, chosen),
    speedup: chosen === simplest ? 1 : median(speedups),
    interval: chosen === simplest ? { low: 1, high: 1 } : bootstrap(speedups, median),
    because: calm !== undefined ? "calmer" : chosen === simplest ? "simplest" : "faster",
  };
}

function grown(row: ComparisonRow, times: number): ComparisonRow {
  return times === 1 ? row : { ...row, wallMs: row.wallMs * times, samplesMs: row.samplesMs.map((ms) => ms * times) };
}

function beats(row: ComparisonRow, chosen: ComparisonRow, outlook: Outlook): boolean {
  const speedups = pairedSpeedups(chosen.samplesMs, row.samplesMs);
  // a round or two may be a moment of the machine, which the forecast does not share
  if (speedups.length < fewestRounds) return Math.min(...speedups) > beyondSpread && outlook.atBestMs(row) < outlook.atBestMs(chosen);
  return median(speedups) > worthwhile && bootstrap(speedups, median).low > 1;
}

function calmest(rows: readonly ComparisonRow[], fastest: ComparisonRow): ComparisonRow | undefined {
  return rows.filter((row) => !isLocal(row.level) && row.wallMs <= fastest.wallMs * bearable).sort((a, b) => a.wallMs - b.wallMs)[0];
}

/** The share of a trip that the way may take. */
const wayShare = 0.05;
const longestTripMs = 10;
const largestChunk = 256;

/** Items per trip so that the way is a small share of it, and a trip not so long that workers end far apart. */
export function chunkFor(profile: Profile, machine: MachineConstants, { level }: Configuration): number {
  if (isLocal(level)) return 1;
  const { hereMs, thereMs } = level === "thread" ? machine.thread : machine.process;
  const callMs = Math.max(profile.wallMs, 1e-4);
  const wanted = (hereMs + thereMs) / wayShare / callMs;
  return Math.max(1, Math.min(largestChunk, Math.ceil(wanted), Math.floor(longestTripMs / callMs)));
}
