// piscina: one task with a worker by default; more by `concurrentTasksPerWorker`.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { Piscina } = await rival("piscina");

export const workloads = additions((threads, settings) => {
  const pool = new Piscina({ filename: workerFile("add"), name: "addPair", minThreads: threads, maxThreads: threads, ...settings });
  return (a, b) => pool.run({ a, b });
});
