// Processor time of the program's own thread, apart from that of its helpers: libuv's pool, the compiler, the collector. What a
// function burns there is what keeps the event loop from turning; what the pool burns for it is parallel already.
import { readFileSync } from "node:fs";
import { pid, platform } from "node:process";

type Read = () => number;

/** Reads ms of processor time of the main thread since some beginning, so only differences mean anything. Never throws. Where the
 *  platform has no figure it is the time in which the event loop was at work, which is more on a busy machine. */
export const threadCpuMs: Read = exact() ?? schedulerFigure() ?? (() => performance.eventLoopUtilization().active);

function exact(): Read | undefined {
  const ofThread = (process as { readonly threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.bind(process);
  if (ofThread === undefined) return undefined;
  return () => {
    const { user, system } = ofThread();
    return (user + system) / 1000;
  };
}

/** Linux counts nanoseconds on the processor for each thread; the main thread's number is the process's. */
function schedulerFigure(): Read | undefined {
  return Number.isNaN(schedulerMs(0)) ? undefined : () => schedulerMs(0);
}

/** Milliseconds that the main thread was ready to run and something else was running, since some beginning; always 0 where the platform
 *  does not tell. A call takes so much longer only because the machine is busy. Never throws. */
export const queuedMs: Read = Number.isNaN(schedulerMs(1)) ? () => 0 : () => schedulerMs(1);

function schedulerMs(field: 0 | 1): number {
  if (platform !== "linux") return Number.NaN;
  try {
    const [onProcessor = "", queued = ""] = readFileSync(`/proc/self/task/${pid}/schedstat`, "latin1").split(" ");
    // a kernel that does not count says 0 of a thread that runs
    return Number(onProcessor) > 0 ? Number(field === 0 ? onProcessor : queued) / 1e6 : Number.NaN;
  } catch {
    // no such file: a kernel built without it
    return Number.NaN;
  }
}

/** Processor time of the whole program in ms, helpers included. */
export function programCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
