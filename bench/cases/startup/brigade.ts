// brigade from its import to its first result, and after a loss.
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { firstResult } from "../../measure/first-result.ts";
import { importing } from "../../measure/importing.ts";
import { repeated } from "../../measure/repeated.ts";
import type { Workloads } from "../../measure/workload.ts";
import { root } from "../../project.ts";
import { brigade } from "../../shipped.ts";
import { add } from "../threads/add.ts";

const { moduleFunctions, openProcesses, openThreads, WorkerLostError } = brigade;
const plain = moduleFunctions<typeof import("./plain-tasks.ts")>(new URL("./plain-tasks.js", import.meta.url));

/** Milliseconds until the one worker of a pool is ready. */
const ready = (open: typeof openThreads | typeof openProcesses) =>
  repeated(async () => {
    const startedMs = performance.now();
    const pool = open({ size: 1 });
    await pool.warm();
    const tookMs = performance.now() - startedMs;
    await pool.close();
    return tookMs;
  });

/** Nothing tells from outside that the spare has started; this is long for a thread. */
const spareStartsMs = 300;

/** Milliseconds from the loss of a worker, as this side learns of it, to the result of the next task. The other worker is busy, so the
 *  one in reserve has to take over. */
const takingOver = repeated(async () => {
  const pool = openThreads({ size: 2 });
  await pool.broadcast(plain.add, 1, 2);
  const occupied = pool.run(plain.occupy);
  await pool.run(plain.add, 1, 2);
  await setTimeout(spareStartsMs);
  await assertLost(pool.run(plain.die));
  const lostMs = performance.now();
  const sum = await pool.run(plain.add, 1, 2);
  const tookMs = performance.now() - lostMs;
  if (sum !== 3) throw new RangeError(`1 + 2 came back as ${sum}.`);
  occupied.cancel();
  await pool.close();
  return tookMs;
});

async function assertLost(task: PromiseLike<unknown>): Promise<void> {
  const outcome = await Promise.resolve(task).then(
    () => "a result",
    (error: unknown) => error,
  );
  if (!(outcome instanceof WorkerLostError)) throw new TypeError("The worker that was to die did not.", { cause: outcome });
}

export const workloads: Workloads = {
  spare: takingOver,
  thread: ready(openThreads),
  process: ready(openProcesses),
  "first-result": firstResult(() => {
    const pool = openThreads({ size: 1 });
    return { add: (a, b) => pool.run(add, a, b), close: () => pool.close() };
  }),
  import: importing(pathToFileURL(join(root, "dist", "index.js")).href),
};
