// Runs inside a fresh program: one level, one size, all inputs, once for `compare`, several times in turn for `advise`. Order of events: workers up and warm · clock on, every
// input once, clock off · then, unmeasured, what a single item costs, and the digests. Results are held until the clock is
// off, as they would be in `await executor.map(…)`: hashing them on the way would be billed to the level.
import type { Executor } from "../../contract/executor.ts";
import type { Portable } from "../../contract/portable.ts";
import type { Outcome } from "../../contract/task.ts";
import type { ItemSpan } from "../report.ts";
import { judge, settle } from "./agreement.ts";
import { latencyShares } from "./latency-shares.ts";
import { oneAtATime } from "./placement.ts";
import { type Configuration, isLocal } from "./plan.ts";
import type { MeasureJob, RunReport } from "./protocol.ts";
import { openStallMeter } from "./stall.ts";
import { median, quantile, quantiles } from "./statistics.ts";
import { type Usage, usage } from "./usage.ts";

type ItemFunction = (input: unknown) => unknown;

/** What the floor above lends to a measurement. */
export interface MeasureHost {
  /** The function, the same on every level, in the form that is sent to this one. */
  fn(configuration: Configuration): Portable<ItemFunction>;
  /** Opens the executor under test. */
  open(configuration: Configuration): Executor;
  /** A value as it would arrive from another level. Throws `NotSerializableError`. */
  clone(value: unknown): unknown;
  /** `usage` as a portable function, for child processes. */
  readonly usage: Portable<() => Usage>;
  /** Says that the program lives and, when known, how many items are done. */
  alive(done?: number): void;
}

const warmupBudgetMs = 1000;
const aloneBudgetMs = 250;
const aloneItems = 40;
const timelineItems = 64;
const aheadPerWorker = 32;
const graceMs = 500;

/** A job whose inputs have been decoded. */
export type OpenedJob = Omit<MeasureJob, "inputs"> & { readonly inputs: readonly unknown[] };

/** What of a job is the same in every round. */
export type LevelJob = Pick<OpenedJob, "name" | "level" | "size" | "inputs" | "warmup" | "timeoutMs" | "spansOf">;

/** One level at one size, workers up and warm, ready to be measured as often as wanted. */
export interface OpenedLevel {
  /** Every input once, timed, and what came of it. Rejects when the executor breaks; failures of items are figures, not errors. */
  round(aim: RoundAim): Promise<RunReport>;
  close(): Promise<void>;
}

/** What to hold the results of a round against. */
export interface RoundAim extends Pick<MeasureJob, "reference" | "linesOf"> {
  /** How long to time single items afterwards, in ms: what the level adds to one that is sent alone. 0 does not. */
  readonly aloneMs: number;
}

/** Measures one configuration. Rejects when the executor cannot start; failures of items are figures, not errors. */
export async function measureLevel(host: MeasureHost, job: OpenedJob): Promise<RunReport> {
  const level = await openLevel(host, job);
  try {
    return await level.round({ reference: job.reference, linesOf: job.linesOf, aloneMs: aloneBudgetMs });
  } finally {
    await level.close();
  }
}

/** Opens the executor and warms it up, for `warmupMs` at most once every worker has had an item. Rejects when it cannot start;
 *  nothing is left of it then. */
export async function openLevel(host: MeasureHost, job: LevelJob, warmupMs = warmupBudgetMs): Promise<OpenedLevel> {
  const own = host.open(job);
  // one name on every level: it stands in the messages of errors, which must be equal too
  const limits = job.timeoutMs === undefined ? {} : { timeout: job.timeoutMs, grace: graceMs };
  const executor = own.with({ name: job.name, ...limits });
  const local = isLocal(job.level);
  const fn = host.fn(job);
  const watch: Stretch[] = [];
  const run: Run = (item) => executor.run(local ? watched(host, item, watch, { fn, spans: spansOf(job) }) : fn, job.inputs[item]);
  const children = async () => (job.level === "process" ? await own.broadcast(host.usage).catch(() => []) : []);
  try {
    await own.warm();
    await warmUp(run, job, warmupMs, () => host.alive());
  } catch (error) {
    await own.close();
    throw error;
  }
  return {
    close: () => own.close(),
    async round(aim) {
      const childrenBefore = await children();
      const timed = await runTimed(run, job, host, watch);
      const childrenAfter = await children();
      const overheadUs = aim.aloneMs > 0 ? await timeAlone(run, timed.outcomes, aim.aloneMs) : 0;
      const outcomes = timed.outcomes.map((outcome) => settle(outcome, local ? host.clone : undefined));
      return {
        wallMs: timed.wallMs,
        cpuMs: timed.cpuMs + spentBetween(childrenBefore, childrenAfter),
        p50Ms: quantile(timed.runMs, 0.5),
        p99Ms: quantile(timed.runMs, 0.99),
        latenciesMs: quantiles(timed.runMs, latencyShares(timed.runMs.length)),
        busyMs: timed.runMs.reduce((sum, ms) => sum + ms, 0),
        overheadUs,
        peakRssBytes: timed.peakRssBytes + childrenAfter.reduce((sum, child) => sum + child.peakRssBytes, 0),
        loopStallMs: timed.loopStallMs,
        spans: timed.spans,
        ...judge(outcomes, aim),
      };
    },
  };
}

type RunTask = ReturnType<Executor["run"]>;
type Run = (item: number) => RunTask;

/** When the code of an item ran, on this thread's clock. */
interface Stretch {
  startMs: number;
  endMs: number;
}

function spansOf(job: LevelJob): number {
  return job.spansOf ?? timelineItems;
}

