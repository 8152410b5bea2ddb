import { budgetBytes, capacity } from "../experiments/capacity.ts";
import type { RowDefinition } from "../row.ts";

export const fitting: RowDefinition = {
  id: "capacity",
  title: `how many fit in ${budgetBytes / 2 ** 20} MB`,
  group: "memory",
  unit: "units",
  better: "more",
  experiment: capacity,
  figure: "units",
  note: "Really made, until what they hold privately exceeds the budget.",
};
