// The constants of the cost model, measured on this machine in a few tenths of a second: pools of every level are opened once, and
// given nothing, bytes, and plain computing to do.
import type { Executor } from "../../contract/executor.ts";
import type { Portable } from "../../contract/portable.ts";
import { type MeasureHost, openLevel } from "../compare/measure.ts";
import type { Configuration } from "../compare/plan.ts";
import { quantile } from "../compare/statistics.ts";
import { fitScale } from "../usl.ts";
import type { MachineConstants, PoolCharges, Scaling } from "./constants.ts";
import { threadCpuMs } from "./thread-cpu.ts";

/** What the floor above lends: how to open pools, and portable functions. */
export interface CalibrationHost extends Omit<MeasureHost, "fn"> {
  /** Does nothing. */
  readonly nothing: Portable<() => void>;
  /** Gives back what it is given. */
  readonly echo: Portable<(value: Uint8Array) => Uint8Array>;
  /** Computes, so many steps of it. */
  readonly compute: Portable<(steps: number) => number>;
}

const emptyTasks = 250;
const batches = 6;
const ahead = 32;
const localTasks = 400;
const localRounds = 4;
const localWarmMs = 30;
const alone = 20;
const spinMs = 8;
const spinRounds = 3;

/** Measures the machine. `cores`: processors that this program may use. */
export async function calibrate(host: CalibrationHost, cores: number): Promise<MachineConstants> {
  const serialMs = await localCharge(host, { level: "serial", size: 1 });
  const coroutineMs = await localCharge(host, { level: "coroutine", size: localTasks });
  const rssBefore = process.memoryUsage.rss();
  const threads = host.open({ level: "thread", size: Math.max(1, cores) });
  const children = host.open({ level: "process", size: 1 });
  try {
    // both start at once, and idle while the other is measured
    const [threadStartMs, childStartMs] = await Promise.all([start(threads), start(children)]);
    const threadMB = (process.memoryUsage.rss() - rssBefore) / 2 ** 20 / Math.max(1, cores);
    const thread = { ...(await poolCharges(threads, host, cores)), startMs: threadStartMs, workerMB: Math.max(1, threadMB) };
    const scaling = cores > 1 ? await measureScaling(threads, host, cores) : { contention: 0, coherence: 0 };
    const childMB = await residentMB(children, host);
    const child = { ...(await poolCharges(children, host, 1)), startMs: childStartMs, workerMB: Math.max(1, childMB) };
    return { serialMs, coroutineMs, thread, process: child, scaling, cores, poolThreads: poolThreads(), memoryMB: availableMB() };
  } finally {
    await Promise.all([threads.close(), children.close()]);
  }
}

/** By the same means as a trial and a comparison: what they add to a call belongs to their times. */
async function localCharge(host: CalibrationHost, configuration: Configuration): Promise<number> {
  const inputs = new Array<undefined>(localTasks).fill(undefined);
  const measuring: MeasureHost = { ...host, fn: () => host.nothing };
  const job = { ...configuration, name: "nothing", inputs, warmup: localTasks, timeoutMs: undefined };
  const level = await openLevel(measuring, job, localWarmMs);
  try {
    const times: number[] = [];
    for (let round = 0; round < localRounds; round++) {
      times.push((await level.round({ reference: undefined, linesOf: undefined, aloneMs: 0 })).wallMs / localTasks);
    }
    return quantile(times, better);
  } finally {
    await level.close();
  }
}

/** Brings all workers up; how long the first took. */
async function start(executor: Executor): Promise<number> {
  const startedAt = performance.now();
  await executor.warm(1);
  const startMs = performance.now() - startedAt;
  await executor.warm();
  return startMs;
}

async function poolCharges(executor: Executor, host: CalibrationHost, size: number): Promise<Omit<PoolCharges, "startMs" | "workerMB">> {
  host.alive();
  const empty = await emptyBatches(executor, host, ahead * size);
  const aloneMs = await aloneCharge(executor, host);
  const megabyteMs = await megabyteCharge(executor, host);
  host.alive();
  return { hereMs: Math.min(empty.wallMs, empty.cpuMs), thereMs: empty.wallMs, aloneMs, megabyteMs };
}

