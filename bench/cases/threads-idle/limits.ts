// A plain worker thread that knows of no pool.
import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import type { Workloads } from "../../measure/workload.ts";
import { idleCpu } from "./idle-cpu.ts";
import { lateness } from "./ticks.ts";

if (!isMainThread) parentPort?.on("message", async (times: number) => parentPort?.postMessage(await lateness(times)));

async function startPlain(): Promise<Worker> {
  const worker = new Worker(new URL(import.meta.url));
  await once(worker, "online");
  return worker;
}

export const workloads: Workloads = {
  lateness: async ({ timeMs }) => {
    const worker = await startPlain();
    worker.postMessage(Math.max(20, Math.round(timeMs / 5)));
    const [late] = (await once(worker, "message")) as [number[]];
    return late;
  },
  "idle-cpu": idleCpu((workers) => Promise.all(Array.from({ length: workers }, startPlain))),
};
