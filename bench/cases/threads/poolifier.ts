// poolifier: a fixed pool without its task queue posts every task at once, which is its best.
import { additions } from "../../measure/adders.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { FixedThreadPool } = await rival("poolifier");

export const workloads = additions((workers) => {
  const pool = new FixedThreadPool(workers, workerFile("poolifier"));
  return (a, b) => pool.execute({ a, b }, "addPair");
});
