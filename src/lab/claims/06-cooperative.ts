import { checkpoint } from "../../core/checkpoint.ts";
import { between, bystanders, turnsSeen } from "./bystanders.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import { compute, roundsFor } from "./work.ts";

export const cooperative = experiment({
  id: 6,
  statement: "Scheduling is cooperative: a loop that never awaits freezes every other coroutine and every timer.",
  tried: "A coroutine computes for 150 ms without an await, beside a coroutine and a timer that want a turn each millisecond.",
  opposite: "The loop has a checkpoint in it, which gives others a turn.",
  async run(kit, variant) {
    const others = await bystanders(kit);
    const slice = roundsFor(1);
    const turns = await kit.coroutines.run(async () => {
      const before = others.turns();
      for (let done = 0; done < 150; done++) {
        compute(slice);
        if (variant === "opposite") await checkpoint();
      }
      return between(before, others.turns());
    });
    await others.leave();
    return turns;
  },
  judge(turns) {
    const seen = `During the loop ${turnsSeen(turns)}.`;
    return turns.coroutineTurns + turns.timerTurns === 0 ? holds(seen) : doesNotHold(seen);
  },
});
