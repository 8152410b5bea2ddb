// tinypool with children instead of threads.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { Tinypool } = await rival("tinypool");

export const workloads = additions((size, settings) => {
  const options = { filename: workerFile("add"), name: "addPair", minThreads: size, maxThreads: size, runtime: "child_process" };
  const pool = new Tinypool({ ...options, ...settings });
  return (a, b) => pool.run({ a, b });
});
