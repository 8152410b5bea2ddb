// brigade's tasks: children of a group, each with a handle, a cancel scope and a context of its own.
import { perOperation } from "../../measure/per-operation.ts";
import { suspendedBytes } from "../../measure/suspended-bytes.ts";
import type { Workloads } from "../../measure/workload.ts";
import { brigade } from "../../shipped.ts";

const { coroutines, openTaskGroup, withTaskGroup } = brigade;

const once = async (): Promise<number> => {
  await undefined;
  return 1;
};

/** Starts tasks in a group, whose end joins them all. */
export const inGroup = perOperation((n) =>
  withTaskGroup((group) => {
    for (let i = 0; i < n; i++) group.run(once);
  }),
);

/** Tasks of one group, each waiting. */
export const suspendedInGroup = suspendedBytes((n, gate) => {
  const wait = async (): Promise<void> => {
    await gate.enter();
  };
  const handles: unknown[] = [];
  const ended = withTaskGroup((group) => {
    for (let i = 0; i < n; i++) handles.push(group.run(wait));
  });
  return { handles, join: () => ended };
});

export const workloads: Workloads = {
  task: inGroup,
  "task-run": perOperation(async (n) => {
    const tasks = Array.from({ length: n }, () => coroutines.run(once));
    for (const task of tasks) await task;
  }),
  // A group that is opened enters no context either: here none is in the whole program.
  "task-explicit": perOperation((n) => {
    const group = openTaskGroup();
    for (let i = 0; i < n; i++) group.runExplicit(once);
    return group.join();
  }),
  "task-bytes": suspendedInGroup,
  "task-explicit-bytes": suspendedBytes((n, gate) => {
    const group = openTaskGroup();
    const wait = async (): Promise<void> => {
      await gate.enter();
    };
    const handles = Array.from({ length: n }, () => group.runExplicit(wait));
    return { handles, join: () => group.join() };
  }),
};
