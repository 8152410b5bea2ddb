// jest-worker: one task with a child; there is no other setting.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { Worker } = await rival("jest-worker");

export const workloads = additions((numWorkers) => {
  const pool = new Worker(workerFile("add"), { numWorkers, exposedMethods: ["addPair"] });
  return (a, b) => pool.addPair({ a, b });
});
