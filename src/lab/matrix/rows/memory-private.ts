import { memory } from "../experiments/memory.ts";
import type { RowDefinition } from "../row.ts";

export const memoryPrivate: RowDefinition = {
  id: "memory-private",
  title: "memory, private",
  group: "memory",
  unit: "bytes",
  better: "less",
  experiment: memory,
  figure: "privateBytes",
  note: "The pages of it that nobody else has: what another one really costs (smaps_rollup).",
};
