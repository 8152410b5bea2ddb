// Processor time of a program that does nothing but keep something open.
import { setTimeout } from "node:timers/promises";
import type { Workload } from "../../measure/workload.ts";

/** Microseconds of processor time for each second; `open` starts what is kept open. */
export function idleCpu(open: (workers: number) => Promise<unknown>): Workload {
  return async ({ size, timeMs }) => {
    await open(size);
    // What a start leaves to be done (compiling, collecting) is no idling.
    await setTimeout(1_000);
    const before = process.cpuUsage();
    const startedMs = performance.now();
    await setTimeout(timeMs * 10);
    const { user, system } = process.cpuUsage(before);
    return [((user + system) / (performance.now() - startedMs)) * 1_000];
  };
}
