// What Node starts a worker thread with.
import type { WorkerOptions } from "node:worker_threads";
import { taskIdPrefix } from "../../core/task-id.ts";
import type { WorkerSettings } from "../pool/link.ts";
import { inheritedArguments, mapsSources, underPermissionModel } from "../pool/runtime-arguments.ts";
import type { ThreadStart } from "./start.ts";
import { startKey } from "./start.ts";

/** What both sides of the link use. */
export type Shared = Pick<ThreadStart, "port" | "nearWord" | "words" | "toWorker" | "fromWorker" | "claims">;

export function workerOptions({ name, setup, teardown, memoryLimit, stackSize, env }: WorkerSettings, shared: Shared): WorkerOptions {
  const start: ThreadStart = { name, taskIdPrefix: taskIdPrefix(), setup, teardown, memoryLimit, mapsSources: mapsSources(), ...shared };
  const inherited = inheritedArguments(process.execArgv);
  // A given list is parsed anew and flags of the whole process are refused in it, so none is given while Node's own way of
  // inheriting serves. Only `--input-type` really is in the way of a file.
  const mustFilter = !underPermissionModel() && process.execArgv.some((argument) => argument.startsWith("--input-type"));
  return {
    name,
    workerData: { [startKey]: start },
    transferList: [shared.port],
    stdout: true,
    stderr: true,
    resourceLimits: {
      ...(memoryLimit === undefined ? {} : { maxOldGenerationSizeMb: memoryLimit }),
      ...(stackSize === undefined ? {} : { stackSizeMb: stackSize }),
    },
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(mustFilter ? { execArgv: inherited.filter(isOfThread) } : {}),
  };
}

/** Flags that a single thread may be given; the rest are settled once for the process. Values that follow a flag stay. */
function isOfThread(argument: string, index: number, all: readonly string[]): boolean {
  const flag = argument.startsWith("-") ? argument : (all[index - 1] ?? "");
  return /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--enable-source-maps|--no-warnings)(=|$)/.test(flag);
}
