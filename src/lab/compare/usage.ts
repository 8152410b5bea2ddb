// What a program has used so far. Runs in the measuring program and, through a portable function, in each child process.
import { readFileSync } from "node:fs";
import { cpuUsage, pid, platform, resourceUsage } from "node:process";

/** Figures of one process since its start. */
export interface Usage {
  readonly pid: number;
  /** Processor time of all its threads. */
  readonly cpuMs: number;
  /** Largest resident memory so far. */
  readonly peakRssBytes: number;
}

/** Reads this process's figures. Never throws. */
export function usage(): Usage {
  const { user, system } = cpuUsage();
  return { pid, cpuMs: (user + system) / 1000, peakRssBytes: peakRssBytes() };
}

/** On Linux `getrusage` starts a child at its parent's peak (it survives exec), so a small child of a large program would look
 *  large; the high-water mark of the address space itself begins anew. */
function peakRssBytes(): number {
  if (platform === "linux") {
    try {
      const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
      if (kilobytes !== undefined) return Number(kilobytes) * 1024;
    } catch {
      // no /proc here: the figure below is the best there is
    }
  }
  return resourceUsage().maxRSS * 1024;
}
