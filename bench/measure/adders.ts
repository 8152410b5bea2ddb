// Tiny tasks: additions on other threads. How each subject does them stands in cases/threads; how they are measured stands here.
import { percentile } from "./percentile.ts";
import type { Conditions, Settings, Workload, Workloads } from "./workload.ts";

/** Adds two numbers on a worker. */
export type Add = (a: number, b: number) => PromiseLike<number>;

/** Opens as many workers as that, and returns once they can be used. What is open stays so: the program ends with the sample. */
export type OpenAdders = (workers: number, settings: Settings) => Promise<Add> | Add;

/** The workloads of a subject that adds. Each result is checked: who answers wrongly or twice has no figure. */
export function additions(open: OpenAdders): Workloads {
  return {
    "tiny-1000": rate(open, 1),
    "tiny-1000x2": rate(open, 2),
    "tiny-1": roundTrip(open, 0.5),
    "tiny-1-p99": roundTrip(open, 0.99),
    "cpu-per-task": processorTime(open, 1),
    "cpu-per-taskx2": processorTime(open, 2),
  };
}

/** The time in which many tasks were settled. */
interface Span {
  readonly tasks: number;
  readonly ms: number;
  /** Of all threads of the process, in microseconds. */
  readonly cpuUs: number;
}

const rate = (open: OpenAdders, workers: number): Workload => {
  return async (conditions) => {
    const { tasks, ms } = await keepInFlight(await open(workers, conditions.settings ?? {}), conditions);
    return [(tasks / ms) * 1_000];
  };
};

const processorTime = (open: OpenAdders, workers: number): Workload => {
  return async (conditions) => {
    const { tasks, cpuUs } = await keepInFlight(await open(workers, conditions.settings ?? {}), conditions);
    return [cpuUs / tasks];
  };
};

/** Microseconds of one round trip, the next one beginning when it is over. */
const roundTrip = (open: OpenAdders, share: number): Workload => {
  return async ({ timeMs, settings = {} }) => {
    const add = await open(1, settings);
    const tripsFor = async (): Promise<number[]> => {
      const tripsUs: number[] = [];
      const end = performance.now() + timeMs;
      for (let begun = performance.now(); begun < end; begun = performance.now()) {
        await checked(add, tripsUs.length);
        tripsUs.push((performance.now() - begun) * 1_000);
      }
      return tripsUs;
    };
    await tripsFor();
    return [percentile(await tripsFor(), share)];
  };
};

/** Results come in bursts of up to as many as are in flight: a span of this many bursts has whole ones in it, nearly. */
const bursts = 20;
/** Who is too slow for that is measured for this many times the time. */
const patience = 10;
/** Results between two looks at the clock. */
const lookEvery = 64;

/** Keeps `size` tasks in flight from the first to the last moment: each of as many loops awaits one task after another. The span
 *  begins when the warm-up is over and ends before the loops do, so that neither the start nor the end is in it. */
async function keepInFlight(add: Add, { size, timeMs }: Conditions): Promise<Span> {
  let submitted = 0;
  let settled = 0;
  let begun: Reading | undefined;
  let since = readingAt(0);
  let span: Span | undefined;
  const look = (): void => {
    const ms = performance.now() - since.atMs;
    if ((ms < timeMs || settled - since.settled < size * bursts) && ms < timeMs * patience) return;
    const now = readingAt(settled);
    if (begun === undefined) begun = now;
    else span = { tasks: now.settled - begun.settled, ms: now.atMs - begun.atMs, cpuUs: now.cpuUs - begun.cpuUs };
    since = now;
  };
  const loop = async (): Promise<void> => {
    while (span === undefined) {
      await checked(add, submitted++);
      if (++settled % lookEvery === 0) look();
    }
  };
  await Promise.all(Array.from({ length: size }, loop));
  if (span === undefined || settled !== submitted) throw new RangeError(`${submitted} tasks were submitted, ${settled} settled.`);
  return span;
}

async function checked(add: Add, n: number): Promise<void> {
  const sum = await add(n, 1);
  if (sum !== n + 1) throw new RangeError(`${n} + 1 came back as ${sum}.`);
}

interface Reading {
  readonly settled: number;
  readonly atMs: number;
  readonly cpuUs: number;
}

function readingAt(settled: number): Reading {
  const { user, system } = process.cpuUsage();
  return { settled, atMs: performance.now(), cpuUs: user + system };
}
