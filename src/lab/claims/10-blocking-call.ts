import { execFile, spawnSync } from "node:child_process";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { between, bystanders, turnsSeen } from "./bystanders.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";

const program = ["-e", "setTimeout(() => {}, 100)"];

export const blockingCall = experiment({
  id: 10,
  statement: "A blocking call inside a coroutine blocks the whole event loop.",
  tried: "A coroutine waits for a program of 100 ms with spawnSync, beside a coroutine and a timer that want a turn each millisecond.",
  opposite: "It waits for the program with await.",
  async run(kit, variant) {
    const others = await bystanders(kit);
    const turns = await kit.coroutines.run(async () => {
      const before = others.turns();
      if (variant === "claimed") spawnSync(execPath, program);
      else await promisify(execFile)(execPath, program);
      return between(before, others.turns());
    });
    await others.leave();
    return turns;
  },
  judge(turns) {
    const seen = `During the call ${turnsSeen(turns)}.`;
    return turns.coroutineTurns + turns.timerTurns === 0 ? holds(seen) : doesNotHold(seen);
  },
});
