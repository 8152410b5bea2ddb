import { checkpoint } from "../../core/checkpoint.ts";
import { factor } from "../text/units.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { cpuMs } from "./meters.ts";
import { inParallel, overlap, overlapSeen } from "./slices.ts";
import { compute, roundsFor } from "./work.ts";

const [tasks, steps] = [4, 50] as const;

export const concurrency = experiment({
  id: 31,
  statement: "Concurrency is not parallelism: many are in progress, never two at the same instant, and computing costs as much as before.",
  tried:
    "Four coroutines compute in turns; how many are in progress, whether two ever compute at once, processor time beside one after the other.",
  opposite: "Two threads.",
  async run(kit, variant) {
    const rounds = roundsFor(1);
    let [begun, ended, most] = [0, 0, 0];
    const work = async (): Promise<void> => {
      begun++;
      for (let step = 0; step < steps; step++) {
        most = Math.max(most, begun - ended);
        compute(rounds);
        await checkpoint();
      }
      ended++;
    };
    const cpuOf = async (executor: typeof kit.serial | typeof kit.coroutines): Promise<number> => {
      const before = cpuMs();
      await Promise.all(Array.from({ length: tasks }, () => executor.run(work)));
      return cpuMs() - before;
    };
    const serially = await cpuOf(kit.serial);
    most = 0;
    const atOnce = await cpuOf(kit.coroutines);
    const overlapped = await overlap(variant === "claimed" ? kit.coroutines : kit.openThreads({ size: 2 }));
    return { mostInProgress: most, cpuRatio: atOnce / serially, ...overlapped };
  },
  judge({ mostInProgress, cpuRatio, ...overlapped }) {
    const seen = `${mostInProgress} were in progress at once; of two, ${overlapSeen(overlapped)}; all together took ${factor(cpuRatio)}× the processor time of one after the other.`;
    const parallel = inParallel(overlapped);
    if (parallel === "yes" || mostInProgress < 2) return doesNotHold(seen);
    return parallel === "no" && cpuRatio > 0.6 && cpuRatio < 1.6 ? holds(seen) : undecided(`${seen} No processor was free for certainty.`);
  },
});
