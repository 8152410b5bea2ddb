// What passes between the advising program and a measuring one: a job down, one message up. As in compare/protocol.ts.
import type { Level } from "../../contract/portable.ts";
import type { Configuration } from "../compare/plan.ts";
import type { MeasureJob, RunReport } from "../compare/protocol.ts";
import type { MachineConstants } from "./constants.ts";
import type { TrialLimits } from "./enough.ts";
import type { Profile } from "./profile.ts";

type FunctionAndInputs = Pick<MeasureJob, "url" | "name" | "inputs" | "timeoutMs">;

/** Get to know a function, and the machine unless it is known. */
export interface ProfileJob extends FunctionAndInputs {
  readonly kind: "profile";
  readonly levels: readonly Level[];
  /** The largest pool that will be asked about. */
  readonly size: number;
  readonly machine: MachineConstants | undefined;
}

/** Run some configurations in turn, in one program. */
export interface TrialJob extends FunctionAndInputs, TrialLimits {
  readonly kind: "trial";
  /** The simplest first: results are held against its. */
  readonly configurations: readonly Configuration[];
  readonly mostRounds: number;
}

/** A job of the advisor. */
export type AdviseJob = ProfileJob | TrialJob;

/** The runs of one configuration, in the order of the rounds; or why there are none. */
export interface TrialLane {
  readonly configuration: Configuration;
  readonly reports: readonly RunReport[];
  readonly failure: string | undefined;
}

/** What a measuring program says to the advisor. */
export type AdviseMessage =
  | { readonly type: "alive"; readonly done?: number | undefined }
  | { readonly type: "profile"; readonly profile: Profile; readonly machine: MachineConstants; readonly calibrationMs: number }
  | { readonly type: "trial"; readonly lanes: readonly TrialLane[] }
  | { readonly type: "failed"; readonly message: string };
