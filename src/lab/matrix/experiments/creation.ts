// A unit from being asked for to its first sign of life, and from being asked to go until it is gone: the first of a program, and later ones.
import { setImmediate } from "node:timers/promises";
import type { Experiment, MatrixHost } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { microseconds } from "../samples.ts";

const fewest = 3;
const together = 200;

/** Figures: `coldMs`, `warmMs`, `endMs`. */
export const creation: Experiment = {
  id: "creation",
  title: "making units and ending them",
  levels: matrixLevels,
  async run(level, host) {
    const first = await life(host);
    // the second is warm as the first made it, and not counted: what it compiles, later ones have
    await life(host);
    const warm = level === "coroutine" ? await coroutines(host) : await workers(host);
    return { figures: { coldMs: [first.beginMs], ...warm } };
  },
};

/** One worker's life, in ms. A coroutine's pool is this program's own loop: there is nothing to start but the task. */
async function life(host: MatrixHost): Promise<{ readonly beginMs: number; readonly endMs: number }> {
  const startedMs = performance.now();
  const unit = host.open();
  await unit.run(host.tasks.nothing);
  const aliveMs = performance.now();
  await unit.close();
  return { beginMs: aliveMs - startedMs, endMs: performance.now() - aliveMs };
}

async function workers(host: MatrixHost): Promise<{ readonly warmMs: number[]; readonly endMs: number[] }> {
  const warmMs: number[] = [];
  const endMs: number[] = [];
  for (let spentMs = 0; warmMs.length < fewest || spentMs < host.timeMs * 2; ) {
    const one = await life(host);
    warmMs.push(one.beginMs);
    endMs.push(one.endMs);
    spentMs += one.beginMs + one.endMs;
  }
  return { warmMs, endMs };
}

/** A coroutine that has returned is gone; what can be ended is one that is suspended. Many at once, as one is too short for the clock. */
async function coroutines(host: MatrixHost): Promise<{ readonly warmMs: number[]; readonly endMs: number[] }> {
  const pool = host.open({ size: Number.POSITIVE_INFINITY });
  const warmUs = await microseconds(async (n) => {
    for (let i = 0; i < n; i++) await pool.run(host.tasks.nothing);
  }, host.timeMs);
  const endMs: number[] = [];
  for (let spentMs = 0; endMs.length < fewest || spentMs < host.timeMs; ) {
    const tasks = Array.from({ length: together }, () => pool.run(host.tasks.rest));
    while (tasks.some(({ state }) => state === "waiting")) await setImmediate();
    const startedMs = performance.now();
    await Promise.all(tasks.map((task) => task.stop()));
    const tookMs = performance.now() - startedMs;
    spentMs += tookMs;
    endMs.push(tookMs / together);
  }
  return { warmMs: warmUs.map((us) => us / 1000), endMs };
}
