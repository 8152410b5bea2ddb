// The worker of limits.ts: blocks until the bell has been rung, adds, rings back with an empty message.
import { parentPort, workerData } from "node:worker_threads";
import { words } from "./doorbell-words.ts";

const shared = workerData as Int32Array<SharedArrayBuffer>;

for (let heard = 0; ; heard++) {
  Atomics.wait(shared, words.bell, heard);
  Atomics.store(shared, words.sum, Atomics.load(shared, words.a) + Atomics.load(shared, words.b));
  parentPort?.postMessage(0);
}
