// What passes between the program that wants the table and the one that does an experiment: a job on stdin, messages on the IPC channel.
import type { MatrixLevel, Observation } from "./experiment.ts";

/** One experiment on one level, once. */
export interface MatrixJob {
  readonly experiment: string;
  readonly level: MatrixLevel;
  /** Time to take samples in, in ms. */
  readonly timeMs: number;
  readonly quick: boolean;
  /** A folder for this experiment alone. */
  readonly folder: string;
}

/** What the program says. `alive` with `done` 1 announces danger. */
export type MatrixMessage =
  | { readonly type: "alive"; readonly done?: 1 | undefined }
  | { readonly type: "observed"; readonly observation: Observation }
  | { readonly type: "failed"; readonly message: string };
