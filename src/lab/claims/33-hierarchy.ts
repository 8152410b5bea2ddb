import { threadId } from "node:worker_threads";
import type { Executor } from "../../contract/executor.ts";
import { currentTask } from "../../core/current-task.ts";
import { sleep } from "../../core/waiting.ts";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import type { Counter } from "./kit.ts";

const [threads, coroutinesEach] = [2, 3] as const;

interface Leaf {
  readonly pid: number;
  readonly thread: number;
  readonly task: string;
}

/** Starts so many coroutines where it runs; each says where it is when all of the program's are there. */
export const branch = portable(
  import.meta,
  "claim33.branch",
  async (coroutines: Executor<"coroutine">, count: number, there: Counter | undefined, all: number): Promise<Leaf[]> => {
    const live = async (): Promise<Leaf> => {
      there?.add(1);
      while (there !== undefined && there.value < all) await sleep(1);
      return { pid: process.pid, thread: threadId, task: currentTask().id };
    };
    return await Promise.all(Array.from({ length: count }, () => coroutines.run(live)));
  },
);

export const hierarchy = experiment({
  id: 33,
  statement: "One process holds several threads, and one thread holds several coroutines.",
  tried: "Two threads start three coroutines each; when all six are alive, each says in which process and thread it is.",
  opposite: "Each coroutine gets a process of its own.",
  async run(kit, variant) {
    const all = threads * coroutinesEach;
    const there = kit.newCounter();
    const branches =
      variant === "claimed"
        ? await Promise.all(
            Array.from({ length: threads }, () => kit.openThreads({ size: 1 }).run(branch, kit.coroutines, coroutinesEach, there, all)),
          )
        : await Promise.all([1, 2].map(() => kit.openProcesses({ size: 1 }).run(branch, kit.coroutines, 1, undefined, 1)));
    const leaves = branches.flat();
    const places = new Set(leaves.map(({ pid, thread }) => `${pid}/${thread}`));
    const fewest = Math.min(...[...places].map((place) => leaves.filter(({ pid, thread }) => `${pid}/${thread}` === place).length));
    return {
      processes: new Set(leaves.map(({ pid }) => pid)).size,
      threads: places.size,
      coroutines: leaves.length,
      fewestOnAThread: fewest,
    };
  },
  judge({ processes, threads, coroutines, fewestOnAThread }) {
    const seen = `At one moment: ${processes} ${processes === 1 ? "process" : "processes"}, ${threads} threads, ${coroutines} coroutines, at least ${fewestOnAThread} on each thread.`;
    return threads > processes && fewestOnAThread > 1 ? holds(seen) : doesNotHold(seen);
  },
});
