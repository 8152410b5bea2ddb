import { doesNotHold, experiment, holds, holdsWithALimit, undecided } from "./experiment.ts";
import { range, times } from "./figures.ts";
import { inParallel, overlap, overlapSeen } from "./slices.ts";
import { speedups } from "./speedup.ts";

export const processesParallel = experiment({
  id: 24,
  statement: "Processes run in parallel on several processors.",
  tried: "Two child processes compute in slices of 0.1 ms and note when; the same work in place and in both, in turns.",
  opposite: "One child process does the work of both.",
  async run(kit, variant) {
    const pool = kit.openProcesses({ size: variant === "claimed" ? 2 : 1 });
    return { processors: kit.cores, ...(await overlap(pool)), ...range("speedup", await speedups(pool)) };
  },
  judge({ processors, speedup, speedupMin, speedupMax, ...overlapped }) {
    const seen = `Of two processes, ${overlapSeen(overlapped)}; they were ${times("speedup", { speedup, speedupMin, speedupMax })} as fast as one.`;
    const parallel = inParallel(overlapped);
    if (parallel === "yes") return speedupMax > 1.25 ? holds(seen) : holdsWithALimit(`${seen} No processor was free for a gain.`);
    if (processors === 1) return doesNotHold(`${seen} This machine has one processor.`);
    return parallel === "no" ? doesNotHold(seen) : undecided(`${seen} No processor was free for certainty.`);
  },
});
