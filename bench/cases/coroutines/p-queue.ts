// p-queue: promises in a queue, by default as many at once as there are.
import { rival } from "../../rivals/packages.ts";
import { poolWorkloads } from "./promise-pool.ts";

const { default: PQueue } = await rival("p-queue");
const queue = new PQueue();

export const workloads = poolWorkloads((fn) => queue.add(fn));
