// Tries statements: each experiment in a program of its own, one after the other, since two at once would measure each other.
import { CancelledError } from "../../contract/errors.ts";
import { type ProgramSettings, runProgram } from "../compare/program.ts";
import { describeMachine } from "../machine.ts";
import type { Claim, ClaimsReport } from "../report.ts";
import type { Experiment, Measured, Variant } from "./experiment.ts";
import type { ExperimentJob, ExperimentMessage } from "./protocol.ts";

/** What to try, all settled. */
export interface ClaimsPlan {
  readonly experiments: readonly Experiment[];
  readonly signal?: AbortSignal | undefined;
  /** Called before each experiment. */
  onProgress?(progress: { readonly done: number; readonly total: number; readonly experiment: Experiment }): void;
}

/** No experiment takes a tenth of this on a machine that is not overloaded; one that hangs must not hang the rest. */
const longestMs = 90_000;

/** Tries one after the other. When the signal aborts, resolves with those that finished; every program is gone by then. */
export async function runClaims({ experiments, signal, onProgress }: ClaimsPlan, settings: ProgramSettings): Promise<ClaimsReport> {
  const startMs = performance.now();
  const claims: Claim[] = [];
  try {
    for (const [done, experiment] of experiments.entries()) {
      onProgress?.({ done, total: experiments.length, experiment });
      claims.push(await tryOut(experiment, settings, signal));
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
  const interrupted = claims.length < experiments.length;
  return { kind: "claims", machine: describeMachine(), claims, tookMs: performance.now() - startMs, interrupted };
}

async function tryOut(experiment: Experiment, settings: ProgramSettings, signal: AbortSignal | undefined): Promise<Claim> {
  const { id, statement, tried } = experiment;
  const result = await measure(experiment, "claimed", settings, signal);
  if ("failure" in result) {
    const because = `The experiment could not run: ${result.failure}`;
    return { id, statement, tried, verdict: "undecided", because, measured: {}, failure: result.failure };
  }
  return { id, statement, tried, ...experiment.judge(result.measured), measured: result.measured };
}

/** Runs an experiment in a program of its own. Rejects with `CancelledError` only. */
export async function measure(
  { id }: Experiment,
  variant: Variant,
  settings: ProgramSettings,
  signal: AbortSignal | undefined,
): Promise<{ readonly measured: Measured } | { readonly failure: string }> {
  const job: ExperimentJob = { id, variant, part: undefined };
  const answer = await runProgram<ExperimentMessage>(job, settings, { signal, startMs: longestMs });
  if ("failure" in answer) return { failure: answer.failure };
  return answer.message.type === "measured" ? { measured: answer.message.measured } : { failure: answer.message.message };
}
