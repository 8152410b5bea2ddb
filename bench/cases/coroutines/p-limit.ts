// p-limit: promises behind a limit, here without one, so that all run at once.
import { rival } from "../../rivals/packages.ts";
import { poolWorkloads } from "./promise-pool.ts";

const { default: pLimit } = await rival("p-limit");
const limit = pLimit(Number.POSITIVE_INFINITY);

export const workloads = poolWorkloads((fn) => limit(fn));
