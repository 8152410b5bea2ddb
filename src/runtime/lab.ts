// The door `brigade/lab`: compare levels, try statements, show the report.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { CancelledError, NotPortableError } from "../contract/errors.ts";
import type { Level, Portable } from "../contract/portable.ts";
import { adopt, killTree, release } from "../executors/process/reaper.ts";
import { defaultTrialRounds, runAdvice } from "../lab/advise/advise.ts";
import { experimentsOf } from "../lab/claims/all.ts";
import { runClaims } from "../lab/claims/verify.ts";
import { defaultRounds, defaultWarmup, runComparison } from "../lab/compare/compare.ts";
import { comparableLevels, defaultSizes } from "../lab/compare/plan.ts";
import type { ProgramSettings } from "../lab/compare/program.ts";
import { rowsOf } from "../lab/matrix/catalog.ts";
import { runMatrix } from "../lab/matrix/measure-matrix.ts";
import { type LanesRenderer, type RenderOptions, renderReport } from "../lab/render-text.ts";
import type { Advice, ClaimsReport, Comparison, Matrix, Report } from "../lab/report.ts";
import { duration } from "../lab/text/units.ts";
import { itemLabel, renderLanes } from "../observe/lanes.ts";
import { isInlineUrl } from "../wire/inline/source-url.ts";
import { describeModule } from "../wire/module-url.ts";
import { requireReference } from "../wire/require-reference.ts";

export type { Profile, Purity, Together, Travel } from "../lab/advise/profile.ts";
export { renderHTML } from "../lab/html/render-html.ts";
export type { RenderOptions } from "../lab/render-text.ts";
export type {
  Advice,
  AdviceForecast,
  Claim,
  ClaimsReport,
  Comparison,
  ComparisonDetail,
  ComparisonRow,
  Difference,
  FailedItem,
  ItemSpan,
  Latencies,
  Machine,
  Matrix,
  MatrixRow,
  Report,
  RowSamples,
  SampleRange,
  SeriesPoint,
  Timeline,
  Verdict,
} from "../lab/report.ts";

