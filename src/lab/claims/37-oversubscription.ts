import { spread } from "../compare/statistics.ts";
import { factor, megabytes } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit, undecided } from "./experiment.ts";
import { range, repeat } from "./figures.ts";
import { kernelSwitches, privateBytes, wallMs } from "./meters.ts";
import { compute, roundsFor } from "./work.ts";

const [pieces, timesTheCores] = [64, 8] as const;

export const oversubscription = experiment({
  id: 37,
  statement: "Too many threads cost: more memory, more switching, and less work done.",
  tried:
    "64 pieces of computing on as many threads as processors and on eight times as many, in turns; time, memory, switches of the kernel.",
  opposite: "As many coroutines instead of threads.",
  async run(kit, variant) {
    const rounds = roundsFor(3);
    const cores = Math.min(kit.cores, 4);
    const open = async (size: number) => {
      const before = privateBytes();
      const pool = kit.openThreads({ size });
      await pool.warm();
      await Promise.all(Array.from({ length: size }, () => pool.run(compute, 1)));
      return { work: () => pool.run(compute, rounds), bytes: privateBytes() - before };
    };
    const few = await open(cores);
    const before = privateBytes();
    const many =
      variant === "claimed"
        ? await open(cores * timesTheCores)
        : { work: () => kit.coroutines.run(() => compute(rounds)), bytes: Math.max(0, privateBytes() - before) };
    const timed = async (work: () => PromiseLike<unknown>) => {
      const switches = kernelSwitches();
      const ms = await wallMs(() => Promise.all(Array.from({ length: pieces }, work)));
      const after = kernelSwitches();
      return { ms, switches: after.waiting + after.turnOver - switches.waiting - switches.turnOver };
    };
    const rows = await repeat(5, async () => ({ few: await timed(few.work), many: await timed(many.work) }));
    const sum = (of: "few" | "many") => rows.reduce((total, row) => total + row[of].switches, 0);
    return {
      ...range(
        "slower",
        rows.map((row) => row.many.ms / row.few.ms),
      ),
      fewMB: few.bytes / 2 ** 20,
      manyMB: many.bytes / 2 ** 20,
      fewSwitches: sum("few") / rows.length,
      manySwitches: sum("many") / rows.length,
    };
  },
  judge({ slower, slowerMin, slowerMax, fewMB, manyMB, fewSwitches, manySwitches }) {
    const seen = `Eight times as many took ${factor(slower)}× (${factor(slowerMin)}–${factor(slowerMax)}×) as long, ${megabytes(manyMB)} for ${megabytes(fewMB)}, ${Math.round(manySwitches)} switches of the kernel for ${Math.round(fewSwitches)}.`;
    if (manyMB < 2 * fewMB) return doesNotHold(seen);
    if (slowerMin > 1.1) return holds(seen);
    if (slowerMin > 0.5 && spread([slower, slowerMax]).min < 1.3) return holdsWithALimit(`Memory for certain, the work hardly. ${seen}`);
    return undecided(`Memory for certain; about the work the rounds do not agree. ${seen}`);
  },
});
