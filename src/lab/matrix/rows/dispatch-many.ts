import { dispatch } from "../experiments/dispatch.ts";
import type { RowDefinition } from "../row.ts";

export const dispatchMany: RowDefinition = {
  id: "dispatch-many",
  title: "an empty task, of many",
  group: "cost",
  unit: "µs",
  better: "less",
  experiment: dispatch,
  figure: "manyUs",
  note: "The same with 1,000 of them under way: time over tasks.",
};
