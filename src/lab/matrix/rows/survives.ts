import { type CrashKind, crash, crashes } from "../experiments/crash.ts";
import type { RowDefinition } from "../row.ts";

/** Whether the rest survives one kind of crash. */
export const survives = (kind: CrashKind): RowDefinition => ({
  id: `survives-${kind}`,
  title: `${crashes[kind].title} in one`,
  group: "isolation",
  unit: "survives",
  better: "more",
  experiment: crash(kind),
  figure: "survives",
  note: "A unit really does it; then another unit of the level and the program are asked. 1: both answer. 0: the program is gone.",
  combine: "worst",
});
