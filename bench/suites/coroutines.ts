// Tasks: what it costs to start one, let it wait once and join it, and what it holds while it waits.
import { aheadOf, atMost, inJavaScript, timesLimit } from "./goals.ts";
import { oneProcessor, type Subject, type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit, rival, asyncio, go } = subjectsOf("coroutines");

const inContext = "a promise in als.run";
const bare = "a bare promise";
const rivals: readonly Subject[] = [
  rival("effect"),
  rival("effection"),
  rival("p-limit"),
  rival("p-queue"),
  rival("rxjs"),
  asyncio(),
  go(),
];
// The goals rest on figures for 100,000 tasks at a time; `--size` shows what fewer cost.
const timed = { unit: "ns", better: "lower", sizes: [100_000] } as const;
const weighed = { unit: "B", better: "lower", sizes: [100_000] } as const;

export const coroutines: Suite = {
  name: "coroutines",
  cases: [
    {
      ...timed,
      id: "task",
      what: "create in a group, await once, join; per task",
      subjects: [brigade(), limit(inContext, "context"), limit(bare, "bare"), ...rivals, go(oneProcessor)],
      goals: [timesLimit(1.4, inContext), aheadOf("every rival in JavaScript", inJavaScript)],
    },
    {
      ...timed,
      id: "task-run",
      what: "create with coroutines.run, await once, await each handle; per task",
      subjects: [brigade(), limit(inContext, "context"), limit(bare, "bare")],
      goals: [],
    },
    {
      ...timed,
      id: "task-explicit",
      what: "the same with runExplicit: the code is given its task, without a context; per task",
      subjects: [brigade(), limit(bare, "bare")],
      goals: [timesLimit(2, bare)],
    },
    {
      ...weighed,
      id: "task-bytes",
      what: "heap of one suspended task",
      subjects: [brigade(), limit(inContext, "context-bytes"), limit(bare, "bare-bytes"), ...rivals],
      goals: [atMost(950, "B"), aheadOf("every rival in JavaScript", inJavaScript)],
    },
    {
      ...weighed,
      id: "task-explicit-bytes",
      what: "heap of one suspended task of runExplicit",
      subjects: [brigade(), limit(bare, "bare-bytes")],
      goals: [atMost(800, "B")],
    },
  ],
};
