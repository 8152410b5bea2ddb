// piscina: a pool of one thread, and its import.
import { firstResult } from "../../measure/first-result.ts";
import { importing } from "../../measure/importing.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival, workerFile } from "../../rivals/packages.ts";

const { Piscina } = await rival("piscina");

export const workloads: Workloads = {
  "first-result": firstResult(() => {
    const pool = new Piscina({ filename: workerFile("add"), name: "addPair", minThreads: 1, maxThreads: 1 });
    return { add: (a, b) => pool.run({ a, b }), close: () => pool.destroy() };
  }),
  import: importing("piscina"),
};
