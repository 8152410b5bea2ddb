// The comparison: a plan, one fresh program per step, rounds interleaved, then rows, equality and a verdict.
import { version } from "node:process";
import { CancelledError } from "../../contract/errors.ts";
import { encode } from "../../wire/codec.ts";
import { describeMachine } from "../machine.ts";
import type { Comparison, ComparisonRow, Difference, FailedItem, Timeline } from "../report.ts";
import { digestBytes } from "./canonical.ts";
import { firstDifference } from "./difference.ts";
import { inputLabel } from "./input-label.ts";
import { type Configuration, configurations, type FunctionPlan, schedule, words } from "./plan.ts";
import { type Answer, type ProgramSettings, runProgram } from "./program.ts";
import type { MeasureJob, Message, RunReport } from "./protocol.ts";
import { latencies, row, samples } from "./rows.ts";
import { median, pairedSpeedups } from "./statistics.ts";
import { judge } from "./verdict.ts";

/** What to compare, all settled. Times in ms. */
export interface ComparisonPlan extends FunctionPlan {
  readonly rounds: number;
  /** Inputs that each worker runs before the clock starts. */
  readonly warmup: number;
  /** Items to trace in a round of its own, after the others; default none. */
  readonly traceItems?: number | undefined;
  /** Tells how far it is; never called again once the comparison has settled. */
  onProgress?(progress: ComparisonProgress): void;
}

/** Where a comparison stands. */
export interface ComparisonProgress {
  readonly configuration: Configuration;
  /** From 0. */
  readonly round: number;
  /** Timed items, over all configurations and rounds. */
  readonly itemsDone: number;
  readonly itemsTotal: number;
}

/** Defaults of a comparison. */
export const defaultRounds = 5;
export const defaultWarmup = 16;

const startMs = 30_000;
const silenceSlackMs = 3_000;

/** Mutable state of one row while rounds go on. */
interface Lane {
  readonly configuration: Configuration;
  readonly reports: RunReport[];
  equal: boolean;
  failure: string | undefined;
  traced: Timeline | undefined;
}

/** Runs the plan. When the signal aborts, resolves all the same with what finished and `detail.interrupted`; every program it
 *  started is gone by then. Before anything runs it throws
 *  `RangeError` for a plan that makes no sense and `NotSerializableError` for an input that cannot travel. */
export async function runComparison(plan: ComparisonPlan, settings: ProgramSettings): Promise<Comparison> {
  check(plan);
  const lanes = configurations(plan.levels, plan.sizes, plan.inputs.length).map(
    (configuration): Lane => ({ configuration, reports: [], equal: true, failure: undefined, traced: undefined }),
  );
  const session = new Session(plan, settings, lanes);
  try {
    for (const step of schedule(lanes.length, plan.rounds)) await session.run(step.row, step.round);
    await session.trace();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    return session.report(true);
  }
  return session.report(false);
}

function check(plan: ComparisonPlan): void {
  if (plan.inputs.length === 0) throw new RangeError("compare: no input given; the function runs once per input.");
  if (!Number.isSafeInteger(plan.rounds) || plan.rounds < 1)
    throw new RangeError(`compare: rounds must be a positive integer, got ${plan.rounds}.`);
  if (!Number.isSafeInteger(plan.warmup) || plan.warmup < 0)
    throw new RangeError(`compare: warmup must be 0 or a positive integer, got ${plan.warmup}.`);
}

class Session {
  readonly #plan: ComparisonPlan;
  readonly #settings: ProgramSettings;
  readonly #lanes: readonly Lane[];
  readonly #inputs: Uint8Array;
  #reference: Uint8Array | undefined;
  #baseline: Lane | undefined;
  #difference: Difference | undefined;
  #steps = 0;

  constructor(plan: ComparisonPlan, settings: ProgramSettings, lanes: readonly Lane[]) {
    this.#plan = plan;
    this.#settings = settings;
    this.#lanes = lanes;
    this.#inputs = encodeInputs(plan.inputs);
  }

