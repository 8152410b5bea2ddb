// worker-farm. It sends ten calls ahead by default, and any number when told so: what a child has not begun is run again when it dies.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { default: openFarm } = await rival("worker-farm");

export const workloads = additions((maxConcurrentWorkers, { maxConcurrentCallsPerWorker = 10 }) => {
  const options = { maxConcurrentWorkers, maxConcurrentCallsPerWorker: Number(maxConcurrentCallsPerWorker) };
  const farm = openFarm(options, workerFile("worker-farm").replace(/mjs$/, "cjs"), ["add"]);
  return (a, b) => new Promise((resolve, reject) => farm.add(a, b, (error, sum) => (error ? reject(error) : resolve(sum))));
});
