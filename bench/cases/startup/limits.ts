// What the engine charges for a worker of either kind that says one word, and for a program without anything in it.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { importing } from "../../measure/importing.ts";
import { repeated } from "../../measure/repeated.ts";
import type { Workloads } from "../../measure/workload.ts";

const emptyWorker = new URL("./empty-worker.js", import.meta.url);

export const workloads: Workloads = {
  thread: repeated(async () => {
    const startedMs = performance.now();
    const worker = new Worker(emptyWorker);
    await once(worker, "message");
    const tookMs = performance.now() - startedMs;
    await worker.terminate();
    return tookMs;
  }),
  process: repeated(async () => {
    const startedMs = performance.now();
    const child = fork(emptyWorker);
    await once(child, "message");
    const tookMs = performance.now() - startedMs;
    child.kill();
    await once(child, "exit");
    return tookMs;
  }),
  import: importing("./empty.mjs"),
};
