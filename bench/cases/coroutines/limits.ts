// What the engine charges for the same: an async function with a context of its own, and one without.
import { AsyncLocalStorage } from "node:async_hooks";
import { perOperation } from "../../measure/per-operation.ts";
import { type Gate, type Suspended, suspendedBytes } from "../../measure/suspended-bytes.ts";
import type { Workloads } from "../../measure/workload.ts";

const context = new AsyncLocalStorage<object>();

/** Calls `start(count)`, which starts `tasks` async functions that each call `ended` at their end, and waits for the last. */
function counted(tasks: number, start: (ended: () => void) => void): Promise<void> {
  let left = tasks;
  return new Promise((resolve) => {
    start(() => {
      if (--left === 0) resolve();
    });
  });
}

const waiting =
  (gate: Gate): (() => Promise<void>) =>
  async () => {
    await gate.enter();
  };
const joined = (handles: readonly Promise<void>[]): Suspended => ({ handles, join: () => Promise.all(handles) });

/** Async functions, each in a context of its own. */
export const inContext = perOperation((n) =>
  counted(n, (ended) => {
    const once = async (): Promise<void> => {
      await undefined;
      ended();
    };
    for (let i = 0; i < n; i++) void context.run({ task: i }, once);
  }),
);

/** The same, waiting. */
export const suspendedInContext = suspendedBytes((n, gate) => {
  const wait = waiting(gate);
  return joined(Array.from({ length: n }, (_, i) => context.run({ task: i }, wait)));
});

export const workloads: Workloads = {
  context: inContext,
  "context-bytes": suspendedInContext,
  bare: perOperation((n) =>
    counted(n, (ended) => {
      const once = async (): Promise<void> => {
        await undefined;
        ended();
      };
      for (let i = 0; i < n; i++) void once();
    }),
  ),
  "bare-bytes": suspendedBytes((n, gate) => {
    const wait = waiting(gate);
    return joined(Array.from({ length: n }, () => wait()));
  }),
};
