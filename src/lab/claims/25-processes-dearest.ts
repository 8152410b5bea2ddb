import { spawn } from "node:child_process";
import { once } from "node:events";
import { execPath, platform } from "node:process";
import { median } from "../compare/statistics.ts";
import { digits, duration } from "../text/units.ts";
import { beginningsInTurns } from "./beginnings.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { privateBytes } from "./meters.ts";
import { ended } from "./peers.ts";

export const processesDearest = experiment({
  id: 25,
  statement: "A process is the most expensive to start, and takes megabytes.",
  tried: "An empty coroutine, thread and process are started, six times in turns; the memory that is the process's own.",
  opposite: "The process is not started: one that runs is asked.",
  async run(_kit, variant) {
    const lives = await beginningsInTurns(variant);
    return {
      coroutineMs: median(lives.map(({ coroutine }) => coroutine)),
      threadMs: median(lives.map(({ thread }) => thread)),
      processMs: median(lives.map(({ process }) => process)),
      roundsProcessLast: lives.filter(({ coroutine, thread, process }) => process > thread && process > coroutine).length,
      rounds: lives.length,
      processMB: (await emptyProcessBytes()) / 2 ** 20,
    };
  },
  judge({ coroutineMs, threadMs, processMs, roundsProcessLast, rounds, processMB }) {
    const seen = `A process takes ${duration(processMs)} and ${digits(processMB)} MB, a thread ${duration(threadMs)}, a coroutine ${duration(coroutineMs)}; in ${roundsProcessLast} of ${rounds} rounds the process was last.`;
    if (roundsProcessLast === rounds && processMB > 1) return holds(seen);
    return roundsProcessLast === 0 ? doesNotHold(seen) : undecided(`${seen} The rounds do not agree.`);
  },
});

async function emptyProcessBytes(): Promise<number> {
  const child = spawn(execPath, ["-e", "process.on('message', () => {}); process.send(process.memoryUsage.rss());"], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const [resident] = (await once(child, "message")) as [number];
  const bytes = platform === "linux" && child.pid !== undefined ? privateBytes(child.pid) : resident;
  await ended(child);
  return bytes;
}
