// brigade: `map` as anybody would write it.
import { brigade } from "../../shipped.ts";
import { mapWorkloads } from "./case.ts";

const { moduleFunctions, openThreads } = brigade;
const { spin } = moduleFunctions<typeof import("./items.ts")>(new URL("./items.js", import.meta.url));

export const workloads = mapWorkloads(async (size) => {
  const pool = openThreads({ size });
  await pool.warm();
  return (items) => Promise.resolve(pool.map(spin, items));
});
