// What the system's books say of this process: memory, kernel threads, switches. Runs in the measuring program and in its children.
import { readdirSync, readFileSync } from "node:fs";
import { cpuUsage, memoryUsage, resourceUsage } from "node:process";

/** One process as the system sees it. */
export interface ProcessBooks {
  readonly residentBytes: number;
  /** What would be free if it ended: pages that nobody else has. `undefined` where the system does not tell. */
  readonly privateBytes: number | undefined;
  /** Threads that the kernel schedules; `undefined` where it does not tell. */
  readonly kernelThreads: number | undefined;
  /** Times the kernel has put a thread of it away, since its start. */
  readonly switches: number;
}

/** Reads them. Never throws. */
export function readBooks(): ProcessBooks {
  const { voluntaryContextSwitches, involuntaryContextSwitches } = resourceUsage();
  return {
    residentBytes: memoryUsage.rss(),
    privateBytes: privateBytes(),
    kernelThreads: kernelThreads(),
    switches: voluntaryContextSwitches + involuntaryContextSwitches,
  };
}

/** Processor time of all threads of this process, in ms since its start. Cheap, so that it can be read around what is timed. */
export function readCpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

function privateBytes(): number | undefined {
  try {
    const text = readFileSync("/proc/self/smaps_rollup", "latin1");
    const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].reduce((sum, [, figure]) => sum + Number(figure), 0);
    return kilobytes > 0 ? kilobytes * 1024 : undefined;
  } catch {
    return undefined;
  }
}

function kernelThreads(): number | undefined {
  try {
    return readdirSync("/proc/self/task").length;
  } catch {
    return undefined;
  }
}
