// Gets to know a function, inside a fresh program: calls it here on samples, codes its values, and calls it on a worker.
import type { Executor } from "../../contract/executor.ts";
import type { Level, Portable } from "../../contract/portable.ts";
import { settle } from "../compare/agreement.ts";
import { describeError, digest, type ItemOutcome } from "../compare/canonical.ts";
import { inputLabel } from "../compare/input-label.ts";
import type { Configuration } from "../compare/plan.ts";
import { median } from "../compare/statistics.ts";
import { type Subject, type TimedCalls, timeCalls, timeTogether, warmUp } from "./calls.ts";
import { bootstrap, mean, medianInterval } from "./confidence.ts";
import { type Elsewhere, runElsewhere } from "./elsewhere.ts";
import type { DifferenceElsewhere, Profile, Purity, Together } from "./profile.ts";
import type { ProfileJob } from "./protocol.ts";
import { spreadOrder } from "./spread-order.ts";
import { tryTravel } from "./travel.ts";

/** What the floor above lends. */
export interface ProfileHost {
  fn(configuration: Configuration): Portable<(input: unknown) => unknown>;
  open(configuration: Configuration): Executor;
  clone(value: unknown): unknown;
  alive(): void;
  /** How long the import of the function's module took. */
  readonly importMs: number;
}

const workerLevels = ["thread", "process"] as const;
const here: Configuration = { level: "serial", size: 1 };
/** Below this share of a call off the thread, running several at once gains nothing worth measuring. */
const worthOverlapping = 0.15;
const togetherMs = 200;
const mostTogether = 64;
const fewestTogether = 6;
/** A larger share of a program's processor time than this beside its thread is the pool's and not only a collector's. */
const poolShare = 0.1;

/** Profiles the function over its inputs. Failures of calls are figures, not errors. */
export async function profileFunction(
  host: ProfileHost,
  job: Pick<ProfileJob, "levels"> & { readonly inputs: readonly unknown[] },
): Promise<Profile> {
  const { inputs } = job;
  const order = spreadOrder(inputs.length);
  // as another level would bring it: bytes for a Buffer, a plain object for an instance; and no part of a larger buffer is kept
  const digestOf = (outcome: ItemOutcome) =>
    Buffer.from(digest("value" in outcome ? settle({ state: "succeeded", value: outcome.value }, (value) => host.clone(value)) : outcome));
  const subject: Subject = { fn: host.fn(here), inputs, order, digestOf, alive: () => host.alive() };
  const warm = await warmUp(subject);
  const timed = await timeCalls(subject, [...warm.firstDigests.keys()]);
  const heapMB = process.memoryUsage().heapUsed / 2 ** 20;
  const figures = perCall(timed, warm.isAsync);
  const offThread = figures.wallMs > 0 ? 1 - figures.cpuMs / figures.wallMs : 0;
  const together = warm.isAsync && offThread > worthOverlapping ? await overlap(subject, figures.wallMs) : undefined;
  const travel = tryTravel(inputs, timed.outcomes);
  const workers = travel.possible ? workerLevels.filter((level) => job.levels.includes(level)) : [];
  const purity = await tryPurity(host, subject, workers, warm.firstDigests, timed.outcomes);
  const failures = [...timed.outcomes.values()].filter((outcome) => "error" in outcome);
  const [first] = failures;
  return {
    inputs: inputs.length,
    sampled: timed.wallMs.size,
    calls: timed.calls,
    isAsync: warm.isAsync,
    ...figures,
    firstMs: warm.firstMs,
    together,
    heapMB,
    travel,
    importMs: host.importMs,
    purity,
    failed: failures.length,
    failure: first !== undefined && "error" in first ? describeError(first.error) : undefined,
  };
}

type Figures = Pick<Profile, "wallMs" | "wallInterval" | "longestMs" | "cpuMs" | "poolMs" | "helperMs" | "waitMs" | "longestSyncMs">;

