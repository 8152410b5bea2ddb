import { sleep } from "../../core/waiting.ts";
import { portable } from "../../wire/portable.ts";
import { between, bystanders, turnsSeen } from "./bystanders.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import { gate } from "./meters.ts";

/** Never lets go; says once that it has begun. */
export const spin = portable(import.meta, "claim15.spin", (begun: Int32Array): never => {
  begun[0] = 1;
  for (;;);
});

export const preempted = experiment({
  id: 15,
  statement: "Threads are pre-empted: one in an endless loop does not stop the main thread, and can be killed.",
  tried: "A thread spins for ever; a coroutine and a timer of the main thread want a turn each millisecond; then the thread is cancelled.",
  opposite: "The endless loop is a coroutine of the main thread, in a program that is stopped from outside.",
  async run(kit, variant) {
    if (variant === "opposite") {
      const end = await kit.program("spinHere", { silenceMs: 1_500 });
      return "measured" in end ? { coroutineTurns: 1, timerTurns: 1, killed: 1 } : { coroutineTurns: 0, timerTurns: 0, killed: 0 };
    }
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const spinning = kit.openThreads({ size: 1 }).with({ grace: 20 }).run(spin, begun);
    const over = gate();
    spinning.onDone(() => over.resolve());
    while (begun[0] === 0) await sleep(1);
    const others = await bystanders(kit);
    const before = others.turns();
    await sleep(200);
    const turns = between(before, others.turns());
    spinning.cancel();
    await over.promise;
    await others.leave();
    return { ...turns, killed: spinning.state === "cancelled" && !spinning.abandoned ? 1 : 0 };
  },
  parts: {
    async spinHere({ coroutines }) {
      const task = coroutines.run(() => spin(new Int32Array(1)));
      await sleep(50);
      task.cancel();
      return {};
    },
  },
  judge({ killed, ...turns }) {
    const seen = `Beside the loop ${turnsSeen(turns)}; ${killed ? "it could be killed" : "it could be ended only together with its program"}.`;
    return turns.coroutineTurns > 0 && turns.timerTurns > 0 && killed === 1 ? holds(seen) : doesNotHold(seen);
  },
});
