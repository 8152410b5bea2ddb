// Default size of a pool: as many workers as this program may really use, by cores, by CPU quota and by memory.
import { readFileSync } from "node:fs";

/** What bounds a pool's default size. */
export interface Capacity {
  readonly parallelism: number;
  /** CPUs granted by the container; `undefined` without a limit. */
  readonly cpuQuota: number | undefined;
  /** Megabytes this program may use. */
  readonly memoryMB: number;
}

/** Reads the machine's and the container's limits. */
export function readCapacity(): Capacity {
  const constrained = process.constrainedMemory();
  // A limit of 2^64 or so is how a container says "none".
  const limit = constrained > 0 && constrained < 2 ** 50 ? constrained : Number.POSITIVE_INFINITY;
  return {
    parallelism: process.getBuiltinModule("node:os").availableParallelism(),
    cpuQuota: cpuQuota(),
    memoryMB: Math.min(limit, process.availableMemory?.() ?? limit) / 2 ** 20,
  };
}

/** The number of workers: at least one, whatever the limits say. */
export function sizeFor({ parallelism, cpuQuota, memoryMB }: Capacity, workerMB: number): number {
  // Half of the memory: workers cost more once they work, and the program itself wants some.
  const byMemory = Math.floor(memoryMB / 2 / workerMB);
  return Math.max(1, Math.min(parallelism, Math.ceil(cpuQuota ?? parallelism), byMemory));
}

let capacity: Capacity | undefined;

/** The default size for workers of this cost. */
export function defaultSize(workerMB: number): number {
  capacity ??= readCapacity();
  return sizeFor(capacity, workerMB);
}

/** libuv honours the quota only in newer versions, so it is read here: cgroup v2, then v1. */
function cpuQuota(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const [quota, period] = read("/sys/fs/cgroup/cpu.max")?.split(" ") ?? [
    read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
    read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
  ];
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
