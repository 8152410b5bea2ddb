// tinypool: a smaller piscina.
import { rival } from "../../rivals/packages.ts";
import { rivalWorkloads } from "./rival-pool.ts";

const { Tinypool } = await rival("tinypool");

export const workloads = rivalWorkloads(Tinypool);
