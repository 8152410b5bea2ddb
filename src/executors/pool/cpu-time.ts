// Processor time of tasks in a worker. Reading the counter takes a microsecond or more, of a process with its threads several, so it is
// read seldom: a task that is shorter than that counts with its running time, and what it might have slept of it is no matter.
import type { Level } from "../../contract/portable.ts";

/** Between two readings. */
const finestMs = { thread: 0.1, process: 0.5 };

const threadCpuUsage = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.bind(process);

/** The counter of one worker. */
export class CpuTime {
  readonly #read: (() => NodeJS.CpuUsage) | undefined;
  readonly #finestMs: number;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #cpuMs = 0;

  /** A process can always tell its own time, a thread on newer versions of the runtime. */
  constructor(level: Level) {
    this.#finestMs = level === "process" ? finestMs.process : finestMs.thread;
    this.#read = level === "process" ? () => process.cpuUsage() : threadCpuUsage;
  }

  /** Processor time so far in ms, give or take that; `undefined` where the runtime cannot tell. */
  before(): number | undefined {
    if (this.#read === undefined) return undefined;
    const now = performance.now();
    if (now - this.#readAtMs < this.#finestMs) return this.#cpuMs + (now - this.#readAtMs);
    return this.#renew(now);
  }

  /** What a task has used that ran for `runMs` since `before`. */
  since(beforeMs: number | undefined, runMs: number): number | undefined {
    if (beforeMs === undefined) return undefined;
    return runMs < this.#finestMs ? runMs : Math.max(0, this.#renew(performance.now()) - beforeMs);
  }

  #renew(now: number): number {
    const { user, system } = (this.#read as () => NodeJS.CpuUsage)();
    this.#readAtMs = now;
    this.#cpuMs = (user + system) / 1000;
    return this.#cpuMs;
  }
}
