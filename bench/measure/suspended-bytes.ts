// Bytes of heap that one suspended task holds, after a garbage collection.
import { setImmediate } from "node:timers/promises";
import type { Workload } from "./workload.ts";

/** Where all tasks of a sample wait: one promise for all of them, so that nothing but the tasks themselves grows with them. */
export interface Gate {
  /** Says that one more task has come to wait, and returns what it waits for. */
  enter(): Promise<void>;
}

/** Tasks that wait. */
export interface Suspended {
  /** Kept alive while their bytes are counted: the handles that somebody would join. */
  readonly handles: readonly unknown[];
  /** Resolves when all tasks have ended. */
  join(): Promise<unknown>;
}

/** Tasks of the warm-up: what they compile and allocate once is not counted. */
const warmUpTasks = 10_000;

/** `start(n, gate)` starts n tasks which each await `gate.enter()` once. */
export function suspendedBytes(start: (tasks: number, gate: Gate) => Suspended): Workload {
  return async ({ size }) => {
    await suspend(start, Math.min(size, warmUpTasks), async () => {});
    const beforeBytes = await heapAfterCollection();
    let afterBytes = 0;
    await suspend(start, size, async () => {
      afterBytes = await heapAfterCollection();
    });
    return [(afterBytes - beforeBytes) / size];
  };
}

async function suspend(start: (tasks: number, gate: Gate) => Suspended, tasks: number, meanwhile: () => Promise<void>): Promise<void> {
  let entered = 0;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const suspended = start(tasks, {
    enter: () => {
      entered++;
      return opened;
    },
  });
  while (entered < tasks) await setImmediate();
  await meanwhile();
  open();
  await suspended.join();
  if (suspended.handles.length > tasks) throw new RangeError(`${suspended.handles.length} handles for ${tasks} tasks`);
}

async function heapAfterCollection(): Promise<number> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new TypeError("The heap can only be measured with --expose-gc.");
  // A turn between the two: what finalizers and microtasks let go of is collected as well.
  collect();
  await setImmediate();
  collect();
  return process.memoryUsage().heapUsed;
}
