// workerpool: a pool of one thread, and its import.
import { firstResult } from "../../measure/first-result.ts";
import { importing } from "../../measure/importing.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { pool: openPool } = await rival("workerpool");

export const workloads: Workloads = {
  "first-result": firstResult(() => {
    const pool = openPool(workerFile("workerpool"), { minWorkers: 1, maxWorkers: 1, workerType: "thread" });
    return { add: (a, b) => pool.exec("add", [a, b]), close: () => pool.terminate() };
  }),
  import: importing("workerpool"),
};
