// How much faster computing gets on two workers: two pieces in place, one after the other, and on the workers, in turns.
import type { Executor } from "../../contract/executor.ts";
import { portable } from "../../wire/portable.ts";
import { pairedSpeedups } from "../compare/statistics.ts";
import { repeat } from "./figures.ts";
import type { ThreadLock } from "./kit.ts";
import { wallMs } from "./meters.ts";
import { compute, roundsFor } from "./work.ts";

const steps = 100;

/** Computes a hundred steps, holding the lock during each if there is one. */
export const computeInSteps = portable(import.meta, "claims.computeInSteps", (rounds: number, lock: ThreadLock | undefined): void => {
  for (let step = 0; step < steps; step++) {
    const guard = lock?.acquireSync();
    compute(rounds);
    guard?.release();
  }
});

/** Times faster than in place, round by round. The workers are warm. */
export async function speedups(pool: Executor<"thread"> | Executor<"process">, lock?: ThreadLock | undefined): Promise<number[]> {
  const rounds = roundsFor(0.5);
  const here = () => computeInSteps(rounds, lock);
  const there = () => pool.run(computeInSteps, rounds, lock);
  await Promise.all([there(), there()]);
  const walls = await repeat(3, async () => ({
    inPlace: await wallMs(() => [here(), here()]),
    pooled: await wallMs(() => Promise.all([there(), there()])),
  }));
  return pairedSpeedups(
    walls.map(({ inPlace }) => inPlace),
    walls.map(({ pooled }) => pooled),
  );
}
