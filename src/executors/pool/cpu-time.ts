// Processor time of tasks in a worker. Reading the counter takes a microsecond or more, so it is read at most every tenth of a
// millisecond: a task that is shorter than that counts with its running time, and what it might have slept of it is no matter.
import type { Level } from "../../contract/portable.ts";

const finestMs = 0.1;

const threadCpuUsage = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.bind(process);

/** The counter of one worker. */
export class CpuTime {
  readonly #read: (() => NodeJS.CpuUsage) | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #cpuMs = 0;

  /** A process can always tell its own time, a thread on newer versions of the runtime. */
  constructor(level: Level) {
    this.#read = level === "process" ? () => process.cpuUsage() : threadCpuUsage;
  }

  /** Processor time so far in ms, give or take a tenth; `undefined` where the runtime cannot tell. */
  before(): number | undefined {
    if (this.#read === undefined) return undefined;
    const now = performance.now();
    if (now - this.#readAtMs < finestMs) return this.#cpuMs + (now - this.#readAtMs);
    return this.#renew(now);
  }

  /** What a task has used that ran for `runMs` since `before`. */
  since(beforeMs: number | undefined, runMs: number): number | undefined {
    if (beforeMs === undefined) return undefined;
    return runMs < finestMs ? runMs : Math.max(0, this.#renew(performance.now()) - beforeMs);
  }

  #renew(now: number): number {
    const { user, system } = (this.#read as () => NodeJS.CpuUsage)();
    this.#readAtMs = now;
    this.#cpuMs = (user + system) / 1000;
    return this.#cpuMs;
  }
}
