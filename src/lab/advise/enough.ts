// When a trial has had enough rounds: the difference is clear, or time is up. Pure.
import { pairedSpeedups, separated } from "../compare/statistics.ts";
import { worthwhile } from "../compare/verdict.ts";

/** What a trial may take. */
export interface TrialLimits {
  readonly fewestRounds: number;
  /** No further round is begun after this long, in ms. */
  readonly budgetMs: number;
  /** How long a round takes by forecast. */
  readonly roundMs: number;
}

/** Fewer rounds have no spread to judge by. */
export const fewestRounds = 3;

/** Times the budget that the rounds of a slow function, or those of a close decision, may take. */
const patience = 2;

/** Whether `rounds` rounds in `spentMs` are enough. `samples` are the rounds of each configuration, the simplest first. */
export function isEnough(samples: readonly (readonly number[])[], rounds: number, spentMs: number, limits: TrialLimits): boolean {
  const { budgetMs, roundMs } = limits;
  if (isPlain(samples)) return true;
  const lastMs = spentMs / rounds;
  if (rounds >= limits.fewestRounds && (isClear(samples) || spentMs + lastMs > (isClose(samples) ? patience : 1) * budgetMs)) return true;
  // one look at each is better than none, and further ones take as long again where a function is slow, but not where it was only cold
  return spentMs + Math.min(lastMs, roundMs) > budgetMs * patience;
}

/** Two rounds say enough when one level is so many times faster than every other in both. */
const farApart = 2;

/** Whether further rounds would change nothing. */
export function isPlain(samples: readonly (readonly number[])[]): boolean {
  const beatsAll = (row: readonly number[]) =>
    row.length > 1 && samples.every((other) => other === row || Math.min(...pairedSpeedups(other, row)) > farApart);
  return samples.some(beatsAll);
}

/** One configuration is faster than every other, round by round. */
function isClear(samples: readonly (readonly number[])[]): boolean {
  return samples.some((row) => samples.every((other) => other === row || separated(row, other)));
}

/** Some configuration may be worth it or not: half of the rounds say so. */
function isClose([simplest, ...others]: readonly (readonly number[])[]): boolean {
  return others.some((row) => {
    const speedups = pairedSpeedups(simplest ?? [], row);
    return speedups.length > 0 && Math.max(...speedups) > worthwhile && Math.min(...speedups) < worthwhile;
  });
}
