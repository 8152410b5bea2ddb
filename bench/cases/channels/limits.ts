// What the engine charges for one switch, and for one message from another thread.
import { Worker } from "node:worker_threads";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { awaitInTask, awaitOutside } from "../await-undefined.ts";

const poster = `
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", (count) => { for (let n = 0; n < count; n++) parentPort.postMessage(n); });
`;
let worker: Worker | undefined;

/** So many numbers from a thread, each a message; nothing slows the sender down. */
function posted(count: number): Promise<void> {
  worker ??= new Worker(poster, { eval: true });
  const from = worker;
  return new Promise((resolve) => {
    let received = 0;
    const receive = (): void => {
      if (++received < count) return;
      from.off("message", receive);
      resolve();
    };
    from.on("message", receive);
    from.postMessage(count);
  });
}

export const workloads: Workloads = { task: awaitInTask, outside: awaitOutside, posted: perOperation(posted) };
