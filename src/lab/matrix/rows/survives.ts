import { type CrashKind, crash, crashes } from "../experiments/crash.ts";
import type { RowDefinition } from "../row.ts";

/** Whether the rest survives one kind of crash. */
export const survives = (kind: CrashKind): RowDefinition => ({
  id: `survives-${kind}`,
  title: `survive: ${crashes[kind].title}`,
  group: "isolation",
  unit: "survives",
  better: "more",
  experiment: crash(kind),
  figure: "survives",
  note: "A unit really does it; then another unit of the level and the program are asked. 1 (yes): both answer. 0 (no): the program is gone, or stands still.",
  combine: "worst",
});
