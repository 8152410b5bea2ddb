import { median } from "../compare/statistics.ts";
import { duration } from "../text/units.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import type { Kit } from "./kit.ts";
import { wallMs } from "./meters.ts";
import { compute, roundsFor } from "./work.ts";

/** Processor time of one task, in ms. */
const sizes = [0.001, 0.01, 0.1, 1, 10] as const;

export const lightTasks = experiment({
  id: 26,
  statement: "For a lightweight task a process is slower than doing it in place.",
  tried: "Tasks of 1 µs, in place and each sent to running child processes, in turns; then larger ones, to find where it begins to pay.",
  opposite: "Tasks of 20 ms.",
  async run(kit, variant) {
    const pool = kit.openProcesses({ size: Math.max(2, Math.min(kit.cores, 4)) });
    await pool.warm();
    await timesAsLong(pool, 0.1);
    const tasks = await timesAsLong(pool, variant === "claimed" ? 0.001 : 20, 5);
    let breakEvenMs = 0;
    for (const ms of sizes) {
      if (breakEvenMs === 0 && median(await timesAsLong(pool, ms)) < 1) breakEvenMs = ms;
    }
    return { processors: kit.cores, ...range("timesAsLong", tasks), breakEvenMs };
  },
  judge({ breakEvenMs, ...measured }) {
    const pays = breakEvenMs === 0 ? "It did not pay up to 10 ms" : `It pays from tasks of about ${duration(breakEvenMs)} on`;
    const seen = `In child processes they took ${times("timesAsLong", measured)} as long as in place. ${pays}.`;
    if (side("timesAsLong", measured, 1.25) === "above") return holds(seen);
    return measured.timesAsLong < 1 ? doesNotHold(seen) : undecided(`${seen} The rounds do not agree.`);
  },
});

async function timesAsLong(pool: ReturnType<Kit["openProcesses"]>, taskMs: number, rounds = 3): Promise<number[]> {
  const count = Math.max(4, Math.min(400, Math.round(40 / taskMs)));
  const work = roundsFor(taskMs);
  const walls = await repeat(rounds, async () => ({
    inPlace: await wallMs(() => {
      for (let task = 0; task < count; task++) compute(work);
    }),
    processes: await wallMs(() => Promise.all(Array.from({ length: count }, () => pool.run(compute, work)))),
  }));
  return walls.map(({ inPlace, processes }) => processes / inPlace);
}
