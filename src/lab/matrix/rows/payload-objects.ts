import { dispatch } from "../experiments/dispatch.ts";
import type { RowDefinition } from "../row.ts";

export const payloadObjects: RowDefinition = {
  id: "payload-objects",
  title: "a KB of objects with it",
  group: "cost",
  unit: "ns/KB",
  better: "less",
  experiment: dispatch,
  figure: "objectsNsPerKB",
  note: "What a task with 2,000 small objects takes longer, for each KB that they are as JSON.",
};
