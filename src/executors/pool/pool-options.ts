// Options of a pool, checked and with their defaults.
import type { ProcessOptions } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import { checkCount, checkDuration } from "../../core/durations.ts";
import { noteModule } from "../../wire/module-namespaces.ts";
import { requireReference } from "../../wire/require-reference.ts";
import { defaultSize } from "./default-size.ts";
import type { OpenLink } from "./link.ts";
import type { RosterOptions } from "./roster.ts";

/** Everything a pool is made with. */
export interface PoolOptions extends RosterOptions {
  readonly queue: ProcessOptions["queue"];
  readonly stdio: "tag" | "inherit" | "ignore";
  /** Whether the transport shares this thread's address space. */
  readonly sharesMemory: boolean;
  /** Whether its workers can be served while this thread is blocked. */
  readonly servedBlocked: boolean;
}

const outputs = ["tag", "inherit", "ignore"];
/** Pools opened without a name, by level. The ready-made pool is the first. */
const opened = { threads: 1, processes: 1 };

/** Checks what a caller gave; throws `RangeError` or `TypeError` naming the option, `NotPortableError` for setup and teardown. */
export function checkPoolOptions(
  level: Level,
  options: ProcessOptions,
  transport: { readonly open: OpenLink; readonly sharesMemory: boolean; readonly servedBlocked: boolean; readonly workerMB: number },
): PoolOptions {
  const plural = level === "process" ? "processes" : "threads";
  const { size, idleTimeout, maxTasks, memoryLimit, stackSize, stdio = "tag", nice, cpus, setup, teardown } = options;
  if (idleTimeout !== undefined) checkDuration("The option idleTimeout", idleTimeout);
  if (maxTasks !== undefined) checkCount("The option maxTasks", maxTasks, 1, true);
  if (memoryLimit !== undefined) checkMegabytes("memoryLimit", memoryLimit);
  if (stackSize !== undefined) checkMegabytes("stackSize", stackSize);
  if (!outputs.includes(stdio))
    throw new RangeError(`The option stdio must be one of ${outputs.join(", ")}, not ${JSON.stringify(stdio)}.`);
  if (nice !== undefined && !(Number.isInteger(nice) && nice >= -20 && nice <= 19)) {
    throw new RangeError(`The option nice must be a whole number from -20 to 19, not ${String(nice)}.`);
  }
  if (cpus !== undefined && !(Array.isArray(cpus) && cpus.length > 0 && cpus.every((cpu) => Number.isInteger(cpu) && cpu >= 0))) {
    throw new RangeError("The option cpus must be a list of processors by number, such as [0, 1].");
  }
  const reference = (fn: unknown) => {
    if (fn === undefined) return undefined;
    const found = requireReference(fn, level);
    noteModule(found.url);
    return found;
  };
  return {
    name: options.name ?? `${plural}${++opened[plural]}`,
    size: size === undefined ? defaultSize(transport.workerMB) : checkCount("The option size", size, 1),
    queue: options.queue,
    maxTasks,
    stdio,
    idleTimeout: idleTimeout ?? Number.POSITIVE_INFINITY,
    open: transport.open,
    sharesMemory: transport.sharesMemory,
    servedBlocked: transport.servedBlocked,
    worker: {
      setup: reference(setup),
      teardown: reference(teardown),
      memoryLimit,
      stackSize,
      env: options.env,
      cwd: options.cwd,
      nice,
      cpus,
      permissions: options.permissions,
    },
  };
}

function checkMegabytes(name: string, megabytes: unknown): void {
  if (typeof megabytes !== "number" || !Number.isFinite(megabytes) || megabytes <= 0) {
    throw new RangeError(`The option ${name} must be a number of megabytes above 0, not ${String(megabytes)}.`);
  }
}
