// effection: operations, spawned under one and joined.
import { perOperation } from "../../measure/per-operation.ts";
import { suspendedBytes } from "../../measure/suspended-bytes.ts";
import type { Workloads } from "../../measure/workload.ts";
import { rival } from "../../rivals/packages.ts";
import type { Operation } from "../../rivals/shapes.ts";

const { run, spawn, action, until } = await rival("effection");

const nothing = (): void => {};
function* once() {
  yield* action<void>((resolve) => {
    queueMicrotask(resolve);
    return nothing;
  });
  return 1;
}

export const workloads: Workloads = {
  task: perOperation((n) =>
    run(function* () {
      const tasks: Operation<number>[] = [];
      for (let i = 0; i < n; i++) tasks.push(yield* spawn(once));
      for (const task of tasks) yield* task;
    }),
  ),
  "task-bytes": suspendedBytes((n, gate) => {
    const handles: Operation<void>[] = [];
    const wait = function* () {
      yield* until(gate.enter());
    };
    const all = run(function* () {
      for (let i = 0; i < n; i++) handles.push(yield* spawn(wait));
      for (const task of handles) yield* task;
    });
    return { handles, join: () => all };
  }),
};
