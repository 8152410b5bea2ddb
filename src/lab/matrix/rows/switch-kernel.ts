import { switching } from "../experiments/switching.ts";
import type { RowDefinition } from "../row.ts";

export const switchKernel: RowDefinition = {
  id: "switch-kernel",
  title: "kernel switches for that",
  group: "cost",
  unit: "per switch",
  better: "less",
  experiment: switching,
  figure: "kernelSwitches",
  note: "Times the kernel put a thread away, in its own books, for each hand-over.",
};
