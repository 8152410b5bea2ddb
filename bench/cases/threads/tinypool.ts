// tinypool, a smaller piscina.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { Tinypool } = await rival("tinypool");

export const workloads = additions((threads, settings) => {
  const pool = new Tinypool({ filename: workerFile("add"), name: "addPair", minThreads: threads, maxThreads: threads, ...settings });
  return (a, b) => pool.run({ a, b });
});
