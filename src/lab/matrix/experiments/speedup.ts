// The same computation one after the other on this thread and on 1 … all processors: items a second, over those of the plain loop.
import { availableParallelism } from "node:os";
import type { Executor } from "../../../contract/executor.ts";
import { readCpuMs } from "../books.ts";
import type { Experiment, MatrixHost, Point } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { compute } from "../tasks.ts";

const itemMs = 10;
const itemsEach = 3;
const repeats = { full: 5, quick: 3 } as const;
/** Processes beyond this many take longer to start than the whole table may. */
const mostUnits = 64;
/** Share of its processors that a computation has on a machine on which a speed-up can be measured. */
const leastShare = 0.7;

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
      const units = level === "coroutine" ? 1 : size;
      await warm(pool, host, steps, units);
      const cpu = level === "process" ? () => pool.broadcast(host.tasks.cpuMs) : own;
      // The best of a few, side by side: what else goes on in the machine only ever takes away, and seldom from all.
      let [best, plain] = [never, never];
      for (let i = 0; i < count; i++) {
        best = better(best, await timed(size * itemsEach, units, cpu, () => together(pool, host, steps, size * itemsEach)));
        plain = better(plain, await timed(itemsEach, 1, own, () => inARow(steps)));
      }
      await pool.close();
      // processors that others have cannot be computed on: what came out would be their doing
      const share = Math.min(best.share, plain.share);
      if (share < leastShare)
        return {
          figures: {},
          missing: { speedup: `the machine was too busy: what computed had ${Math.round(share * 100)}% of its processors` },
        };
      curve.push({ size, value: plain.itemMs / best.itemMs });
    }
    return { figures: { speedup: curve.slice(-1).map(({ value }) => value) }, series: { speedup: curve } };
  },
};

/** How long an item took, and which share of the processors that it could use the computation had. */
interface Timed {
  readonly itemMs: number;
  readonly share: number;
}

const never: Timed = { itemMs: Number.POSITIVE_INFINITY, share: 0 };

function better(a: Timed, b: Timed): Timed {
  return a.itemMs <= b.itemMs ? a : b;
}

/** Processor time of each process that computes, in ms. */
type CpuMs = () => Promise<readonly number[]> | readonly number[];

const own: CpuMs = () => [readCpuMs()];

async function timed(items: number, units: number, cpu: CpuMs, compute: () => Promise<void> | void): Promise<Timed> {
  const spentMs = async () => (await cpu()).reduce((sum, ms) => sum + ms, 0);
  const before = await spentMs();
  const startedMs = performance.now();
  await compute();
  const wallMs = performance.now() - startedMs;
  return { itemMs: wallMs / items, share: ((await spentMs()) - before) / (wallMs * units) };
}

/** 1, 2, 4 … and the last; a short run tries the ends only. */
function sizesTo(last: number, quick: boolean): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < last; size *= 2) sizes.push(size);
  return quick && sizes.length > 1 ? [1, last] : [...sizes, last];
}

/** Steps that take so much processor time, once compiled. */
function stepsOf(ms: number): number {
  let steps = 100_000;
  for (;;) {
    const before = readCpuMs();
    compute(steps);
    const tookMs = readCpuMs() - before;
    if (tookMs >= ms / 2) return Math.round((steps * ms) / tookMs);
    steps *= 2;
  }
}

/** Each worker has started, and compiled what it is to do. */
async function warm(pool: Executor, host: MatrixHost, steps: number, size: number): Promise<void> {
  await pool.warm();
  await Promise.all(Array.from({ length: size * 2 }, () => pool.run(host.tasks.compute, steps)));
}

async function together(pool: Executor, host: MatrixHost, steps: number, items: number): Promise<void> {
  await Promise.all(Array.from({ length: items }, () => pool.run(host.tasks.compute, steps)));
}

/** The same in a plain loop. */
function inARow(steps: number): void {
  for (let i = 0; i < itemsEach; i++) compute(steps);
}