  /** One configuration in one round. A row that could not be measured once is not tried again. */
  async run(index: number, round: number): Promise<void> {
    const lane = this.#lanes[index];
    if (lane === undefined) return;
    const items = this.#plan.inputs.length;
    const tell = (done: number) =>
      this.#plan.onProgress?.({
        configuration: lane.configuration,
        round,
        itemsDone: this.#steps * items + done,
        itemsTotal: this.#lanes.length * this.#plan.rounds * items,
      });
    tell(0);
    if (lane.failure === undefined) await this.#measure(lane, tell);
    this.#steps++;
  }

  /** One more run of each row, watched closely. A row that fails at it keeps what it has. */
  async trace(): Promise<void> {
    const { traceItems } = this.#plan;
    if (traceItems === undefined) return;
    for (const lane of this.#lanes) {
      if (lane.failure !== undefined) continue;
      const report = reportOf(await this.#ask(lane.configuration, this.#reference, undefined, () => {}, traceItems));
      if (typeof report !== "string") lane.traced = { ...lane.configuration, spans: report.spans };
    }
  }

  async #measure(lane: Lane, tell: (done: number) => void): Promise<void> {
    const answer = await this.#ask(lane.configuration, this.#reference, undefined, tell);
    const report = reportOf(answer);
    if (typeof report === "string") {
      lane.failure = report;
      return;
    }
    // digests have done their work here; kept for every run they would be most of the memory of a long comparison
    lane.reports.push({ ...report, digests: "", lines: undefined });
    if (this.#reference === undefined) {
      this.#reference = Buffer.from(report.digests, "base64");
      this.#baseline = lane;
    } else if (report.lines !== undefined) {
      lane.equal = false;
      this.#difference ??= await this.#explain(lane.configuration, report.lines);
    }
  }

  /** Runs the baseline once more as it ran, to show both values. The item alone would not do: its result may depend on the calls
   *  before it, and that is the usual cause of a difference. */
  async #explain(configuration: Configuration, actual: NonNullable<RunReport["lines"]>): Promise<Difference> {
    const { item, lines } = actual;
    const baseline = this.#baseline?.configuration ?? configuration;
    const again = reportOf(await this.#ask(baseline, undefined, item, () => {}));
    const expected = typeof again === "string" ? [`result = (${again})`] : (again.lines?.lines ?? []);
    const from = item * digestBytes;
    const digestIn = (all: Uint8Array) => Buffer.from(all.subarray(from, from + digestBytes));
    const unstable =
      typeof again !== "string" &&
      this.#reference !== undefined &&
      !digestIn(Buffer.from(again.digests, "base64")).equals(digestIn(this.#reference));
    const parting = firstDifference(expected, lines) ?? {
      path: "result",
      expected: "another value each time",
      actual: "another value each time",
    };
    return { ...configuration, item, input: inputLabel(this.#plan.inputs[item]), ...parting, unstable };
  }

  #ask(
    configuration: Configuration,
    reference: Uint8Array | undefined,
    linesOf: number | undefined,
    onAlive: (done: number) => void,
    spansOf?: number,
  ): Promise<Answer> {
    const { url, name, warmup, timeoutMs, signal } = this.#plan;
    const inputs = this.#inputs;
    const job: MeasureJob = { kind: "measure", url, name, ...configuration, inputs, warmup, timeoutMs, reference, linesOf, spansOf };
    // a local level cannot be interrupted inside one item, so its program is silent for that item's allowance at most
    const limits = timeoutMs === undefined ? {} : { silenceMs: timeoutMs * 1.5 + silenceSlackMs, startMs: timeoutMs + startMs };
    return runProgram(job, this.#settings, { signal, onAlive, ...limits });
  }

  report(interrupted: boolean): Comparison {
    const { inputs, label, rounds } = this.#plan;
    // an interrupted comparison shows the rows that have something to show
    const lanes = interrupted ? this.#lanes.filter((lane) => lane.reports.length > 0 || lane.failure !== undefined) : this.#lanes;
    const baseline = lanes.find((lane) => lane.reports.length > 0);
    const baselineSamples = baseline?.reports.map((report) => report.wallMs) ?? [];
    const rows: ComparisonRow[] = lanes.map((lane) => row(lane, inputs.length, median(baselineSamples)));
    const machine = describeMachine();
    return {
      kind: "comparison",
      function: label,
      inputs: inputs.length,
      machine,
      node: version,
      levels: rows,
      verdict: judge(rows, inputs.length, this.#difference),
      detail: {
        rounds,
        speedups: lanes.map((lane) =>
          pairedSpeedups(
            baselineSamples,
            lane.reports.map((report) => report.wallMs),
          ),
        ),
        baseline: baseline === undefined ? "serial" : words(baseline.configuration),
        timelines: lanes.flatMap(timeline),
        ...(lanes.some((lane) => lane.traced) ? { traces: lanes.flatMap((lane) => lane.traced ?? []) } : {}),
        latencies: lanes.flatMap((lane) => latencies(lane, inputs.length)),
        spreads: lanes.map(samples),
        busyMs: lanes.map((lane) => median(lane.reports.map((report) => report.busyMs))),
        difference: this.#difference,
        failures: lanes.flatMap((lane) => this.#failures(lane)),
        interrupted,
      },
    };
  }

  #failures(lane: Lane): FailedItem[] {
    const failures = lane.reports.find((report) => report.failed > 0)?.failures ?? [];
    return failures.map(({ item, message }) => ({ ...lane.configuration, item, input: inputLabel(this.#plan.inputs[item]), message }));
  }
}

/** Once per comparison: every program gets the same bytes. Throws `NotSerializableError` with the path of what cannot travel. */
function encodeInputs(inputs: readonly unknown[]): Uint8Array {
  return encode(inputs, { root: "arguments" }).bytes;
}

function reportOf(answer: Answer): RunReport | string {
  if ("failure" in answer) return answer.failure;
  const message: Message = answer.message;
  if (message.type === "report") return message.report;
  return message.type === "failed" ? message.message : `the program answered "${message.type}"`;
}

/** The run whose wall time is the middle one stands for the configuration. */
function timeline(lane: Lane): Timeline[] {
  const sorted = [...lane.reports].sort((a, b) => a.wallMs - b.wallMs);
  const chosen = sorted[(sorted.length - 1) >> 1];
  return chosen === undefined ? [] : [{ ...lane.configuration, spans: chosen.spans }];
}
