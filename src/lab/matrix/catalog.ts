// The rows of the table, in its order. A new row is a file in rows/ and a line here.

import type { Experiment } from "./experiment.ts";
import { crashes } from "./experiments/crash.ts";
import { allMeans } from "./means/list.ts";
import type { RowDefinition } from "./row.ts";
import { fitting } from "./rows/capacity.ts";
import { createCold } from "./rows/create-cold.ts";
import { createWarm } from "./rows/create-warm.ts";
import { dispatchAlone } from "./rows/dispatch.ts";
import { dispatchMany } from "./rows/dispatch-many.ts";
import { end } from "./rows/end.ts";
import { ipcBandwidth } from "./rows/ipc-bandwidth.ts";
import { ipcLatency } from "./rows/ipc-latency.ts";
import { loopRest } from "./rows/loop-rest.ts";
import { loopStop } from "./rows/loop-stop.ts";
import { memoryPrivate } from "./rows/memory-private.ts";
import { memoryResident } from "./rows/memory-resident.ts";
import { payloadBytes } from "./rows/payload-bytes.ts";
import { payloadObjects } from "./rows/payload-objects.ts";
import { scheduler } from "./rows/scheduler.ts";
import { parallelSpeedup } from "./rows/speedup.ts";
import { survives } from "./rows/survives.ts";
import { switchCost } from "./rows/switch.ts";
import { switchKernel } from "./rows/switch-kernel.ts";

type CrashKind = keyof typeof crashes;

/** Every row. */
export const matrixRows: readonly RowDefinition[] = [
  createCold,
  createWarm,
  end,
  switchCost,
  switchKernel,
  dispatchAlone,
  dispatchMany,
  payloadBytes,
  payloadObjects,
  memoryResident,
  memoryPrivate,
  fitting,
  ...allMeans.map(ipcLatency),
  ...allMeans.map(ipcBandwidth),
  ...(Object.keys(crashes) as CrashKind[]).map(survives),
  loopRest,
  loopStop,
  parallelSpeedup,
  scheduler,
];

/** The rows with these ids, in the order of the table; all without. Throws `RangeError` for an id that there is not. */
export function rowsOf(ids: readonly string[] | undefined): readonly RowDefinition[] {
  if (ids === undefined) return matrixRows;
  for (const id of ids)
    if (!matrixRows.some((row) => row.id === id))
      throw new RangeError(`matrix: there is no row "${id}"; rows are ${matrixRows.map((row) => row.id).join(", ")}.`);
  if (ids.length === 0) throw new RangeError("matrix: no row given.");
  return matrixRows.filter((row) => ids.includes(row.id));
}

/** The experiments that rows read, each once. */
export function experimentsOf(rows: readonly RowDefinition[]): Experiment[] {
  return [...new Map(rows.map(({ experiment }) => [experiment.id, experiment])).values()];
}

/** The experiment with this id. */
export function experimentNamed(id: string): Experiment | undefined {
  return matrixRows.find(({ experiment }) => experiment.id === id)?.experiment;
}
