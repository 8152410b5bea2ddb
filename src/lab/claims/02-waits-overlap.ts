import { setTimeout as delay } from "node:timers/promises";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import { wallMs } from "./meters.ts";

const waitMs = 150;

export const waitsOverlap = experiment({
  id: 2,
  statement: "Three waits of a second gathered take about one second, not three.",
  tried: "Three coroutines wait at once, for 150 ms each; the whole in units of one wait, three times.",
  opposite: "Each wait is awaited before the next begins.",
  async run({ coroutines }, variant) {
    const waits = [1, 2, 3].map(() => () => coroutines.run(() => delay(waitMs)));
    const walls = await repeat(3, () =>
      wallMs(async () => {
        if (variant === "claimed") await Promise.all(waits.map((start) => start()));
        else for (const start of waits) await start();
      }),
    );
    return range(
      "waits",
      walls.map((wall) => wall / waitMs),
    );
  },
  judge(measured) {
    const seen = `The three took ${times("waits", measured)} as long as one.`;
    if (side("waits", measured, 2) === "below") return holds(seen);
    return side("waits", measured, 2.8) === "above" ? doesNotHold(seen) : undecided(`${seen} Something else held the machine.`);
  },
});
