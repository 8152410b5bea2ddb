// Growth: whether a thing costs the same when there are a thousand times as many of it.
import { atMost, type Goal } from "./goals.ts";
import { type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit } = subjectsOf("scale");

const sizes = [1_000, 10_000, 100_000, 1_000_000];
const timed = { unit: "ns", better: "lower", sizes } as const;
const flat: readonly Goal[] = [atMost(1.5, "×")];
const inContext = "a promise in als.run";

export const scale: Suite = {
  name: "scale",
  cases: [
    {
      ...timed,
      id: "tasks",
      what: "tasks in one group, each of which waits once; per task",
      subjects: [brigade(), limit(inContext, "tasks")],
      goals: flat,
    },
    {
      ...timed,
      id: "queue",
      what: "tasks queued in an executor that runs 100 at a time; per task",
      subjects: [brigade()],
      goals: flat,
    },
    {
      ...timed,
      id: "queue-channel",
      what: "values sent into an unbounded channel, then received; per value",
      subjects: [brigade()],
      goals: flat,
    },
    {
      ...timed,
      id: "suspended",
      what: "heap of one suspended task",
      unit: "B",
      subjects: [brigade(), limit(inContext, "suspended")],
      goals: flat,
    },
  ],
};
