// Tiny tasks in processes: an addition, so that what is measured is the way there and back.
import { named, timesBetter, timesLimit } from "./goals.ts";
import { type Case, type Subject, type Suite, subjectsOf, type Variant } from "./suite.ts";

const { brigade, limit, rival, handmade } = subjectsOf("processes");

const advanced: Variant = { label: "advanced", settings: { serialization: "advanced" } };
/** As many sent ahead as there are. */
const unlimited: Variant = { label: "1000 per worker", settings: { maxConcurrentCallsPerWorker: 1_000 } };
const python: Subject = { name: "ProcessPoolExecutor", role: "rival", program: { kind: "python", script: "processes.py" } };

const pools: readonly Subject[] = [rival("workerpool"), rival("tinypool"), rival("jest-worker"), python];
const pipelined: readonly Subject[] = [
  rival("worker-farm"),
  rival("worker-farm", unlimited),
  handmade("fork IPC", "fork"),
  handmade("fork IPC", "fork", advanced),
];
const oneByOne = named(...pools.map(({ name }) => name));
const rawOrFarm = named("worker-farm", "fork IPC");

const rate = (id: string, children: string, times: number): Case => ({
  id,
  what: `an addition, 1,000 in flight on ${children}; tasks per second`,
  unit: "/s",
  better: "higher",
  sizes: [1_000],
  subjects: [brigade(), ...pools, ...pipelined],
  goals: [
    timesBetter(times, `≥ ${times}× the best pool that keeps one task with a child`, oneByOne),
    timesBetter(1.5, "≥ 1.5× worker-farm and fork IPC", rawOrFarm),
  ],
});

/** What no pair of processes gets below without memory that both reach. */
const pingPong = "eight bytes there and back over a socket";
const roundTrip = { unit: "µs", better: "lower", sizes: [1] } as const;

export const processes: Suite = {
  name: "processes",
  cases: [
    rate("tiny-1000", "one child", 12),
    rate("tiny-1000x2", "two children", 7),
    {
      ...roundTrip,
      id: "tiny-1",
      what: "an addition, one in flight on one child: the median round trip",
      subjects: [brigade(), limit(pingPong, "socket"), ...pools, ...pipelined],
      goals: [timesBetter(1, "no worse than fork IPC", named("fork IPC")), timesLimit(2, pingPong)],
    },
    {
      ...roundTrip,
      id: "tiny-1-p99",
      what: "the same: the round trip that 99 of 100 stay below",
      subjects: [brigade(), limit(pingPong, "socket-p99"), ...pools, ...pipelined],
      goals: [timesBetter(1, "no worse than fork IPC", named("fork IPC"))],
    },
  ],
};
