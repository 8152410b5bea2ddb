// p-limit as a lock: one function at a time.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";
import { contenders } from "./contenders.ts";

const { default: pLimit } = await rival("p-limit");

const nothing = async (): Promise<void> => {};
const hold = async (): Promise<void> => {
  await undefined;
};

export const workloads: Workloads = {
  with: perOperation(async (n) => {
    const one = pLimit(1);
    for (let i = 0; i < n; i++) await one(nothing);
  }),
  "contended-1000": perOperation((n) => {
    const one = pLimit(1);
    const contend = async (): Promise<void> => {
      for (let i = 0; i < n / contenders; i++) await one(hold);
    };
    return Promise.all(Array.from({ length: contenders }, contend));
  }),
};
