// brigade at its defaults: cancellation, deadlines, metrics and context on.
import { additions } from "../../measure/adders.ts";
import { brigade } from "../../shipped.ts";
import { add } from "../threads/add.ts";

export const workloads = additions(async (size) => {
  const pool = brigade.openProcesses({ size });
  await pool.warm();
  return (a, b) => pool.run(add, a, b);
});
