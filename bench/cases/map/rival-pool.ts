// A pool of another library on the cases: one call per item with its defaults, and at its best with chunks by hand.
import type { Workloads } from "../../measure/workload.ts";
import { chunksOf } from "./by-hand.ts";
import { mapWorkloads } from "./case.ts";

/** What is used of a pool. */
export interface RivalPool {
  run(task: unknown, options: { readonly name: string }): Promise<unknown>;
}

/** Settings that both libraries know. */
export interface RivalOptions {
  readonly filename: string;
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly concurrentTasksPerWorker: number;
}

const filename = new URL("./pool-worker.js", import.meta.url).href;

export function rivalWorkloads(Pool: new (options: RivalOptions) => RivalPool): Workloads {
  const open = (workers: number, concurrentTasksPerWorker: number): RivalPool =>
    new Pool({ filename, minThreads: workers, maxThreads: workers, concurrentTasksPerWorker });
  return {
    ...mapWorkloads(async (workers) => {
      const pool = open(workers, 1);
      return (items) => Promise.all(items.map((item) => pool.run(item, { name: "one" })));
    }),
    ...mapWorkloads(async (workers) => {
      // Two at a time: the next chunk is there when one is done.
      const pool = open(workers, 2);
      return (items) => Promise.all(chunksOf(items, workers).map((chunk) => pool.run(chunk, { name: "each" })));
    }, "-chunked"),
  };
}
