// The four cases are one: some items of some length over some workers. A subject tells how it does that.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workload, Workloads } from "../../measure/workload.ts";
import { turnsPerItem } from "./items.ts";

/** Calls `turns` once for each of so many items. */
export type Mapper = (items: readonly number[]) => Promise<unknown>;
/** Starts so many workers; what it gives maps over them, and is used again and again. */
export type OpenMapper = (workers: number) => Promise<Mapper>;

/** The cases of a subject. Workers are started and have done their first work before anything is measured. */
export function mapWorkloads(open: OpenMapper, suffix = ""): Workloads {
  const workloads: Record<string, Workload> = {};
  for (const [id, turns] of Object.entries(turnsPerItem)) {
    for (const workers of [1, 2]) {
      workloads[`${id}${workers > 1 ? `-x${workers}` : ""}${suffix}`] = async (conditions) => {
        const map = await open(workers);
        return perOperation((count) => map(new Array<number>(count).fill(turns)))(conditions);
      };
    }
  }
  return workloads;
}