function perCall(timed: TimedCalls, isAsync: boolean): Figures {
  const items = [...timed.wallMs.values()];
  const medians = items.map((times) => median(times));
  const wallMs = mean(medians);
  const longestMs = medians.reduce((most, ms) => Math.max(most, ms), 0);
  const wallInterval = items.length >= 5 ? bootstrap(medians, mean) : medianInterval(items.flat());
  // what the thread used may include what the clock did not see (a late timer, the loop itself), but a call cannot use more than it took
  const perCallOf = (ms: number) => Math.max(0, ms / timed.calls);
  const measuredWall = timed.elapsedMs / timed.calls;
  const scale = measuredWall > 0 ? Math.min(1, wallMs / measuredWall) : 1;
  const thread = perCallOf(timed.threadCpuMs) * scale;
  const beside = Math.max(0, perCallOf(timed.programCpuMs - timed.threadCpuMs) * scale);
  if (!isAsync) {
    const still = { cpuMs: wallMs, poolMs: 0, helperMs: beside, waitMs: 0, longestSyncMs: longestMs };
    return { wallMs, wallInterval, longestMs, ...still };
  }
  const cpuMs = Math.min(wallMs, thread);
  const elsewhere = wallMs - cpuMs;
  const isPool = beside > poolShare * (beside + cpuMs) && elsewhere > worthOverlapping * wallMs;
  const poolMs = isPool ? beside : 0;
  return {
    wallMs,
    wallInterval,
    longestMs,
    cpuMs,
    poolMs,
    helperMs: beside - poolMs,
    waitMs: Math.max(0, elsewhere - poolMs),
    // no stretch of a call is longer than the call; the meter's own lateness would make it so
    longestSyncMs: Math.min(timed.stallMs, longestMs, Math.max(cpuMs * 4, 1)),
  };
}

/** How far several calls overlap on one thread, at two depths: what a further call adds when many are under way shows between them, and
 *  not between one and many. The first is deeper than libuv's pool, unless calls are slow. */
async function overlap(subject: Subject, wallMs: number): Promise<Together> {
  const deepest = Math.max(2 * fewestTogether, Math.min(mostTogether, togetherMs / Math.max(wallMs, 0.001)));
  const points: Together["points"][number][] = [];
  let cpuMs = 0;
  for (const calls of [Math.round(deepest / 2), Math.round(deepest)]) {
    const runs = [await timeTogether(subject, calls)];
    for (let spentMs = runs[0]?.wallMs ?? 0; spentMs < togetherMs / 4 && runs.length < 5; spentMs += runs.at(-1)?.wallMs ?? 0) {
      runs.push(await timeTogether(subject, calls));
    }
    points.push({ calls, wallMs: median(runs.map((run) => run.wallMs)) });
    cpuMs = median(runs.map((run) => run.cpuMs)) / calls;
  }
  return { points, cpuMs };
}

async function tryPurity(
  host: ProfileHost,
  { digestOf, inputs }: Subject,
  levels: readonly Level[],
  first: ReadonlyMap<number, Buffer>,
  later: ReadonlyMap<number, ItemOutcome>,
): Promise<Purity> {
  const changed = [...first].find(([item, before]) => {
    const after = later.get(item);
    return after !== undefined && !digestOf(after).equals(before);
  })?.[0];
  let differs: DifferenceElsewhere | undefined;
  for (const level of levels) {
    const difference = await differenceAt(host, level, inputs, first);
    if (changed !== undefined) {
      // as fresh there as it was here: equal first results speak of a state, others of chance
      return { kind: difference === undefined ? "stateful" : "varies", input: inputLabel(inputs[changed]) };
    }
    if (difference === undefined) return { kind: "same", checked: [level], differs };
    // what a thread may not do (change the directory) a process may: the next one is tried
    differs = { where: level, input: inputLabel(inputs[difference.item]), message: difference.message };
  }
  if (changed !== undefined) return { kind: "varies", input: inputLabel(inputs[changed]) };
  return differs === undefined ? { kind: "same", checked: [], differs } : { kind: "differs-elsewhere", ...differs };
}

async function differenceAt(
  host: ProfileHost,
  level: Level,
  inputs: readonly unknown[],
  expected: ReadonlyMap<number, Buffer>,
): Promise<Elsewhere | undefined> {
  const executor = host.open({ level, size: 1 });
  try {
    return await runElsewhere(executor, host.fn({ level, size: 1 }), inputs, expected, () => host.alive());
  } finally {
    await executor.close();
  }
}
