import { median, spread } from "../compare/statistics.ts";
import { duration } from "../text/units.ts";
import { beginningsInTurns } from "./beginnings.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";

export const threadStart = experiment({
  id: 17,
  statement: "A thread is cheaper to create than a process, and dearer than a coroutine.",
  tried: "An empty coroutine, thread and process, from the wish to the first sign of life, six times in turns.",
  opposite: "The process is not created: one that runs is asked.",
  async run(_kit, variant) {
    const lives = await beginningsInTurns(variant);
    const of = (kind: "coroutine" | "thread" | "process") => lives.map((life) => life[kind]);
    return {
      coroutineMs: median(of("coroutine")),
      coroutineMsMax: spread(of("coroutine")).max,
      threadMsMin: spread(of("thread")).min,
      threadMs: median(of("thread")),
      processMs: median(of("process")),
      roundsThreadFirst: lives.filter(({ thread, process }) => thread < process).length,
      rounds: lives.length,
    };
  },
  judge({ coroutineMs, coroutineMsMax, threadMs, threadMsMin, processMs, roundsThreadFirst, rounds }) {
    const seen = `A coroutine takes ${duration(coroutineMs)}, a thread ${duration(threadMs)}, a process ${duration(processMs)}; in ${roundsThreadFirst} of ${rounds} rounds the thread was there sooner.`;
    if (coroutineMsMax < threadMsMin && roundsThreadFirst === rounds) return holds(seen);
    return roundsThreadFirst === 0 || threadMsMin < coroutineMs ? doesNotHold(seen) : undecided(`${seen} The rounds do not agree.`);
  },
});
