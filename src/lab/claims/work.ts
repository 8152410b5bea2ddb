// The work that experiments give away: computing and waiting, by the same names on every level.
import { setTimeout as delay } from "node:timers/promises";
import { portable } from "../../wire/portable.ts";

/** Computes `rounds` rounds and returns what must not be optimised away. */
export const compute = portable(import.meta, "claims.compute", (rounds: number): number => {
  let state = 1;
  for (let round = 0; round < rounds; round++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
});

/** Waits without computing. */
export const wait = portable(import.meta, "claims.wait", async (ms: number): Promise<void> => {
  await delay(ms);
});

export const nothing = portable(import.meta, "claims.nothing", (): void => {});

let roundsPerMs: number | undefined;

/** Rounds of `compute` that take about so many ms of processor time here. Computes for some 20 ms at the first call. */
export function roundsFor(ms: number): number {
  if (roundsPerMs === undefined) {
    compute(1_000_000);
    let best = Number.POSITIVE_INFINITY;
    // the shortest of a few: what disturbs only ever adds
    for (let attempt = 0; attempt < 5; attempt++) {
      const startedAt = performance.now();
      compute(2_000_000);
      best = Math.min(best, performance.now() - startedAt);
    }
    roundsPerMs = 2_000_000 / best;
  }
  return Math.round(ms * roundsPerMs);
}
