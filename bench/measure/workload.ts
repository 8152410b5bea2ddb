// A workload takes one sample of one subject, inside a program of its own.

/** Settings of a subject that are not its defaults, as its suite names them. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Under which conditions a sample is taken. */
export interface Conditions {
  /** How long to measure, after a warm-up of the same length, in milliseconds. */
  readonly timeMs: number;
  /** Operations, tasks or items at a time. */
  readonly size: number;
  readonly settings?: Settings;
}

/** Resolves with one value or more, in the unit of the case; the sample is their median. */
export type Workload = (conditions: Conditions) => Promise<readonly number[]>;

/** What a module below `cases/` exports as `workloads`: by id of the case, or by the key that its suite names. */
export type Workloads = Readonly<Record<string, Workload>>;
