import { loop } from "../experiments/loop.ts";
import type { RowDefinition } from "../row.ts";

export const loopRest: RowDefinition = {
  id: "loop-rest",
  title: "endless loop: others run",
  group: "scheduling",
  unit: "share",
  better: "more",
  experiment: loop,
  figure: "goesOn",
  note: "Turns that the program's event loop still gets while a unit loops on the same processor, of those it gets without.",
};
