import { speedup } from "../experiments/speedup.ts";
import type { RowDefinition } from "../row.ts";

export const parallelSpeedup: RowDefinition = {
  id: "speedup",
  title: "speed-up of computing",
  group: "scheduling",
  unit: "times",
  better: "more",
  experiment: speedup,
  figure: "speedup",
  note: "Computations a second with a unit for each processor, over those of a plain loop.",
};
