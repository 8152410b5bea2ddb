// The table: a plan, one fresh program per step, and rows from what they saw. A step that fails is a cell without a value, never the end.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { env, platform, versions } from "node:process";
import { CancelledError } from "../../contract/errors.ts";
import { type Answer, type ProgramSettings, runProgram } from "../compare/program.ts";
import { describeMachine } from "../machine.ts";
import type { Matrix } from "../report.ts";
import { experimentsOf } from "./catalog.ts";
import { Cells } from "./cells.ts";
import type { Experiment, Observation } from "./experiment.ts";
import { type Extent, extents, type MatrixStep, matrixSteps } from "./plan.ts";
import type { MatrixJob, MatrixMessage } from "./protocol.ts";
import type { RowDefinition } from "./row.ts";

/** What to measure, all settled. */
export interface MatrixPlan {
  readonly rows: readonly RowDefinition[];
  readonly quick: boolean;
  /** How much; by default as `quick` says. */
  readonly extent?: Extent | undefined;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Version of brigade, for the report. */
  readonly version?: string | undefined;
  /** Never called again once the matrix has settled. */
  onProgress?(progress: MatrixProgress): void;
}

/** Where it stands. */
export interface MatrixProgress {
  readonly step: MatrixStep;
  /** Share of the steps that are over, 0…1. */
  readonly done: number;
}

/** Silence after which an experiment has failed, in ms: none is silent as long on a machine that is merely busy. */
const patienceMs = 30_000;

/** Variables that would slow every program or change what it is: certificates cost each process of Node 20 some 60 ms. */
const withheld = ["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "NODE_TEST_CONTEXT"];

/** Runs the plan. When the signal aborts, resolves all the same with what finished and `interrupted`; every program it started is gone by
 *  then, and so are its files. */
export async function runMatrix(plan: MatrixPlan, settings: ProgramSettings): Promise<Matrix> {
  const startedMs = performance.now();
  const extent = plan.extent ?? extents[plan.quick ? "quick" : "full"];
  const steps = matrixSteps(experimentsOf(plan.rows), extent, plan.seed);
  const cells = new Cells();
  const binder = taskset();
  // before it is this program's own doing
  const busy = loadavg()[0] ?? 0;
  let rounds = 0;
  let interrupted = plan.signal?.aborted === true;
  for (const [index, step] of steps.entries()) {
    const spentMs = performance.now() - startedMs;
    if (interrupted || spentMs > (step.round > 0 ? extent.limitMs : extent.endMs)) break;
    rounds = step.round + 1;
    plan.onProgress?.({ step, done: index / steps.length });
    try {
      await take(step, plan, extent, cells, { ...settings, withheld, before: before(step.experiment, binder) });
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      interrupted = true;
    }
  }
  return {
    kind: "matrix",
    machine: describeMachine(),
    rows: plan.rows.map((row) => cells.row(row)),
    versions: { ...(plan.version === undefined ? {} : { brigade: plan.version }), node: versions.node, v8: versions.v8 },
    seed: plan.seed,
    rounds,
    quick: plan.quick,
    tookMs: Math.round(performance.now() - startedMs),
    interrupted,
    remarks: remarks(plan.rows, binder, busy),
  };
}

/** Takes one step. A level that could not do an experiment once is not asked again. Rejects with `CancelledError` only. */
async function take(step: MatrixStep, plan: MatrixPlan, extent: Extent, cells: Cells, settings: ProgramSettings): Promise<void> {
  const { experiment, level } = step;
  const cell = cells.at(experiment, level);
  if (cell.failure !== undefined) return;
  const folder = mkdtempSync(join(tmpdir(), "brigade-matrix-"));
  try {
    const job: MatrixJob = { experiment: experiment.id, level, timeMs: extent.timeMs, quick: plan.quick, folder };
    let danger = false;
    const answer = await runProgram<MatrixMessage>(
      job,
      { ...settings, execArgv: [...settings.execArgv, ...(experiment.flags?.(level) ?? [])] },
      {
        signal: plan.signal,
        startMs: patienceMs,
        // silence means something else once danger has been announced
        get silenceMs() {
          return danger ? (experiment.silenceMs ?? patienceMs) : patienceMs;
        },
        onAlive: () => {
          danger = true;
        },
      },
    );
    const seen = observationOf(answer, experiment, step, danger);
    if (typeof seen === "string") cell.failure = seen;
    else cell.observations.push(seen);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function observationOf(
  answer: Answer<MatrixMessage>,
  experiment: Experiment,
  { level }: MatrixStep,
  danger: boolean,
): Observation | string {
  if ("message" in answer) {
    const { message } = answer;
    if (message.type === "observed") return message.observation;
    return message.type === "failed" ? message.message : "the program ended before it had seen anything";
  }
  const { how, status } = answer.end;
  // only what was announced is the experiment's doing
  if (danger && how !== "unstarted" && experiment.ended !== undefined) return experiment.ended(level, { how, status });
  return answer.failure;
}

/** What an experiment's program is started through. */
function before({ pinned, crashes }: Experiment, binder: readonly string[] | undefined): readonly string[] | undefined {
  if (crashes && platform !== "win32") return ["/bin/sh", "-c", 'ulimit -c 0; exec "$0" "$@"'];
  return pinned ? binder : undefined;
}

/** The program that binds another one to a processor, with its arguments; `undefined` where there is none. */
function taskset(): readonly string[] | undefined {
  if (platform !== "linux") return undefined;
  for (const folder of ["/usr/bin", "/bin", ...(env["PATH"] ?? "").split(delimiter)]) {
    const path = join(folder, "taskset");
    if (folder !== "" && existsSync(path)) return [path, "-c", lastAllowed()];
  }
  return undefined;
}

/** The last processor that this program may use: the first ones serve the devices. */
function lastAllowed(): string {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  return list.split(/[,-]/).at(-1) ?? "0";
}

function remarks(rows: readonly RowDefinition[], binder: readonly string[] | undefined, busy: number): string[] {
  const pinned = rows.some(({ experiment }) => experiment.pinned);
  const processors = availableParallelism();
  return [
    ...(busy > processors / 2
      ? [
          `The machine was busy when this began (${busy.toFixed(1)} programs wanted its ${processors} ${processors === 1 ? "processor" : "processors"}): take the figures with care.`,
        ]
      : []),
    ...(pinned && binder === undefined
      ? ["No program here binds a unit to a processor: switches and loops were measured across processors."]
      : []),
    ...(env["NODE_EXTRA_CA_CERTS"] === undefined
      ? []
      : ["NODE_EXTRA_CA_CERTS was taken out of the environment: on Node 20 it adds some 60 ms to each process."]),
  ];
}