/** What to compare. Times in milliseconds. */
export interface CompareOptions {
  /** Default all but `"cluster"`. */
  readonly levels?: readonly Level[] | undefined;
  /** Worker counts to try; default 1, 2, 4 … up to the machine's parallelism. */
  readonly sizes?: readonly number[] | undefined;
  /** Interleaved rounds; default 5. */
  readonly rounds?: number | undefined;
  /** Inputs each worker runs before the clock starts; default 16. */
  readonly warmup?: number | undefined;
  /** Running time allowed per item; default any. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which statements to try. */
export interface ClaimsOptions {
  /** Numbers of statements; default all. */
  readonly ids?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `fn` over the inputs at each level and size, each level × round in a fresh program, checks that the results agree, and
 *  times them side by side. Parks the task meanwhile. Rejects with `NotPortableError`, `NotSerializableError` for an input that
 *  cannot travel, `RangeError` for levels, sizes or rounds that make no sense or no input at all, and `CancelledError` after
 *  `signal`; every program it started is gone then.
 *
 *  @example
 *  ```ts
 *  export const square = portable("square", (n: number) => n * n);
 *  if (isMainLevel()) {
 *    const report = await compare(square, [1, 2, 3], { levels: ["serial", "coroutine"], rounds: 1 });
 *    console.log(report.levels.map(({ equal }) => equal)); // [ true, true ]
 *  }
 *  ```
 */
export async function compare<T>(
  fn: Portable<(input: T) => unknown>,
  inputs: Iterable<T>,
  options: CompareOptions = {},
): Promise<Comparison> {
  const {
    levels = comparableLevels,
    sizes = defaultSizes(availableParallelism()),
    rounds = defaultRounds,
    warmup = defaultWarmup,
    timeout,
    signal,
  } = options;
  const { url, name } = requireReference(fn, "process");
  refuseInline("compare", url, name);
  const label = `${describeModule(url)}#${name}`;
  const report = await runComparison(
    { url, name, label, inputs: [...inputs], levels, sizes, rounds, warmup, timeoutMs: timeout, signal },
    measuringProgram(),
  );
  if (report.detail?.interrupted) throw new CancelledError("The comparison was cancelled.", { cause: signal?.reason });
  return report;
}

function refuseInline(what: string, url: string, name: string): void {
  if (!isInlineUrl(url)) return;
  throw new NotPortableError(
    `${what}(): ${JSON.stringify(name)} is an inline function, and the programs that measure import a module. Make it portable(${JSON.stringify(name)}, fn) at the top level of one.`,
  );
}

/** What to advise on. Times in milliseconds. */
export interface AdviseOptions {
  /** Default all but `"cluster"`. */
  readonly levels?: readonly Level[] | undefined;
  /** Worker counts to think of; default 1, 2, 4 … up to the machine's parallelism. */
  readonly sizes?: readonly number[] | undefined;
  /** Rounds of the trial at most; default 7, of which 3 are enough where the difference is clear. */
  readonly rounds?: number | undefined;
  /** Running time allowed per call; default any. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Gets to know `fn` on samples of its input, forecasts every level and size by a cost model of this machine, tries the best two
 *  beside the simplest, and recommends one, with reasons. Runs in programs of its own; takes some two seconds for a quick function. Parks
 *  the task meanwhile. Rejects with `NotPortableError`, `NotSerializableError` for a sample that cannot travel, `RangeError` for levels
 *  or sizes that make no sense or no sample at all, `UnsupportedError` when the module fails or ends its program, and `CancelledError`
 *  after `signal`; every program it started is gone then.
 *
 *  @example
 *  ```ts
 *  export const square = portable("square", (n: number) => n * n);
 *  if (isMainLevel()) {
 *    const { level, reasons } = await advise(square, [1, 2, 3]);
 *    console.log(level); // serial
 *    console.log(reasons.length > 0); // true
 *  }
 *  ```
 */
export async function advise<T>(fn: Portable<(input: T) => unknown>, samples: Iterable<T>, options: AdviseOptions = {}): Promise<Advice> {
  const { levels = comparableLevels, sizes = defaultSizes(availableParallelism()), rounds = defaultTrialRounds, timeout, signal } = options;
  const { url, name } = requireReference(fn, "process");
  refuseInline("advise", url, name);
  const label = `${describeModule(url)}#${name}`;
  return await runAdvice({ url, name, label, inputs: [...samples], levels, sizes, rounds, timeoutMs: timeout, signal }, measuringProgram());
}

/** What of the matrix to measure, and how. */
export interface MatrixOptions {
  /** Ids of rows; default all. */
  readonly rows?: readonly string[] | undefined;
  /** One short round (some 20 s) instead of five (up to 2 min); default false. */
  readonly quick?: boolean | undefined;
  /** Whole number from which the order of the experiments comes; default another one each time. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The seeds' comparison table, measured on this machine: what coroutine, thread and process cost, hold, survive and give. Each experiment
 *  runs in a fresh program. Parks the task meanwhile, for up to two minutes. What cannot be measured here is a row that says why. Rejects
 *  with `RangeError` for a row that there is not, and `CancelledError` after `signal`; every program it started is gone then.
 *
 *  @example
 *  ```ts
 *  const matrix = await measureMatrix({ rows: ["create-warm"], quick: true });
 *  const { coroutine = 0, thread = 0, process = 0 } = matrix.rows[0]?.values ?? {};
 *  console.log(coroutine < thread && coroutine < process); // true
 *  ```
 */
export async function measureMatrix(options: MatrixOptions = {}): Promise<Matrix> {
  const { rows, quick = false, seed = freshSeed(), signal } = options;
  if (!Number.isSafeInteger(seed)) throw new RangeError(`measureMatrix: seed must be a whole number, got ${seed}.`);
  const matrix = await runMatrix({ rows: rowsOf(rows), quick, seed, signal }, matrixProgram());
  if (matrix.interrupted) throw new CancelledError("The measurement was cancelled.", { cause: signal?.reason });
  return matrix;
}

/** A seed for a run that was given none. */
export function freshSeed(): number {
  const asked = Number(process.env["BRIGADE_SEED"] || Number.NaN);
  return Number.isSafeInteger(asked) ? asked : Math.floor(Math.random() * 2 ** 31);
}

/** Tries the statements that are made about coroutines, threads and processes, by experiments on this machine, each in a program of its
 *  own, and gives a verdict from the figures alone: all of them, or those of `ids`. Parks the task meanwhile, for two minutes or so. An
 *  experiment that could not run is `undecided` and says why in `failure`. Rejects with `RangeError` for a number that no statement
 *  has, and with `CancelledError` after `signal`; every program it started is gone then.
 *
 *  @example
 *  ```ts
 *  const { claims } = await verifyClaims({ ids: [1] });
 *  console.log(claims[0]?.verdict); // holds
 *  ```
 */
export async function verifyClaims(options: ClaimsOptions = {}): Promise<ClaimsReport> {
  const { ids, signal } = options;
  const report = await runClaims({ experiments: experimentsOf(ids), signal }, experimentProgram());
  if (signal?.aborted) throw new CancelledError("The trial of the claims was cancelled.", { cause: signal.reason });
  return report;
}

/** A report for a terminal: every line fits `width` (default 80, at least 60). Ends with a line feed. */
export function renderText(report: Report, options: RenderOptions = {}): string {
  return renderReport(report, options, drawTimelines);
}

/** How the lab starts a measuring program: the file beside this one, with this program's own loaders. */
export function measuringProgram(): ProgramSettings {
  return programBeside("measure");
}

/** How it starts the program of one experiment of the matrix. */
export function matrixProgram(): ProgramSettings {
  return programBeside("matrix-program");
}

/** How it starts the program of one experiment of the claims. */
export function experimentProgram(): ProgramSettings {
  return programBeside("experiment");
}

function programBeside(name: string): ProgramSettings {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return {
    entry: fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url)),
    execArgv: inheritedFlags(process.execArgv),
    guard: { adopt, release, kill: killTree },
  };
}

/** Loaders, conditions and limits hold for the measured program too; a debugger's port, a script given as text and the modes
 *  of the runtime's own tools do not. */
export function inheritedFlags(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] ?? "";
    if (/^(?:-[ep]|-pe|--eval|--print)$/.test(flag)) i++;
    else if (
      !/^(?:--inspect|--debug|--test|--watch|--input-type|--eval=|--print=|-i$|--interactive|--check|-c$|--prof|--cpu-prof|--heap-prof|--expose-gc-as)/.test(
        flag,
      )
    )
      kept.push(flag);
  }
  return kept;
}

