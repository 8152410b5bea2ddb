// Injects a fault into an executor of its own and counts what came of it.
import assert from "node:assert/strict";
import { skipReason, type TestLevel } from "../capabilities.ts";
import { Ground, within } from "../ground.ts";
import { echo } from "../tasks.ts";
import { Ledger, type Tally } from "./ledger.ts";
import type { Fault } from "./table.ts";

/** A row of the report. */
export interface Row extends Tally {
  readonly level: TestLevel;
  readonly fault: string;
  /** Why the level does not have this fault. */
  readonly excused?: string | undefined;
}

/** Injects one fault on one level. Rejects when a task ended otherwise than expected, when the executor does not work
 *  afterwards, or when something is left. */
export async function inject(level: TestLevel, fault: Fault): Promise<Row> {
  const excused = skipReason(level, fault.needs);
  const row = { level, fault: fault.name };
  if (excused !== undefined) return { ...row, submitted: 0, settled: 0, abandoned: 0, lost: 0, excused };
  const ground = new Ground(level, level);
  try {
    const executor = ground.open({ size: 2, ...fault.options });
    const ledger = new Ledger();
    await fault.inject(executor, ledger, ground);
    const tally = await ledger.close();
    if (!fault.ends) assert.equal(await within(executor.run(echo, "still works"), "the executor works afterwards", 10_000), "still works");
    return { ...row, ...tally };
  } finally {
    await ground.dispose();
  }
}
