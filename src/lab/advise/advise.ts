// The advisor: get to know the function, forecast every level and size, try the best two beside the simplest, decide, explain.
import { version } from "node:process";
import { UnsupportedError } from "../../contract/errors.ts";
import { encode } from "../../wire/codec.ts";
import { type Configuration, configurations, type FunctionPlan, isSameRow, words } from "../compare/plan.ts";
import { type ProgramSettings, runProgram } from "../compare/program.ts";
import { row } from "../compare/rows.ts";
import { median, pairedSpeedups, ratio } from "../compare/statistics.ts";
import { describeMachine } from "../machine.ts";
import type { Advice, AdviceForecast, Comparison } from "../report.ts";
import { afterTrial } from "./after-trial.ts";
import { chooseTrials, eligible, objection, trialItems } from "./candidates.ts";
import type { MachineConstants } from "./constants.ts";
import { forecast } from "./cost-model.ts";
import { decide } from "./decide.ts";
import { fewestRounds } from "./enough.ts";
import type { AdviseJob, AdviseMessage, TrialLane } from "./protocol.ts";
import { reasonsFor } from "./reasons.ts";
import { spreadOrder } from "./spread-order.ts";

/** What to advise on, all settled. */
export interface AdvicePlan extends FunctionPlan {
  /** Rounds of the trial at most. */
  readonly rounds: number;
  /** Tells what goes on, and what share (0…1) is over. */
  onProgress?(done: number, what: string): void;
}

/** Rounds of a trial: more are no better where the difference is clear. */
export const defaultTrialRounds = 7;
const trialBudgetMs = 600;
const startMs = 30_000;
const silenceSlackMs = 3_000;

/** What calibrating has found; the machine is the same for every function that one program asks about. */
let calibrated: MachineConstants | undefined;

/** Advises. Rejects with `CancelledError` once the signal is aborted, `RangeError` for a plan that makes no sense,
 *  `NotSerializableError` for an input that cannot travel, and `UnsupportedError` when the function's program ends without an answer.
 *  Every program it started is gone by then. */
export async function runAdvice(plan: AdvicePlan, settings: ProgramSettings): Promise<Advice> {
  const startedAt = performance.now();
  if (plan.inputs.length === 0) throw new RangeError("advise: no sample given; the function runs on samples of its input.");
  if (!Number.isSafeInteger(plan.rounds) || plan.rounds < 1)
    throw new RangeError(`advise: rounds must be a positive integer, got ${plan.rounds}.`);
  const all = configurations(plan.levels, plan.sizes, plan.inputs.length);
  plan.onProgress?.(0, "getting to know the function");
  const known = calibrated;
  const { profile, machine, calibrationMs } = await getToKnow(plan, settings, known);
  calibrated ??= machine;

  const foresee = (items: number, on = machine): AdviceForecast[] =>
    configurations(plan.levels, plan.sizes, items).map((configuration) => {
      const why = objection(profile, configuration.level);
      return { ...forecast(profile, on, items, configuration), ...(why === undefined ? {} : { objection: why }) };
    });
  const beforeTrial = foresee(plan.inputs.length);
  const hoped = foresee(plan.inputs.length, { ...machine, scaling: { contention: 0, coherence: 0 } });
  const chosen = chooseTrials(profile, eligible(profile, machine, hoped));
  const count = trialItems(profile, chosen);
  const trials = configurations(plan.levels, plan.sizes, count).filter((row) => chosen.some((one) => isSameRow(one, row)));
  plan.onProgress?.(0.5, `trying ${trials.map(words).join(", ")}`);
  const timeOf = (all: readonly AdviceForecast[], row: Configuration) => all.find((one) => isSameRow(one, row))?.wallMs ?? 0;
  const forecasts = foresee(count);
  const roundMs = trials.reduce((sum, trial) => sum + timeOf(forecasts, trial), 0);
  const lanes = await tryOut(plan, settings, trials, count, roundMs);
  const evidence = compareLanes(plan.label, lanes, count);
  // fewer inputs than calls are samples of more; more of them are the work itself
  const growth = (row: Configuration) => (plan.inputs.length > count ? ratio(timeOf(beforeTrial, row), timeOf(forecasts, row)) : 1);
  const decision = decide(profile, machine, evidence.levels, { growth, atBestMs: (row) => timeOf(hoped, row) });
  const overInputs = afterTrial(beforeTrial, forecasts, evidence.levels);
  const reasons = reasonsFor({ profile, machine, forecasts, overInputs, decision, evidence });
  const { level, size } = decision ?? evidence.verdict;
  const over = (items: readonly AdviceForecast[]) => items.find((one) => one.level === level && one.size === size)?.wallMs ?? 0;
  return {
    kind: "advice",
    function: plan.label,
    machine: describeMachine(),
    level,
    size: level === "coroutine" ? (all.find((one) => one.level === level)?.size ?? size) : size,
    chunk: decision?.chunk ?? 1,
    cpuShare: round(ratio(Math.min(profile.cpuMs, profile.wallMs), profile.wallMs)),
    predictedSpeedup: round(ratio(forecasts[0]?.wallMs ?? 0, over(forecasts))),
    measuredSpeedup: round(decision?.speedup ?? 1),
    reasons,
    evidence: { ...evidence, verdict: { level, size, reason: reasons[0] ?? "" } },
    profile,
    forecasts,
    overInputs,
    costMs: Math.round(performance.now() - startedAt),
    calibrationMs: Math.round(calibrationMs),
  };
}

