// The cost model: from what is known of a function and of the machine to the time that a number of calls takes at a level and size.
// Pure. A run is as slow as the narrowest of what it goes through: this thread, which sends and receives one after the other; the
// workers, of which there are never quite as many as there are (USL); libuv's pool; the processors; the longest call. That is why the
// terms stand in a maximum: they overlap in time.
import type { Configuration } from "../compare/plan.ts";
import { capacityAt } from "../usl.ts";
import type { MachineConstants, PoolCharges } from "./constants.ts";
import type { Profile, Together } from "./profile.ts";

/** What makes a run as slow as it is. */
export type Bound = "one-at-a-time" | "this-thread" | "workers" | "pool" | "processors" | "waiting" | "longest-call";

/** The time of a run. Times in ms. */
export interface Forecast extends Configuration {
  readonly wallMs: number;
  /** 95 % of the samples' doubt. */
  readonly lowMs: number;
  readonly highMs: number;
  readonly bound: Bound;
  /** Workers, at the least. */
  readonly memoryMB: number;
}

/** The time of `items` calls, workers being up. Throws `RangeError` for a level that has no model. */
export function forecast(profile: Profile, machine: MachineConstants, items: number, configuration: Configuration): Forecast {
  const { wallMs, bound, memoryMB } = time(profile, machine, items, configuration);
  const { low, high } = profile.wallInterval;
  const doubt = (toMs: number) => (profile.wallMs > 0 ? (wallMs * toMs) / profile.wallMs : wallMs);
  return { level: configuration.level, size: configuration.size, wallMs, lowMs: doubt(low), highMs: doubt(high), bound, memoryMB };
}

type Estimate = Pick<Forecast, "wallMs" | "bound" | "memoryMB">;

function time(profile: Profile, machine: MachineConstants, items: number, configuration: Configuration): Estimate {
  switch (configuration.level) {
    case "serial":
      return { wallMs: items * (profile.wallMs + machine.serialMs), bound: "one-at-a-time", memoryMB: 0 };
    case "coroutine":
      return coroutines(profile, machine, items, configuration.size);
    case "thread":
      return pool(profile, machine, items, configuration.size, machine.thread, machine.poolThreads);
    case "process":
      return pool(profile, machine, items, configuration.size, machine.process, machine.poolThreads * configuration.size);
    default:
      throw new RangeError(`There is no cost model for level "${configuration.level}".`);
  }
}

/** What several calls at once have shown says more than any split of one call: a server that answers one at a time, a pool with four
 *  threads, a disk. Between the depths that were measured it goes straight, and beyond them on as between the last two. */
function coroutines(profile: Profile, machine: MachineConstants, items: number, atOnce: number): Estimate {
  const { together, wallMs, longestMs, poolMs } = profile;
  const charge = machine.coroutineMs;
  if (together === undefined || items <= 1) return { wallMs: items * (wallMs + charge), bound: "one-at-a-time", memoryMB: 0 };
  const depth = Math.min(items, atOnce);
  const waves = items / depth;
  const chainMs = Math.max(wallMs, Math.min(longestMs, together.points.at(-1)?.wallMs ?? longestMs));
  const flowMs = Math.max(timeOf(depth, together, wallMs), depth * together.cpuMs);
  const bound = flowMs < 2 * chainMs ? "waiting" : poolMs > together.cpuMs ? "pool" : "this-thread";
  return { wallMs: waves * Math.max(chainMs, flowMs) + items * charge, bound, memoryMB: 0 };
}

/** The time of so many calls at once, by the points and by one call alone. */
function timeOf(calls: number, { points }: Together, aloneMs: number): number {
  let from = { calls: 1, wallMs: aloneMs };
  let slope = 0;
  for (const to of points) {
    // noise may say that more take less time
    slope = Math.max(0, (to.wallMs - from.wallMs) / Math.max(1, to.calls - from.calls));
    if (calls <= to.calls) break;
    from = to;
  }
  return from.wallMs + (calls - from.calls) * slope;
}

function pool(
  profile: Profile,
  machine: MachineConstants,
  items: number,
  size: number,
  charges: PoolCharges,
  poolThreads: number,
): Estimate {
  const { travel } = profile;
  const coding = travel.possible ? travel : { bytesIn: 0, bytesOut: 0, hereMs: 0, thereMs: 0 };
  const wayMs = ((coding.bytesIn + coding.bytesOut) / 2 ** 20) * charges.megabyteMs;
  const hereMs = charges.hereMs + coding.hereMs + wayMs / 2;
  const busyMs = profile.cpuMs + charges.thereMs + coding.thereMs + wayMs / 2;
  const idleMs = profile.waitMs + profile.poolMs;
  const units = Math.min(size, Math.max(1, items));
  const running = capacityAt(Math.min(units, machine.cores), machine.scaling);
  const processors = capacityAt(machine.cores, machine.scaling);
  const bounds: readonly (readonly [Bound, number])[] = [
    ["this-thread", items * hereMs],
    ["workers", items * (busyMs / running + idleMs / units)],
    ["pool", (items * profile.poolMs) / Math.min(poolThreads, processors)],
    ["processors", (items * (hereMs + busyMs + profile.poolMs + profile.helperMs)) / processors],
    ["longest-call", profile.longestMs],
  ];
  const [bound, atLeastMs] = bounds.reduce((most, next) => (next[1] > most[1] ? next : most));
  // at the end some workers have nothing left to do: half a call of each on average
  const tailMs = items > units ? (((units - 1) / units) * (busyMs + idleMs)) / 2 : 0;
  return { wallMs: charges.aloneMs + atLeastMs + tailMs, bound, memoryMB: size * charges.workerMB };
}
