// The mutex between the tasks of one thread, and the one between threads.
import { aheadOf, atMost, named, timesBetter, timesLimit } from "./goals.ts";
import { oneProcessor, type Subject, type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit, rival, asyncio, go } = subjectsOf("locks");

const lockOfAtomics = "a lock of raw Atomics";
const awaiting = "await undefined";
const common = { unit: "ns", better: "lower", sizes: [20_000] } as const;
const limits: readonly Subject[] = [limit(awaiting, "task"), limit("await undefined outside a task", "outside")];
const rivals: readonly Subject[] = [rival("async-mutex"), rival("p-limit"), rival("effect"), asyncio(), go(), go(oneProcessor)];

export const locks: Suite = {
  name: "locks",
  cases: [
    {
      ...common,
      id: "try",
      what: "take a free mutex without waiting, and release it; per pair",
      subjects: [brigade(), rival("effect"), go(), go(oneProcessor)],
      goals: [atMost(10, "ns")],
    },
    {
      ...common,
      id: "with",
      what: "an async function under a free mutex; per call",
      subjects: [brigade(), ...limits, ...rivals],
      goals: [timesLimit(4, awaiting)],
    },
    {
      ...common,
      id: "contended-1000",
      what: "1,000 tasks take one mutex and hold it across an await; per holder",
      subjects: [brigade(), ...limits, ...rivals],
      goals: [timesBetter(8, "≥ 8× async-mutex", named("async-mutex")), aheadOf("Go", named("go"))],
    },
    {
      ...common,
      id: "shared-uncontended",
      what: "take a free mutex between threads, blocking, and release it; per pair",
      subjects: [brigade(), limit(lockOfAtomics, "shared-uncontended"), rival("multithreading")],
      goals: [timesLimit(1.5, lockOfAtomics)],
    },
    {
      ...common,
      id: "shared-2-threads",
      what: "two threads take one mutex for a section of a few steps, blocking; per section",
      subjects: [brigade(), limit(lockOfAtomics, "shared-2-threads"), rival("multithreading")],
      goals: [timesLimit(1.5, lockOfAtomics)],
    },
  ],
};
