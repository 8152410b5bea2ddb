// The least that a round trip between two threads costs when neither burns its processor and this one keeps its event loop: the worker
// blocks on a word of shared memory, this thread is woken by a message.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { additions } from "../../measure/adders.ts";
import type { Workloads } from "../../measure/workload.ts";
import { words } from "./doorbell-words.ts";

const { "tiny-1": median, "tiny-1-p99": slowest } = additions(async () => {
  const shared = new Int32Array(new SharedArrayBuffer(words.count * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL("./doorbell-worker.js", import.meta.url), { workerData: shared });
  await once(worker, "online");
  let answered: ((sum: number) => void) | undefined;
  worker.on("message", () => answered?.(Atomics.load(shared, words.sum)));
  return (a, b) =>
    new Promise((resolve) => {
      answered = resolve;
      Atomics.store(shared, words.a, a);
      Atomics.store(shared, words.b, b);
      Atomics.add(shared, words.bell, 1);
      Atomics.notify(shared, words.bell);
    });
});

export const workloads: Workloads = { doorbell: median!, "doorbell-p99": slowest! };
