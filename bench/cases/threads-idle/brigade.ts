// brigade's pool with nothing to do, and with so much that it is never idle.

import type { Workloads } from "../../measure/workload.ts";
import { brigade } from "../../shipped.ts";
import { idleCpu } from "./idle-cpu.ts";

const { moduleFunctions, openThreads } = brigade;
const { echo, lateness } = moduleFunctions<typeof import("./ticks.ts")>(new URL("./ticks.js", import.meta.url));

const timersPerSample = (timeMs: number): number => Math.max(20, Math.round(timeMs / 5));
/** Tiny tasks that wait for the worker at any time. */
const inFlight = 100;

export const workloads: Workloads = {
  "timer-lateness": async ({ timeMs }) => {
    const pool = openThreads({ size: 1 });
    return await pool.run(lateness, timersPerSample(timeMs));
  },
  "timer-lateness-loaded": async ({ timeMs }) => {
    const pool = openThreads({ size: 1 });
    await pool.warm();
    let isOver = false;
    const load = async (): Promise<void> => {
      while (!isOver) await pool.run(echo, 1);
    };
    const loads = Array.from({ length: inFlight }, load);
    // As a message to every worker: it begins at once, beside the tasks that follow one another.
    const [late] = await pool.broadcast(lateness, timersPerSample(timeMs));
    isOver = true;
    await Promise.all(loads);
    return late ?? [];
  },
  "idle-cpu": idleCpu(async (size) => {
    const pool = openThreads({ size });
    await pool.warm();
    await Promise.all(Array.from({ length: 10 * size }, (_, n) => pool.run(echo, n)));
  }),
};
