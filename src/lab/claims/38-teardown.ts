import { median } from "../compare/statistics.ts";
import { duration } from "../text/units.ts";
import { coroutineLife, type LifeMs, processLife, threadLife } from "./beginnings.ts";
import { doesNotHold, experiment, holds, holdsWithALimit, undecided } from "./experiment.ts";
import { repeat } from "./figures.ts";
import { wallMs } from "./meters.ts";
import { echoProcess } from "./peers.ts";

export const teardown = experiment({
  id: 38,
  statement: "Creating and destroying processes is expensive, threads less so, coroutines hardly at all.",
  tried: "An empty coroutine, thread and process are created and destroyed, eight times in turns.",
  opposite: "The process is neither created nor destroyed: one that runs is asked twice.",
  async run(_kit, variant) {
    const running = variant === "opposite" ? await echoProcess() : undefined;
    const reused = async (): Promise<LifeMs> => ({ begin: await wallMs(() => running?.ask(0)), end: await wallMs(() => running?.ask(1)) });
    const lives = await repeat(8, async () => ({
      coroutine: await coroutineLife(),
      thread: await threadLife(),
      process: await (running ? reused() : processLife()),
    }));
    await running?.end();
    const whole = ({ begin, end }: LifeMs) => begin + end;
    return {
      coroutineMs: median(lives.map(({ coroutine }) => whole(coroutine))),
      threadMs: median(lives.map(({ thread }) => whole(thread))),
      processMs: median(lives.map(({ process }) => whole(process))),
      coroutineEndMs: median(lives.map(({ coroutine }) => coroutine.end)),
      threadEndMs: median(lives.map(({ thread }) => thread.end)),
      processEndMs: median(lives.map(({ process }) => process.end)),
      roundsInOrder: lives.filter(({ coroutine, thread, process }) => whole(coroutine) < whole(thread) && whole(thread) < whole(process))
        .length,
      roundsReversed: lives.filter(({ thread, process }) => whole(process) < whole(thread)).length,
      rounds: lives.length,
    };
  },
  judge(m) {
    const seen = `Both together ${duration(m.processMs)} for a process, ${duration(m.threadMs)} for a thread, ${duration(m.coroutineMs)} for a coroutine; the end alone ${duration(m.processEndMs)}, ${duration(m.threadEndMs)}, ${duration(m.coroutineEndMs)}.`;
    if (m.roundsReversed === m.rounds) return doesNotHold(seen);
    if (m.roundsInOrder < m.rounds - 1) return undecided(`${seen} The rounds do not agree.`);
    return m.processEndMs > m.threadEndMs ? holds(seen) : holdsWithALimit(`To end a thread takes as long as to end a process. ${seen}`);
  },
});
