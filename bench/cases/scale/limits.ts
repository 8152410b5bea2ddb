// How the engine's own promises grow: part of brigade's growth is theirs.
import type { Workloads } from "../../measure/workload.ts";
import { inContext, suspendedInContext } from "../coroutines/limits.ts";

export const workloads: Workloads = { tasks: inContext, suspended: suspendedInContext };
