// RxJS: an inner observable for each async function, merged without a limit.
import { perOperation } from "../../measure/per-operation.ts";
import { suspendedBytes } from "../../measure/suspended-bytes.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";

const { range, mergeMap, lastValueFrom } = await rival("rxjs");

const once = async (): Promise<number> => {
  await undefined;
  return 1;
};
const merged = (tasks: number, fn: () => Promise<unknown>): Promise<unknown> => lastValueFrom(range(0, tasks).pipe(mergeMap(fn)));

export const workloads: Workloads = {
  task: perOperation((n) => merged(n, once)),
  // It gives no handles: the stream of all results is the one there is.
  "task-bytes": suspendedBytes((n, gate) => {
    const all = merged(n, async () => {
      await gate.enter();
    });
    return { handles: [all], join: () => all };
  }),
};
