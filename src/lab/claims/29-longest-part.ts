import { setTimeout as delay } from "node:timers/promises";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import { gate, wallMs } from "./meters.ts";

const parts = [160, 40, 100] as const;
const [longest, sum] = [160, 300] as const;

export const longestPart = experiment({
  id: 29,
  statement: "Asynchronous work takes about as long as its longest part, and results arrive later, by callback.",
  tried: "Parts of 160, 40 and 100 ms at once, with callbacks; the whole in units of the longest, three times.",
  opposite: "One part after the other.",
  async run({ serial, coroutines }, variant) {
    const executor = variant === "claimed" ? coroutines : serial;
    let [tooEarly, inOrderOfTime] = [0, 0];
    const walls = await repeat(3, async () => {
      const arrived: number[] = [];
      const all = gate();
      const wall = await wallMs(() => {
        for (const ms of parts) {
          executor
            .run(() => delay(ms))
            .onDone(() => {
              arrived.push(ms);
              if (arrived.length === parts.length) all.resolve();
            });
        }
        tooEarly += arrived.length;
        return all.promise;
      });
      if (arrived.every((ms, index) => index === 0 || ms > (arrived[index - 1] ?? 0))) inOrderOfTime++;
      return wall;
    });
    return {
      ...range(
        "ofLongest",
        walls.map((wall) => wall / longest),
      ),
      callbacksBeforeReturn: tooEarly,
      roundsInOrderOfTime: inOrderOfTime,
    };
  },
  judge({ callbacksBeforeReturn, roundsInOrderOfTime, ...measured }) {
    const seen = `The whole took ${times("ofLongest", measured)} the longest part; callbacks came ${callbacksBeforeReturn === 0 ? "after the caller had gone on" : "too early"}, the shortest part first in ${roundsInOrderOfTime} of 3 rounds.`;
    const line = (1 + sum / longest) / 2;
    if (side("ofLongest", measured, line) === "below" && callbacksBeforeReturn === 0 && roundsInOrderOfTime === 3) return holds(seen);
    return measured.ofLongestMin > line ? doesNotHold(seen) : undecided(`${seen} Something else held the machine.`);
  },
});
