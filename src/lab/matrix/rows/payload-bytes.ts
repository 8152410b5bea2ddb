import { dispatch } from "../experiments/dispatch.ts";
import type { RowDefinition } from "../row.ts";

export const payloadBytes: RowDefinition = {
  id: "payload-bytes",
  title: "a KB of bytes with it",
  group: "cost",
  unit: "ns/KB",
  better: "less",
  experiment: dispatch,
  figure: "bytesNsPerKB",
  note: "What a task with 1 MB of bytes takes longer than an empty one, for each KB.",
};
