import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { inParallel, overlap, overlapSeen } from "./slices.ts";

export const parallelism = experiment({
  id: 32,
  statement: "Parallelism: the computing of two workers overlaps in time.",
  tried: "Two threads compute in slices of 0.1 ms and note when, on one clock.",
  opposite: "One thread does the work of both.",
  async run(kit, variant) {
    return await overlap(kit.openThreads({ size: variant === "claimed" ? 2 : 1 }));
  },
  judge(overlapped) {
    const seen = `Of two workers, ${overlapSeen(overlapped)}.`;
    const parallel = inParallel(overlapped);
    if (parallel === "yes") return holds(seen);
    return parallel === "no" ? doesNotHold(seen) : undecided(`${seen} No processor was free for certainty.`);
  },
});
