import { memoryUsage } from "node:process";
import { grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import { collectGarbage, gate } from "./meters.ts";

const count = 20_000;

export const bytesSuspended = experiment({
  id: 4,
  statement: "A suspended coroutine needs only tens of bytes.",
  tried: "20,000 async functions are suspended at an await, then as many tasks of brigade; what the heap grows by.",
  opposite: "Each keeps an array of 1,000 numbers over its await.",
  async run({ coroutines }, variant) {
    const keeps = variant === "claimed" ? 1 : 1_000;
    const { promise, resolve } = gate();
    let begun = 0;
    const suspend = async (): Promise<number> => {
      begun++;
      const mine = keeps === 1 ? undefined : new Float64Array(keeps);
      await promise;
      return mine?.length ?? 0;
    };
    const bare = await bytesEach(suspend, () => begun === count);
    const task = await bytesEach(
      () => coroutines.run(suspend),
      () => begun === 2 * count,
    );
    resolve();
    return { bytesBare: bare, bytesTask: task };
  },
  judge({ bytesBare, bytesTask }) {
    const seen = `An async function takes ${grouped(bytesBare)} bytes, a task that can be cancelled and awaited ${grouped(bytesTask)}.`;
    if (bytesBare < 100) return holds(seen);
    return bytesBare < 1_000 ? holdsWithALimit(`Hundreds rather than tens. ${seen}`) : doesNotHold(seen);
  },
});

async function bytesEach(start: () => PromiseLike<unknown>, allSuspended: () => boolean): Promise<number> {
  const suspended = new Array<unknown>(count).fill(undefined);
  collectGarbage();
  const before = used();
  for (let index = 0; index < count; index++) suspended[index] = start();
  while (!allSuspended()) await new Promise(setImmediate);
  collectGarbage();
  const bytes = (used() - before) / suspended.length;
  return Math.max(0, bytes);
}

function used(): number {
  const { heapUsed, arrayBuffers } = memoryUsage();
  return heapUsed + arrayBuffers;
}
