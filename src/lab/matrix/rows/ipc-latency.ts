import { ipc } from "../experiments/ipc.ts";
import type { Means } from "../means/means.ts";
import type { RowDefinition } from "../row.ts";

/** The round trip of a small message by one means. */
export const ipcLatency = (means: Means): RowDefinition => ({
  id: `ipc-latency-${means.id}`,
  title: `round trip: ${means.title}`,
  group: "communication",
  unit: "µs",
  better: "less",
  experiment: ipc(means),
  figure: "roundTripUs",
  note: "A small message to the unit and its answer, one at a time.",
  means: means.id,
});
