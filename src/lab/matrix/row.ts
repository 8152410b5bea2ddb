// A row of the table: which figure of which experiment, in which unit, and how to read it.
import type { Experiment } from "./experiment.ts";

/** Headings under which rows stand. */
export const matrixGroups = ["cost", "memory", "communication", "isolation", "scheduling"] as const;
export type MatrixGroup = (typeof matrixGroups)[number];

/** Units of figures. `share` is 0…1; `survives` is 1 or 0. */
export type MatrixUnit =
  | "ms"
  | "µs"
  | "ns"
  | "ns/KB"
  | "bytes"
  | "units"
  | "MB/s"
  | "times"
  | "per switch"
  | "share"
  | "survives"
  | "threads";

/** What a row shows. */
export interface RowDefinition {
  readonly id: string;
  readonly title: string;
  readonly group: MatrixGroup;
  readonly unit: MatrixUnit;
  /** Which way is better, where one is. */
  readonly better?: "less" | "more" | undefined;
  readonly experiment: Experiment;
  /** The experiment's name for it. */
  readonly figure: string;
  /** How it was measured and how to read it. */
  readonly note: string;
  /** The IPC means it is about. */
  readonly means?: string | undefined;
  /** How runs are put together: the middle one, or the worst. Default `median`. */
  readonly combine?: "median" | "worst" | undefined;
}
