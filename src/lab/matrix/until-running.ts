// Before this thread blocks for a unit, the unit must have begun: a blocked thread would neither send the task nor hear of its failure.
import { setImmediate } from "node:timers/promises";
import type { Task } from "../../contract/task.ts";

/** Resolves when the task has begun. Rejects as it does. */
export async function untilRunning(task: Task<unknown>): Promise<void> {
  while (task.state === "waiting") await setImmediate();
  if (task.state !== "running") {
    await task;
    throw new RangeError(`The unit ended (${task.state}) before anybody had asked it.`);
  }
}
