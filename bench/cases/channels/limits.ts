// What the engine charges for one switch.
import type { Workloads } from "../../measure/workload.ts";
import { awaitInTask, awaitOutside } from "../await-undefined.ts";

export const workloads: Workloads = { task: awaitInTask, outside: awaitOutside };