/** What one empty task takes in company, and what of it on this thread. Batches, and the better ones: others' work on this machine
 *  makes some of them longer, and the first ones pay for the compiler. */
async function emptyBatches(executor: Executor, host: CalibrationHost, inFlight: number): Promise<Cost> {
  const costs: Cost[] = [];
  for (let batch = 0; batch < batches; batch++) costs.push(await emptyBatch(executor, host, inFlight));
  return {
    wallMs:
      quantile(
        costs.map((cost) => cost.wallMs),
        better,
      ) / emptyTasks,
    cpuMs:
      quantile(
        costs.map((cost) => cost.cpuMs),
        better,
      ) / emptyTasks,
  };
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const better = 0.25;

function emptyBatch(executor: Executor, host: CalibrationHost, inFlight: number): Promise<Cost> {
  const cpuBefore = threadCpuMs();
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let begun = 0;
    let ended = 0;
    const begin = () => {
      begun++;
      executor.run(host.nothing).onDone(() => {
        ended++;
        if (begun < emptyTasks) begin();
        else if (ended === emptyTasks) resolve({ wallMs: performance.now() - startedAt, cpuMs: threadCpuMs() - cpuBefore });
      });
    };
    while (begun < Math.min(inFlight, emptyTasks)) begin();
  });
}

async function aloneCharge(executor: Executor, host: CalibrationHost): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < alone; i++) {
    const startedAt = performance.now();
    await executor.run(host.nothing);
    times.push(performance.now() - startedAt);
  }
  return quantile(times, better);
}

/** The way of a megabyte, there and back, less the way of nothing; it includes coding, which for bytes is one copy. */
async function megabyteCharge(executor: Executor, host: CalibrationHost): Promise<number> {
  const megabyte = new Uint8Array(2 ** 20).fill(7);
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    const startedAt = performance.now();
    await executor.run(host.echo, megabyte);
    if (i > 1) times.push(performance.now() - startedAt);
  }
  return quantile(times, better) / 2;
}

/** Plain computing on one worker and on all of them: what the second processor really adds on this machine, now. */
async function measureScaling(executor: Executor, host: CalibrationHost, size: number): Promise<Scaling> {
  const { compute } = host;
  const together = async (count: number, steps: number) => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: count }, () => executor.run(compute, steps)));
    return performance.now() - startedAt;
  };
  let steps = 100_000;
  await together(size, steps);
  await together(size, steps);
  steps = Math.round((steps * spinMs) / Math.max(0.05, await together(1, steps)));
  let one = Number.POSITIVE_INFINITY;
  let all = Number.POSITIVE_INFINITY;
  for (let round = 0; round < spinRounds; round++) {
    host.alive();
    one = Math.min(one, await together(1, steps));
    all = Math.min(all, await together(size, steps));
  }
  const capacity = Math.max(1, Math.min(1, one / all) * size);
  return fitScale([{ n: size, capacity }]) ?? { contention: 0, coherence: 0 };
}

async function residentMB(executor: Executor, host: CalibrationHost): Promise<number> {
  const [child] = await executor.broadcast(host.usage);
  return (child?.peakRssBytes ?? 0) / 2 ** 20;
}

/** libuv reads the variable when its pool starts. */
function poolThreads(): number {
  const asked = Number(process.env["UV_THREADPOOL_SIZE"]);
  return Number.isSafeInteger(asked) && asked > 0 ? Math.min(asked, 1024) : 4;
}

/** Half of what is free: workers cost more once they work, and the program itself wants some. */
function availableMB(): number {
  const constrained = process.constrainedMemory();
  const limit = constrained > 0 && constrained < 2 ** 50 ? constrained : Number.POSITIVE_INFINITY;
  const free = process.availableMemory?.() ?? process.getBuiltinModule("node:os").freemem();
  return Math.min(limit, free) / 2 / 2 ** 20;
}
