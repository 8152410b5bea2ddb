// A worker, thread or process, that says that it is there, and nothing else.
import { parentPort } from "node:worker_threads";

if (parentPort) parentPort.postMessage(0);
else process.send?.(0);
