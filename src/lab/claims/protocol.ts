// What passes between `verifyClaims` and the program of an experiment (compare/program.ts).
import type { Measured, Variant } from "./experiment.ts";

/** Run one experiment, or a part of one. */
export interface ExperimentJob {
  readonly id: number;
  readonly variant: Variant;
  readonly part: string | undefined;
}

/** What the program says in the end. */
export type ExperimentMessage =
  | { readonly type: "measured"; readonly measured: Measured }
  | { readonly type: "failed"; readonly message: string };
