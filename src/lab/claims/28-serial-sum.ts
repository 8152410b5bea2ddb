import { setTimeout as delay } from "node:timers/promises";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import { wallMs } from "./meters.ts";

const parts = [60, 90, 120] as const;
const sum = parts[0] + parts[1] + parts[2];

export const serialSum = experiment({
  id: 28,
  statement: "Synchronous, serial work takes the sum of its parts.",
  tried: "Parts of 60, 90 and 120 ms one after the other; the whole in units of their sum, three times.",
  opposite: "The parts at once.",
  async run({ serial, coroutines }, variant) {
    const executor = variant === "claimed" ? serial : coroutines;
    const walls = await repeat(3, () => wallMs(() => Promise.all(parts.map((ms) => executor.run(() => delay(ms))))));
    return range(
      "ofSum",
      walls.map((wall) => wall / sum),
    );
  },
  judge(measured) {
    const seen = `The whole took ${times("ofSum", measured)} the sum of its parts.`;
    // timers may come a millisecond early
    if (side("ofSum", measured, 0.97) === "above") return holds(seen);
    return side("ofSum", measured, 0.8) === "below" ? doesNotHold(seen) : undecided(`${seen} The rounds do not agree.`);
  },
});
