// piscina: a pool of worker threads.
import { rival } from "../../rivals/packages.ts";
import { rivalWorkloads } from "./rival-pool.ts";

const { Piscina } = await rival("piscina");

export const workloads = rivalWorkloads(Piscina);
