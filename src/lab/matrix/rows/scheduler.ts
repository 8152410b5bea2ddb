import { memory } from "../experiments/memory.ts";
import type { RowDefinition } from "../row.ts";

export const scheduler: RowDefinition = {
  id: "scheduler",
  title: "who schedules",
  group: "scheduling",
  unit: "threads",
  experiment: memory,
  figure: "kernelThreads",
  note: "Threads that one more unit gives the kernel to schedule; with none, it does not know of the unit, and the event loop gives it its turns. ×n: a unit brings n of them.",
};
