// What the engine charges for one switch, and for a lock between threads that can nothing but exclude.
import type { Workloads } from "../../measure/workload.ts";
import { awaitInTask, awaitOutside } from "../await-undefined.ts";
import { byTwo, uncontended } from "./raw-lock.ts";

export const workloads: Workloads = {
  task: awaitInTask,
  outside: awaitOutside,
  "shared-uncontended": uncontended,
  "shared-2-threads": byTwo,
};
