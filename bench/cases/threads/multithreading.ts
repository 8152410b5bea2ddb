// multithreading: runs the source text of a function elsewhere. It needs a Node with `navigator` and `Promise.withResolvers`.
import { additions } from "../../measure/adders.ts";
import { rival } from "../../rivals/packages.ts";

const { initRuntime, move, spawn } = await rival("multithreading");

export const workloads = additions((maxWorkers) => {
  initRuntime({ maxWorkers });
  return async (a, b) => {
    const { value } = await spawn(move(a, b), (x: number, y: number) => x + y).join();
    return value;
  };
});
