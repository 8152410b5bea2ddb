// Tiny tasks on threads: an addition, so that what is measured is the way there and back.
import { type Goal, named, timesBetter, timesLimit } from "./goals.ts";
import { type Case, type Subject, type Suite, subjectsOf, type Variant } from "./suite.ts";

const { brigade, limit, rival, handmade } = subjectsOf("threads");

/** Pools that keep one task with a worker by default: told to hand out all of them, which is their best. */
const pipelined: Variant = { label: "1000 per worker", settings: { concurrentTasksPerWorker: 1_000 } };
const waitingAsync: Variant = { label: "1000, atomics async", settings: { ...pipelined.settings, atomics: "async" } };
const withoutAtomics: Variant = { label: "1000, atomics disabled", settings: { ...pipelined.settings, atomics: "disabled" } };

const pools: readonly Subject[] = [
  rival("piscina"),
  rival("piscina", pipelined),
  rival("piscina", waitingAsync),
  rival("piscina", withoutAtomics),
  rival("tinypool"),
  rival("tinypool", pipelined),
  rival("workerpool"),
  rival("poolifier"),
  rival("comlink"),
  rival("multithreading"),
];
const raw = handmade("raw postMessage", "raw");
const batched = handmade("raw postMessage", "raw", { label: "in batches of 100", settings: { batch: 100 } });

const best = named(...new Set(pools.map(({ name }) => name)));
const onlyRaw = (subject: Subject): boolean => subject === raw;
const onlyBatched = (subject: Subject): boolean => subject === batched;

/** What no pair of threads gets below, unless one of them burns a processor while it waits. */
const doorbell = "Atomics.wait there, a port here";

const inFlight = { sizes: [1_000], subjects: [brigade(), ...pools, raw, batched] } as const;
const rate = (id: string, workers: string): Case => ({
  ...inFlight,
  id,
  what: `an addition, 1,000 in flight on ${workers}; tasks per second`,
  unit: "/s",
  better: "higher",
  goals: [
    timesBetter(10, "≥ 10× the best pool", best),
    timesBetter(3, "≥ 3× raw postMessage", onlyRaw),
    timesBetter(1, "no slower than batches", onlyBatched),
  ],
});
const roundTrip = { unit: "µs", better: "lower", sizes: [1], subjects: [brigade(), limit(doorbell, "doorbell"), ...pools, raw] } as const;
const processorTime = (id: string, workers: string, times: number): Case => ({
  ...inFlight,
  id,
  what: `processor time of the whole process, 1,000 in flight on ${workers}; per task`,
  unit: "µs",
  better: "lower",
  goals: [timesBetter(times, `≤ 1/${times} of the best pool`, best)],
});
const noWorseThanRaw: Goal = timesBetter(1, "no worse than raw postMessage", onlyRaw);

export const threads: Suite = {
  name: "threads",
  cases: [
    rate("tiny-1000", "one worker"),
    rate("tiny-1000x2", "two workers"),
    {
      ...roundTrip,
      id: "tiny-1",
      what: "an addition, one in flight on one worker: the median round trip",
      goals: [timesBetter(1, "no pool faster", best), timesLimit(1.5, doorbell)],
    },
    {
      ...roundTrip,
      id: "tiny-1-p99",
      what: "the same: the round trip that 99 of 100 stay below",
      subjects: [brigade(), limit(doorbell, "doorbell-p99"), ...pools, raw],
      goals: [noWorseThanRaw],
    },
    processorTime("cpu-per-task", "one worker", 10),
    processorTime("cpu-per-taskx2", "two workers", 6),
  ],
};