/** On a local level the program gives a sign of life as it enters an item: between two of them lies one item at most. The first
 *  items note when they ran, too; a task that settles while the loop is busy is only heard of when the loop turns. */
/** What is watched, and of how many of its first items. */
interface Watched {
  readonly fn: ItemFunction;
  readonly spans: number;
}

function watched(host: MeasureHost, item: number, stretches: Stretch[], { fn, spans }: Watched): Portable<ItemFunction> {
  const enter = (input: unknown) => {
    host.alive();
    if (item >= spans) return fn(input);
    const stretch = { startMs: performance.now(), endMs: Number.NaN };
    stretches[item] = stretch;
    const end = () => {
      stretch.endMs = performance.now();
    };
    try {
      const result = fn(input);
      if (result instanceof Promise) result.then(end, end);
      else end();
      return result;
    } catch (error) {
      end();
      throw error;
    }
  };
  // local levels take plain closures; the type cannot know which level this is
  return enter as Portable<ItemFunction>;
}

/** Inputs are sent ahead of the workers, enough to keep them fed without burying the sender; serial awaits each before the next. */
function ahead({ level, size }: Configuration): number {
  if (level === "serial") return 1;
  return level === "coroutine" ? size : size * aheadPerWorker;
}

async function warmUp(run: Run, job: LevelJob, budgetMs: number, alive: () => void): Promise<void> {
  const workers = job.level === "thread" || job.level === "process" ? job.size : 1;
  const count = Math.min(job.warmup * workers, job.warmup === 0 ? 0 : Math.max(job.inputs.length, workers));
  const startedAt = performance.now();
  await runEach(count, ahead(job), (place) => {
    alive();
    // slow inputs: enough is enough, once each worker has had one
    return place >= workers && performance.now() - startedAt > budgetMs ? undefined : run(place % job.inputs.length);
  });
}

/** Keeps up to `inFlight` tasks going until `count` have been started and all are over. `start` may decline an item. */
function runEach(count: number, inFlight: number, start: (place: number) => RunTask | undefined, onEnd?: OnEnd): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let running = 0;
    const fill = () => {
      while (running < inFlight && next < count) {
        const place = next++;
        const task = start(place);
        if (task === undefined) continue;
        running++;
        task.onDone((outcome) => {
          running--;
          try {
            onEnd?.(place, outcome, task);
            fill();
          } catch (error) {
            reject(error);
          }
        });
      }
      if (running === 0) resolve();
    };
    fill();
  });
}

type OnEnd = (place: number, outcome: Outcome<unknown>, task: RunTask) => void;

interface Timed {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakRssBytes: number;
  readonly loopStallMs: number;
  readonly runMs: Float64Array;
  readonly outcomes: readonly Outcome<unknown>[];
  readonly spans: readonly ItemSpan[];
}

async function runTimed(run: Run, job: LevelJob, host: MeasureHost, stretches: Stretch[]): Promise<Timed> {
  const count = job.inputs.length;
  const runMs = new Float64Array(count);
  const endMs = new Float64Array(count);
  const outcomes = new Array<Outcome<unknown>>(count);
  const workers = new Array<string | undefined>(Math.min(count, spansOf(job)));
  let done = 0;
  // what warming up has noted is not of this run
  stretches.length = 0;
  const before = usage();
  const stalls = openStallMeter();
  const startedAt = performance.now();
  await runEach(count, ahead(job), run, (item, outcome, task) => {
    endMs[item] = performance.now() - startedAt;
    const { metrics } = task;
    runMs[item] = metrics.runMs;
    outcomes[item] = outcome;
    if (item < workers.length) workers[item] = metrics.worker ?? job.level;
    host.alive(++done);
  });
  const wallMs = performance.now() - startedAt;
  const loopStallMs = stalls.stop();
  const after = usage();
  const seen = workers.map((worker = job.level, item): ItemSpan => {
    const settledMs = endMs[item] ?? 0;
    const stretch = stretches[item];
    if (stretch === undefined) return { item, worker, startMs: settledMs - (runMs[item] ?? 0), endMs: settledMs };
    const end = stretch.endMs - startedAt;
    return { item, worker, startMs: stretch.startMs - startedAt, endMs: Number.isNaN(end) ? settledMs : end };
  });
  const spans = stretches.length > 0 ? seen : oneAtATime(seen);
  return { wallMs, cpuMs: after.cpuMs - before.cpuMs, peakRssBytes: after.peakRssBytes, loopStallMs, runMs, outcomes, spans };
}

/** Sends some of the items that succeeded one by one: what remains of each round trip after the running time is the level's. */
async function timeAlone(run: Run, outcomes: readonly Outcome<unknown>[], budgetMs: number): Promise<number> {
  const addedUs: number[] = [];
  const startedAt = performance.now();
  for (let item = 0; item < outcomes.length && addedUs.length < aloneItems; item++) {
    if (outcomes[item]?.state !== "succeeded") continue;
    if (addedUs.length >= 3 && performance.now() - startedAt > budgetMs) break;
    const sentAt = performance.now();
    let added = 0;
    await runEach(
      1,
      1,
      () => run(item),
      (_, outcome, task) => {
        added = performance.now() - sentAt - task.metrics.runMs;
        if (outcome.state !== "succeeded") added = -1;
      },
    );
    if (added >= 0) addedUs.push(added * 1000);
  }
  return median(addedUs);
}

function spentBetween(before: readonly Usage[], after: readonly Usage[]): number {
  const earlier = new Map(before.map((child) => [child.pid, child.cpuMs]));
  return after.reduce((sum, child) => sum + child.cpuMs - (earlier.get(child.pid) ?? 0), 0);
}
