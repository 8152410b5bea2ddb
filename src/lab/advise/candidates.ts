// What may be recommended at all, what is worth a trial, and on how many calls. Pure.
import type { Level } from "../../contract/portable.ts";
import { type Configuration, isLocal } from "../compare/plan.ts";
import type { MachineConstants } from "./constants.ts";
import type { Forecast } from "./cost-model.ts";
import type { Profile } from "./profile.ts";

/** A stretch without a turn of the event loop that users of a service notice, in ms. */
export const noticeableMs = 50;

/** Why a level is out of the question; `undefined` when it is not. */
export function objection(profile: Profile, level: Level): string | undefined {
  if (isLocal(level)) return undefined;
  const { purity, travel } = profile;
  if (!travel.possible) return `its ${travel.what} cannot travel to a worker: ${travel.reason}`;
  switch (purity.kind) {
    case "stateful":
      return `its result depends on the calls before it (input ${purity.input}), and each worker would keep a state of its own`;
    case "varies":
      return `it gives another result each time (input ${purity.input}), so that nothing can show that it works elsewhere`;
    case "differs-elsewhere":
      return `it gives another result on a worker (input ${purity.input}: ${purity.message})`;
    case "same":
      return purity.differs?.where === level ? `on this level its result is another one (${purity.differs.message})` : undefined;
  }
}

/** The forecasts that may be followed: no objection, and room in memory. */
export function eligible(profile: Profile, machine: MachineConstants, forecasts: readonly Forecast[]): Forecast[] {
  return forecasts.filter(({ level, memoryMB }) => objection(profile, level) === undefined && memoryMB <= machine.memoryMB);
}

/** Levels that are tried beside the simplest; where a module takes long to load, by each worker anew, only the most hopeful one. */
const mostOthers = 2;
const longImportMs = 250;
/** Times slower than the simplest by forecast from which on a level is not worth a trial, unless there is no other. */
const hopeless = 2;

/** What to try: the simplest, the best two other levels by forecast, each at its best size, and the best that would leave the event loop
 *  free where that matters. A level that a moment of a busy machine made look poor would never be tried, so `candidates` come from a
 *  hopeful forecast: the trial tells. Coroutines are no other where there is nothing to overlap: they would take the same time. In the order of `candidates`,
 *  which is from light to heavy. */
export function chooseTrials(profile: Profile, candidates: readonly Forecast[]): Configuration[] {
  const [simplest, ...others] = candidates;
  if (simplest === undefined) return [];
  const byTime = others.filter(({ level }) => level !== "coroutine" || profile.together !== undefined).sort((a, b) => a.wallMs - b.wallMs);
  const hopeful = byTime.filter(({ wallMs }) => wallMs < simplest.wallMs * hopeless);
  const bestOfLevels = hopeful.filter(({ level }, place) => hopeful.findIndex((other) => other.level === level) === place);
  // coroutines first: what overlaps here has been seen to; a worker's level is hoped for
  const inTurn = bestOfLevels.sort((a, b) => Number(b.level === "coroutine") - Number(a.level === "coroutine"));
  const most = profile.importMs > longImportMs ? 1 : mostOthers;
  const chosen = new Set([simplest, ...(hopeful.length > 0 ? inTurn.slice(0, most) : byTime.slice(0, 1))]);
  const calm = byTime.find(({ level }) => level === "thread" || level === "process");
  if (profile.longestSyncMs > noticeableMs && calm !== undefined) chosen.add(calm);
  return candidates.filter((candidate) => chosen.has(candidate)).map(({ level, size }) => ({ level, size }));
}

const trialMs = 60;
const mostItems = 2000;
/** With few calls for each worker one long call decides how long all take. */
const perWorker = 2;
const enoughPerWorker = 4;
/** More than two for each worker only as long as a round stays this short. */
const longestRoundMs = 100;
/** What overlaps shows only when there is something to overlap. */
const fewestOverlapping = 6;

/** How many calls a trial makes: enough to be timed, and a few for each worker. */
export function trialItems(profile: Profile, trials: readonly Configuration[]): number {
  const callMs = Math.max(profile.wallMs, 1e-4);
  const size = trials.reduce((most, trial) => Math.max(most, trial.level === "coroutine" ? 1 : trial.size), 1);
  const least = Math.max(size * perWorker, trials.some(({ level }) => level === "coroutine") ? fewestOverlapping : 1);
  const fair = Math.min(size * enoughPerWorker, Math.round(longestRoundMs / callMs));
  return Math.min(mostItems, Math.max(Math.round(trialMs / callMs), fair, least));
}
