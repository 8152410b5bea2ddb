import { setTimeout as delay } from "node:timers/promises";
import { factor } from "../text/units.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { wallMs } from "./meters.ts";

const [inputs, size] = [6, 140] as const;

export const matrices = experiment({
  id: 35,
  statement:
    "Of two coroutines that multiply matrices, one computes while the other waits for its next input: the total is less than the sum.",
  tried: "Two coroutines wait 15 ms for each of six matrices and square it: one after the other, then at once.",
  opposite: "All inputs are there already.",
  async run({ coroutines }, variant) {
    const waiting = new Set<string>();
    let computedMeanwhile = 0;
    const work = async (name: string): Promise<void> => {
      for (let input = 0; input < inputs; input++) {
        if (variant === "claimed") {
          waiting.add(name);
          await delay(15);
          waiting.delete(name);
        }
        if (waiting.size > 0) computedMeanwhile++;
        square(size);
      }
    };
    square(size);
    const sumMs = await wallMs(async () => {
      await coroutines.run(() => work("A"));
      await coroutines.run(() => work("B"));
    });
    const togetherMs = await wallMs(() => Promise.all([coroutines.run(() => work("A")), coroutines.run(() => work("B"))]));
    return { sumMs, togetherMs, computed: 2 * inputs, computedWhileOtherWaited: computedMeanwhile };
  },
  judge({ sumMs, togetherMs, computed, computedWhileOtherWaited }) {
    const seen = `${computedWhileOtherWaited} of ${computed} matrices were computed while the other waited; the whole took ${factor(togetherMs / sumMs)}× the sum.`;
    if (computedWhileOtherWaited === 0) return doesNotHold(seen);
    return computedWhileOtherWaited > computed / 2 && togetherMs < 0.95 * sumMs
      ? holds(seen)
      : undecided(`${seen} Something else held the machine.`);
  },
});

/** The trace of the square of an n × n matrix. */
function square(n: number): number {
  const matrix = Float64Array.from({ length: n * n }, (_, index) => (index % 7) / 7);
  let trace = 0;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let cell = 0;
      for (let k = 0; k < n; k++) cell += (matrix[row * n + k] ?? 0) * (matrix[k * n + column] ?? 0);
      if (row === column) trace += cell;
    }
  }
  return trace;
}
