import { ipc } from "../experiments/ipc.ts";
import type { Means } from "../means/means.ts";
import type { RowDefinition } from "../row.ts";

/** Bytes a second to a unit by one means. */
export const ipcBandwidth = (means: Means): RowDefinition => ({
  id: `ipc-bandwidth-${means.id}`,
  title: `bandwidth: ${means.title}`,
  group: "communication",
  unit: "MB/s",
  better: "more",
  experiment: ipc(means),
  figure: "megabytesPerSecond",
  note: "Messages of 1 MB to the unit, in a row, until it says that all have come.",
  means: means.id,
});
