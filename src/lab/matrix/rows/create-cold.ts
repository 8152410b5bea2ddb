import { creation } from "../experiments/creation.ts";
import type { RowDefinition } from "../row.ts";

export const createCold: RowDefinition = {
  id: "create-cold",
  title: "make one, the first",
  group: "cost",
  unit: "ms",
  better: "less",
  experiment: creation,
  figure: "coldMs",
  note: "From asking for the first unit of a fresh program to its first answer.",
};
