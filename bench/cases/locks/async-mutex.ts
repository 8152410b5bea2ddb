// async-mutex: a promise for each acquire. It has no form that never waits.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";
import { contenders } from "./contenders.ts";

const { Mutex } = await rival("async-mutex");

const nothing = async (): Promise<void> => {};

export const workloads: Workloads = {
  with: perOperation(async (n) => {
    const mutex = new Mutex();
    for (let i = 0; i < n; i++) await mutex.runExclusive(nothing);
  }),
  "contended-1000": perOperation((n) => {
    const mutex = new Mutex();
    const contend = async (): Promise<void> => {
      for (let i = 0; i < n / contenders; i++) {
        const release = await mutex.acquire();
        await undefined;
        release();
      }
    };
    return Promise.all(Array.from({ length: contenders }, contend));
  }),
};
