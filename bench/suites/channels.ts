// Channels between the tasks of one thread.
import { aheadOf, atMost, named, timesLimit } from "./goals.ts";
import { oneProcessor, type Subject, type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit, rival, asyncio, go } = subjectsOf("channels");

const awaiting = "await undefined";
const common = { unit: "ns", better: "lower", sizes: [20_000] } as const;
// Outside a context an await costs a third on Node 20; it is shown, but no program with tasks gets it.
const limits: readonly Subject[] = [limit(awaiting, "task"), limit("await undefined outside a task", "outside")];
const foreign: readonly Subject[] = [asyncio(), go(), go(oneProcessor)];

export const channels: Suite = {
  name: "channels",
  cases: [
    {
      ...common,
      id: "handover",
      what: "a value passed on without a buffer, to and fro; per value",
      subjects: [brigade(), ...limits, rival("effect"), rival("effection"), ...foreign],
      goals: [timesLimit(2.5, awaiting), aheadOf("Go", named("go"))],
    },
    {
      ...common,
      id: "try-send",
      what: "trySend with room and tryReceive; per value, in and out",
      subjects: [brigade(), rival("effect"), ...foreign],
      goals: [atMost(20, "ns")],
    },
    {
      ...common,
      id: "send",
      what: "an awaited send with room, and the cheapest way out again; per value",
      subjects: [brigade(), ...limits, rival("effect"), rival("effection"), ...foreign],
      goals: [timesLimit(3, awaiting)],
    },
    {
      ...common,
      id: "select",
      what: "receive from the one of two channels that has a value; per value",
      subjects: [brigade(), ...limits, rival("effect"), rival("effection"), ...foreign],
      goals: [],
    },
    {
      ...common,
      id: "across-threads",
      what: "numbers from another thread through a buffer of 128; per value",
      subjects: [brigade(), limit("postMessage without back-pressure", "posted")],
      goals: [],
    },
  ],
};
