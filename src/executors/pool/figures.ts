// Figures of one worker, told by itself: what a worker thread has used cannot be read from outside on every runtime, and reading it
// from outside would have to wait. It tells with the end of a task, at most ten times a second: nothing while it is idle, and next to
// nothing otherwise.
import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Level } from "../../contract/portable.ts";
import type { FiguresFrame } from "./frames.ts";

const everyMs = 100;

export class Figures {
  readonly #readCpu: (() => NodeJS.CpuUsage) | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** A process can always tell its own time, a thread on newer versions of the runtime. */
  constructor(level: Level) {
    const ofThread = (process as { readonly threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage;
    this.#readCpu = level === "process" ? () => process.cpuUsage() : ofThread?.bind(process);
  }

  /** What to tell now; `undefined` when it has been told a moment ago. */
  due(): FiguresFrame | undefined {
    const now = performance.now();
    if (now - this.#toldAtMs < everyMs) return undefined;
    this.#toldAtMs = now;
    const cpu = this.#readCpu?.();
    return {
      type: "figures",
      cpuMs: cpu && (cpu.user + cpu.system) / 1000,
      heapBytes: getHeapStatistics().used_heap_size,
      utilization: performance.eventLoopUtilization().utilization,
    };
  }
}
