import { switching } from "../experiments/switching.ts";
import type { RowDefinition } from "../row.ts";

export const switchCost: RowDefinition = {
  id: "switch",
  title: "switch to another",
  group: "cost",
  unit: "ns",
  better: "less",
  experiment: switching,
  figure: "switchNs",
  note: "Two units hand one turn to and fro on one processor (where taskset can bind them): coroutines by await, the others by a byte in a pipe, which they read blocking.",
};
