import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import { wallMs } from "./meters.ts";
import { compute, roundsFor, wait } from "./work.ts";

const [pieces, waitMs] = [64, 10] as const;

export const processesAndWaiting = experiment({
  id: 27,
  statement: "Processes are always better for performance.",
  tried: "64 waits of 10 ms, as for a network, by coroutines and by one child process for each processor, in turns.",
  opposite: "Computing instead of waiting.",
  async run(kit, variant) {
    const pool = kit.openProcesses({ size: Math.max(2, Math.min(kit.cores, 4)) });
    await pool.warm();
    await Promise.all([pool.run(wait, 1), pool.run(wait, 1)]);
    const rounds = roundsFor(2);
    const here = variant === "claimed" ? () => wait(waitMs) : () => compute(rounds);
    const there = variant === "claimed" ? () => pool.run(wait, waitMs) : () => pool.run(compute, rounds);
    const all = (start: () => PromiseLike<unknown>) => wallMs(() => Promise.all(Array.from({ length: pieces }, start)));
    const walls = await repeat(3, async () => ({
      coroutines: await all(() => kit.coroutines.run<[], unknown>(here)),
      processes: await all(there),
    }));
    return range(
      "slower",
      walls.map(({ coroutines, processes }) => processes / coroutines),
    );
  },
  judge(measured) {
    const seen = `Processes took ${times("slower", measured)} as long as coroutines.`;
    if (side("slower", measured, 1.4) === "above") return doesNotHold(`${seen} Not for work that waits.`);
    return side("slower", measured, 1) === "below" ? holds(seen) : undecided(`${seen} Too close to tell.`);
  },
});
