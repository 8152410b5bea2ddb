import { between, bystanders } from "./bystanders.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import { gate } from "./meters.ts";
import { wait } from "./work.ts";

const taskMs = 120;

export const joining = experiment({
  id: 30,
  statement: "A blocking join stops the caller; a non-blocking one lets it go on at once.",
  tried: "The main thread joins a task on a thread by joinSync and by callback, beside a coroutine that wants a turn each millisecond.",
  opposite: "await instead of joinSync.",
  async run(kit, variant) {
    await kit.threads.run(wait, 0);
    const others = await bystanders(kit);
    const first = kit.threads.run(wait, taskMs);
    let before = others.turns();
    if (variant === "claimed") first.joinSync();
    else await first;
    const blocking = between(before, others.turns());
    const over = gate();
    before = others.turns();
    kit.threads.run(wait, taskMs).onDone(() => over.resolve());
    await over.promise;
    const callback = between(before, others.turns());
    await others.leave();
    return {
      turnsWhileBlocking: blocking.coroutineTurns + blocking.timerTurns,
      turnsByCallback: callback.coroutineTurns + callback.timerTurns,
    };
  },
  judge({ turnsWhileBlocking, turnsByCallback }) {
    const seen = `While joinSync waited others had ${turnsWhileBlocking} turns; with a callback ${turnsByCallback}.`;
    return turnsWhileBlocking === 0 && turnsByCallback > 0 ? holds(seen) : doesNotHold(seen);
  },
});
