import { setTimeout as delay } from "node:timers/promises";
import { pairedSpeedups } from "../compare/statistics.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import { wallMs } from "./meters.ts";
import { compute, roundsFor } from "./work.ts";

export const noSpeedup = experiment({
  id: 7,
  statement: "Coroutines give no speed-up for CPU-bound work.",
  tried: "Four pieces of computing, one after the other and as four coroutines at once, in turns.",
  opposite: "Four pieces of waiting.",
  async run({ serial, coroutines }, variant) {
    const rounds = roundsFor(25);
    const piece: () => unknown = variant === "claimed" ? () => compute(rounds) : () => delay(25);
    const pieces = [piece, piece, piece, piece];
    const walls = await repeat(4, async () => ({
      serial: await wallMs(() => Promise.all(pieces.map((work) => serial.run(work)))),
      coroutines: await wallMs(() => Promise.all(pieces.map((work) => coroutines.run(work)))),
    }));
    const speedups = pairedSpeedups(
      walls.map((wall) => wall.serial),
      walls.map((wall) => wall.coroutines),
    );
    return range("speedup", speedups);
  },
  judge(measured) {
    const seen = `Four coroutines were ${times("speedup", measured)} as fast as one piece after the other.`;
    if (side("speedup", measured, 2) === "below") return holds(seen);
    return side("speedup", measured, 2) === "above" ? doesNotHold(seen) : undecided(`${seen} The rounds do not agree.`);
  },
});