type Known = Extract<AdviseMessage, { type: "profile" }>;

async function getToKnow(plan: AdvicePlan, settings: ProgramSettings, machine: MachineConstants | undefined): Promise<Known> {
  const { url, name, timeoutMs, levels, sizes } = plan;
  const inputs = encode(plan.inputs, { root: "arguments" }).bytes;
  const size = Math.max(...sizes);
  const answer = await ask({ kind: "profile", url, name, timeoutMs, inputs, levels, size, machine }, settings, plan);
  if (answer.type !== "profile") throw unexpected(answer, plan);
  return answer;
}

async function tryOut(
  plan: AdvicePlan,
  settings: ProgramSettings,
  trials: readonly Configuration[],
  count: number,
  roundMs: number,
): Promise<readonly TrialLane[]> {
  const { url, name, timeoutMs, rounds } = plan;
  const order = spreadOrder(plan.inputs.length);
  const items = Array.from({ length: count }, (_, i) => plan.inputs[order[i % order.length] ?? 0]);
  const inputs = encode(items, { root: "arguments" }).bytes;
  const limits = { fewestRounds: Math.min(fewestRounds, rounds), mostRounds: rounds, budgetMs: trialBudgetMs, roundMs };
  const answer = await ask({ kind: "trial", url, name, timeoutMs, inputs, configurations: trials, ...limits }, settings, plan);
  if (answer.type !== "trial") throw unexpected(answer, plan);
  return answer.lanes;
}

async function ask(job: AdviseJob, settings: ProgramSettings, { signal, timeoutMs, label }: AdvicePlan): Promise<AdviseMessage> {
  const limits = timeoutMs === undefined ? {} : { silenceMs: timeoutMs * 1.5 + silenceSlackMs, startMs: timeoutMs + startMs };
  const answer = await runProgram<AdviseMessage>(job, settings, { signal, ...limits });
  if ("message" in answer) return answer.message;
  throw new UnsupportedError(`advise: ${label} could not be looked at: ${answer.failure}.`, "advise");
}

function unexpected(message: AdviseMessage, { label }: AdvicePlan): Error {
  const why = message.type === "failed" ? message.message : `its program answered "${message.type}"`;
  return new UnsupportedError(`advise: ${label} could not be looked at: ${why}.`, "advise");
}

function compareLanes(label: string, lanes: readonly TrialLane[], items: number): Comparison {
  const [base] = lanes;
  const baseline = base?.reports.map((report) => report.wallMs) ?? [];
  const levels = lanes.map((lane) =>
    row({ ...lane, equal: lane.reports.every((report) => report.lines === undefined) }, items, median(baseline)),
  );
  return {
    kind: "comparison",
    function: label,
    inputs: items,
    machine: describeMachine(),
    node: version,
    levels,
    verdict: { level: base?.configuration.level ?? "serial", size: base?.configuration.size ?? 1, reason: "" },
    detail: {
      rounds: baseline.length,
      speedups: lanes.map((lane) =>
        pairedSpeedups(
          baseline,
          lane.reports.map((report) => report.wallMs),
        ),
      ),
      baseline: base === undefined ? "serial" : words(base.configuration),
      timelines: lanes.flatMap(({ configuration, reports }) => {
        const [first] = reports;
        return first === undefined ? [] : [{ ...configuration, spans: first.spans }];
      }),
      difference: undefined,
      failures: [],
      interrupted: false,
    },
  };
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
