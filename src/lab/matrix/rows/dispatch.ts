import { dispatch } from "../experiments/dispatch.ts";
import type { RowDefinition } from "../row.ts";

export const dispatchAlone: RowDefinition = {
  id: "dispatch",
  title: "an empty task, alone",
  group: "cost",
  unit: "µs",
  better: "less",
  experiment: dispatch,
  figure: "aloneUs",
  note: "From submitting an empty task to its result, one at a time, on a unit that is there.",
};
