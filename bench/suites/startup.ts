// How long it takes until something can begin: a program with brigade in it, a worker, the worker after a loss.
import { atMost, overLimit, timesLimit } from "./goals.ts";
import { type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit, rival } = subjectsOf("startup");

const emptyModule = "an empty module";
const emptyWorker = "an empty new Worker";
const emptyFork = "an empty fork";
const common = { unit: "ms", better: "lower", sizes: [1] } as const;
const pools = [rival("piscina"), rival("tinypool"), rival("workerpool")];

export const startup: Suite = {
  name: "startup",
  cases: [
    {
      ...common,
      id: "spare",
      what: "a worker dies while the others are busy: from the loss to the result of the next task",
      subjects: [brigade(), limit(emptyWorker, "thread")],
      goals: [atMost(1, "ms")],
    },
    {
      ...common,
      id: "thread",
      what: "from opening a pool of threads to a worker that is ready",
      subjects: [brigade(), limit(emptyWorker, "thread")],
      goals: [timesLimit(1.3, emptyWorker)],
    },
    {
      ...common,
      id: "process",
      what: "from opening a pool of processes to a worker that is ready",
      subjects: [brigade(), limit(emptyFork, "process")],
      goals: [timesLimit(1.3, emptyFork)],
    },
    {
      ...common,
      id: "first-result",
      what: "from opening a pool of threads to the result of an addition",
      subjects: [brigade(), limit(emptyWorker, "thread"), ...pools],
      goals: [],
    },
    {
      ...common,
      id: "import",
      what: "a program that imports it and ends, from start to end",
      subjects: [brigade(), limit(emptyModule, "import"), ...pools],
      goals: [overLimit(15, "ms", emptyModule)],
    },
  ],
};
