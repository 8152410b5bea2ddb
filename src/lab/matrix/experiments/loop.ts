// A unit that never lets go: does the rest of the program still run, and can the loop be ended? On one processor, so that what still
// runs does so because the kernel takes turns, and not beside it.
import type { Ending, Experiment, MatrixHost, Observation } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { untilRunning } from "../until-running.ts";

const tickMs = 10;
const ticks = 20;
const silenceMs = 1_200;

/** Figures: `goesOn` (share of the program's turns that still come), `stopMs`. */
export const loop: Experiment = {
  id: "loop",
  title: "an endless loop",
  levels: matrixLevels,
  pinned: true,
  once: true,
  silenceMs,
  async run(level, host) {
    const unit = host.open();
    if (level !== "coroutine") await unit.run(host.tasks.nothing);
    const undisturbed = await turns();
    await host.announceDanger();
    const looping = unit.with({ grace: 0 }).run(host.tasks.loopForever);
    await untilRunning(looping);
    const disturbed = await turns();
    const startedMs = performance.now();
    await looping.stop();
    await gone(unit, host);
    return {
      figures: { goesOn: [Math.min(1, disturbed / undisturbed)], stopMs: [performance.now() - startedMs] },
      words: { goesOn: "the rest goes on", stopMs: "killed and replaced" },
    };
  },
  ended: (_, ending) => frozen(ending),
};

/** Turns of this program's loop in a while: at most one for each tick. */
async function turns(): Promise<number> {
  let seen = 0;
  const timer = setInterval(() => seen++, tickMs);
  await new Promise((resolve) => setTimeout(resolve, tickMs * ticks));
  clearInterval(timer);
  return seen;
}

/** The loop is over when its place takes other work. */
async function gone(unit: ReturnType<MatrixHost["open"]>, host: MatrixHost): Promise<void> {
  await unit.run(host.tasks.nothing);
}

function frozen({ how, status }: Ending): Observation {
  const words = how === "silent" ? "nothing else runs" : `the program ends: ${status}`;
  return { figures: { goesOn: [0] }, words: { goesOn: words }, missing: { stopMs: "only with the whole program" } };
}
