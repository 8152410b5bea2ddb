// What experiments read from the machine. Counts and processor time rather than milliseconds wherever either will do: the machine
// may be busy with something else.
import { readFileSync } from "node:fs";
import { cpuUsage, memoryUsage, platform, resourceUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Processor time of this process, all its threads, in ms. */
export function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** How often the kernel has taken this process, any of its threads, from a processor: because it waited, or because its turn was over. */
export function kernelSwitches(): { readonly waiting: number; readonly turnOver: number } {
  const { voluntaryContextSwitches, involuntaryContextSwitches } = resourceUsage();
  return { waiting: voluntaryContextSwitches, turnOver: involuntaryContextSwitches };
}

/** Memory that would be free if the process ended (on Linux; elsewhere all of this one that is resident), in bytes. */
export function privateBytes(pid: number | "self" = "self"): number {
  if (platform !== "linux") return memoryUsage().rss;
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, figure]) => Number(figure));
  return kilobytes.reduce((sum, figure) => sum + figure, 0) * 1024;
}

/** Wall time of `work`, in ms. */
export async function wallMs(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A promise and who resolves it. */
export function gate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

let collect: (() => void) | undefined;

/** Collects what is garbage, so that what stays is what is used. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  collect();
}
