// What the platform has between two processes: `child_process.fork` with its own serialisation, values sent without back-pressure.
import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { fileURLToPath } from "node:url";
import { perOperation } from "../../measure/per-operation.ts";
import type { Workloads } from "../../measure/workload.ts";
import { megabyte, record } from "./values.ts";

const file = fileURLToPath(new URL("./fork-child.js", import.meta.url));
let child: ChildProcess | undefined;
const open = (...args: string[]): ChildProcess => {
  child ??= fork(file, args, { serialization: "advanced" });
  return child;
};
const answer = (from: ChildProcess): Promise<unknown> => new Promise((resolve) => from.once("message", resolve));

const oneWay = (value: Serializable) =>
  perOperation(async (n) => {
    const there = open("sinks");
    for (let i = 1; i < n; i++) there.send(value);
    const counted = answer(there);
    there.send(null as unknown as Serializable);
    await counted;
  });

export const workloads: Workloads = {
  "round-trip": perOperation(async (n) => {
    const there = open();
    for (let i = 0; i < n; i++) {
      const back = answer(there);
      there.send(i);
      await back;
    }
  }),
  record: oneWay(record),
  "1MB": oneWay(megabyte),
};
