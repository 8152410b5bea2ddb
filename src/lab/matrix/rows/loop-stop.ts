import { loop } from "../experiments/loop.ts";
import type { RowDefinition } from "../row.ts";

export const loopStop: RowDefinition = {
  id: "loop-stop",
  title: "endless loop: stopping it",
  group: "scheduling",
  unit: "ms",
  better: "less",
  experiment: loop,
  figure: "stopMs",
  note: "From the cancel, without grace, until another unit has taken its place and answers.",
};
