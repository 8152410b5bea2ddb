// Libraries that run async functions behind a limit share one shape: `add(fn)` gives a promise.
import { perOperation } from "../../measure/per-operation.ts";
import { suspendedBytes } from "../../measure/suspended-bytes.ts";
import type { Workloads } from "../../measure/workload.ts";

const once = async (): Promise<void> => {
  await undefined;
};

/** The workloads of such a library. */
export function poolWorkloads(add: (fn: () => Promise<void>) => Promise<void>): Workloads {
  return {
    task: perOperation((n) => Promise.all(Array.from({ length: n }, () => add(once)))),
    "task-bytes": suspendedBytes((n, gate) => {
      const wait = async (): Promise<void> => {
        await gate.enter();
      };
      const handles = Array.from({ length: n }, () => add(wait));
      return { handles, join: () => Promise.all(handles) };
    }),
  };
}
