// comlink: no pool but a proxy for a worker; taken in turns.
import { Worker } from "node:worker_threads";
import { additions } from "../../measure/adders.ts";
import { comlinkNodeEndpoint, rival, workerFile } from "../../rivals/packages.ts";

const { wrap } = await rival("comlink");
const nodeEndpoint = await comlinkNodeEndpoint();

export const workloads = additions((workers) => {
  const proxies = Array.from({ length: workers }, () => {
    const worker = new Worker(workerFile("comlink"));
    // Each call adds a listener of its own; a thousand of them would be a warning.
    worker.setMaxListeners(0);
    return wrap(nodeEndpoint(worker));
  });
  let turn = 0;
  return (a, b) => {
    turn = (turn + 1) % workers;
    return proxies[turn]!.add(a, b);
  };
});