/** Columns that a bar needs to show its label. */
const labelled = 4;
const fewestItems = 4;

const drawTimelines: LanesRenderer = (timelines, { width, style, title }) => {
  const titles = Math.max(...timelines.map((row) => title(row).length));
  const items = readableItems(timelines, width - titles - 2);
  const groups = timelines.map((row) => ({
    title: title(row),
    spans: row.spans.filter((span) => span.item < items).map((span) => ({ ...span, label: itemLabel(span.item), key: span.item })),
  }));
  const lines = renderLanes(groups, { width, paint: style.item, quiet: style.dim, duration });
  if (lines.length === 0) return [];
  return [
    style.dim(
      `the first ${items === 1 ? "item" : `${items} items`}, one lane per worker${groups.some(({ spans }) => spans.length > 0) ? "" : " (none)"}`,
    ),
    ...lines,
  ];
};

/** How many of the first items to show: as many as give the most bars wide enough for a label. Items differ by orders of
 *  magnitude, so no fixed number would do. */
function readableItems(timelines: Parameters<LanesRenderer>[0], columns: number): number {
  const spans = timelines.flatMap((row) => row.spans);
  const available = spans.reduce((most, span) => Math.max(most, span.item + 1), 0);
  let best = { items: 0, bars: 0 };
  for (let items = 1; items <= available; items++) {
    const shown = spans.filter((span) => span.item < items);
    const endMs = shown.reduce((end, span) => Math.max(end, span.endMs), 0);
    const bars = shown.filter((span) => ((span.endMs - span.startMs) / endMs) * columns >= labelled).length;
    if (bars > best.bars || (bars === best.bars && items <= fewestItems)) best = { items, bars };
  }
  // nothing but borders is no picture
  return best.bars === 0 ? 0 : best.items;
}
