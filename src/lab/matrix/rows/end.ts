import { creation } from "../experiments/creation.ts";
import type { RowDefinition } from "../row.ts";

export const end: RowDefinition = {
  id: "end",
  title: "end one",
  group: "cost",
  unit: "ms",
  better: "less",
  experiment: creation,
  figure: "endMs",
  note: "From asking an idle unit to go until it is gone; a coroutine is stopped where it is suspended.",
};
