// workerpool: one task with a worker; there is no other setting.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { pool: openPool } = await rival("workerpool");

export const workloads = additions((workers) => {
  const pool = openPool(workerFile("workerpool"), { minWorkers: workers, maxWorkers: workers, workerType: "process" });
  return (a, b) => pool.exec("add", [a, b]);
});
