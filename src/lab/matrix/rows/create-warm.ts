import { creation } from "../experiments/creation.ts";
import type { RowDefinition } from "../row.ts";

export const createWarm: RowDefinition = {
  id: "create-warm",
  title: "make one, later",
  group: "cost",
  unit: "ms",
  better: "less",
  experiment: creation,
  figure: "warmMs",
  note: "The same once code is compiled and files are cached, one unit after the other.",
};
