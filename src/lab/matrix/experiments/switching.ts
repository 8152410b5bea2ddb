// Two units hand one turn to and fro, on one processor: a switch is one hand-over. Threads and processes wait in the kernel for a byte of a
// pipe (after lmbench's lat_ctx), so a switch has the write and the read in it; coroutines wait for each other's `await`.

import { switches } from "../answers/pipe.ts";
import type { Experiment, Observation } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { openPipes } from "../means/pipe.ts";
import { microseconds } from "../samples.ts";

/** Figures: `switchNs`, `kernelSwitches` (per switch). */
export const switching: Experiment = {
  id: "switching",
  title: "switching between two units",
  levels: matrixLevels,
  pinned: true,
  async run(level, host) {
    if (level === "coroutine") return await betweenCoroutines(host.timeMs);
    const line = await openPipes(host);
    // warm, and both awake
    line.ask(100);
    let hops = 0;
    const before = switches();
    const us = await microseconds((n) => {
      line.ask(n);
      hops += 2 * n;
    }, host.timeMs);
    const mine = switches() - before;
    const theirs = await line.close();
    // threads are of one process, whose books both have read
    const counted = level === "process" ? mine + theirs : mine;
    return { figures: { switchNs: us.map((both) => (both * 1000) / 2), kernelSwitches: [counted / hops] } };
  },
};

async function betweenCoroutines(timeMs: number): Promise<Observation> {
  let turn = 0;
  let hops = 0;
  const player = async (me: number, n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      if (turn !== me) throw new RangeError("The coroutines did not take turns, so what was timed is no switch.");
      turn = 1 - me;
      await undefined;
    }
  };
  const before = switches();
  const us = await microseconds(async (n) => {
    hops += 2 * n;
    await Promise.all([player(0, n), player(1, n)]);
  }, timeMs);
  return { figures: { switchNs: us.map((both) => (both * 1000) / 2), kernelSwitches: [(switches() - before) / hops] } };
}
