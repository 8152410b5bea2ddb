import { median } from "../compare/statistics.ts";
import { factor } from "../text/units.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { inParallel, overlap, overlapSeen } from "./slices.ts";
import { speedups } from "./speedup.ts";

export const globalLock = experiment({
  id: 16,
  statement: "A global lock keeps threads from computing in parallel.",
  tried: "Two threads compute in slices of 0.1 ms and note when; the same work in place and on both threads, in turns.",
  opposite: "Each thread holds one lock during each slice: a global lock.",
  async run(kit, variant) {
    const pool = kit.openThreads({ size: 2 });
    const lock = variant === "opposite" ? kit.newSharedMutex() : undefined;
    return { processors: kit.cores, ...(await overlap(pool, lock)), speedup: median(await speedups(pool, lock)) };
  },
  judge({ processors, speedup, ...overlapped }) {
    const seen = `Of two threads, ${overlapSeen(overlapped)}; they were ${factor(speedup)}× as fast as one.`;
    const parallel = inParallel(overlapped);
    if (parallel === "yes") return doesNotHold(`${seen} True of CPython's GIL, not of JavaScript's threads.`);
    if (processors === 1) return undecided(`${seen} But one processor alone keeps them from it.`);
    return parallel === "no" ? holds(seen) : undecided(`${seen} No processor was free for certainty.`);
  },
});
