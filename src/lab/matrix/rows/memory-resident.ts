import { memory } from "../experiments/memory.ts";
import type { RowDefinition } from "../row.ts";

export const memoryResident: RowDefinition = {
  id: "memory-resident",
  title: "memory, resident",
  group: "memory",
  unit: "bytes",
  better: "less",
  experiment: memory,
  figure: "residentBytes",
  note: "What one more suspended unit adds to the program's resident memory; of a process, all of its own, shared code included.",
};
