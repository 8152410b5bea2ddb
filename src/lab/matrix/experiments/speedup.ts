// The same computation one after the other on this thread and on 1 … all processors: items a second, over those of the plain loop.
import { availableParallelism } from "node:os";
import type { Executor } from "../../../contract/executor.ts";
import type { Experiment, MatrixHost, Point } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { compute } from "../tasks.ts";

const itemMs = 10;
const itemsEach = 3;
const repeats = { full: 5, quick: 3 } as const;
/** Processes beyond this many take longer to start than the whole table may. */
const mostUnits = 64;

/** Figure: `speedup` at as many units as there are processors, with the curve up to there. */
export const speedup: Experiment = {
  id: "speedup",
  title: "computing on all processors",
  levels: matrixLevels,
  async run(level, host) {
    const count = repeats[host.quick ? "quick" : "full"];
    const steps = stepsOf(itemMs);
    const curve: Point[] = [];
    for (const size of sizesTo(Math.min(availableParallelism(), mostUnits), host.quick)) {
      const pool = host.open({ size });
      await warm(pool, host, steps, level === "coroutine" ? 1 : size);
      // The best of a few, side by side: what else goes on in the machine only ever takes away, and seldom from all.
      let [togetherMs, inARowMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let i = 0; i < count; i++) {
        togetherMs = Math.min(togetherMs, await together(pool, host, steps, size));
        inARowMs = Math.min(inARowMs, inARow(steps));
      }
      await pool.close();
      curve.push({ size, value: inARowMs / togetherMs });
    }
    return { figures: { speedup: curve.slice(-1).map(({ value }) => value) }, series: { speedup: curve } };
  },
};

/** 1, 2, 4 … and the last; a short run tries the ends only. */
function sizesTo(last: number, quick: boolean): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < last; size *= 2) sizes.push(size);
  return quick && sizes.length > 1 ? [1, last] : [...sizes, last];
}

/** Steps that take so long, once compiled. */
function stepsOf(ms: number): number {
  let steps = 100_000;
  for (;;) {
    const startedMs = performance.now();
    compute(steps);
    const tookMs = performance.now() - startedMs;
    if (tookMs >= ms / 2) return Math.round((steps * ms) / tookMs);
    steps *= 2;
  }
}

/** Each worker has started, and compiled what it is to do. */
async function warm(pool: Executor, host: MatrixHost, steps: number, size: number): Promise<void> {
  await pool.warm();
  await Promise.all(Array.from({ length: size * 2 }, () => pool.run(host.tasks.compute, steps)));
}

/** Milliseconds for each item. */
async function together(pool: Executor, host: MatrixHost, steps: number, size: number): Promise<number> {
  const items = size * itemsEach;
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: items }, () => pool.run(host.tasks.compute, steps)));
  return (performance.now() - startedMs) / items;
}

/** The same in a plain loop. */
function inARow(steps: number): number {
  const startedMs = performance.now();
  for (let i = 0; i < itemsEach; i++) compute(steps);
  return (performance.now() - startedMs) / itemsEach;
}
