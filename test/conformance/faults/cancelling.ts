// A cancel at every moment of a task's life, of code of every kind.
import assert from "node:assert/strict";
import { CancelledError, type Executor, type Task } from "../../../src/runtime/index.ts";
import type { Capability } from "../capabilities.ts";
import type { Fault, Scene } from "../fault.ts";
import { assertError, entered, failureOf, running } from "../ground.ts";
import { checkpoints, checkpointsSync, echo, hold, sleepLong, spin, stubborn } from "../tasks.ts";

/** A moment in the life of a task at which it is cancelled; it must end as cancelled. */
interface Moment {
  readonly name: string;
  readonly needs?: readonly Capability[];
  /** Resolves to what comes after the cancel. */
  readonly prepare?: (executor: Executor, scene: Scene) => Promise<() => void>;
  readonly start: (submit: Executor["run"], scene: Scene) => Task<unknown>;
  readonly reach?: (task: Task<unknown>) => Promise<unknown>;
  /** Where code cannot be interrupted it is abandoned. */
  readonly ignores?: boolean;
}

const moments: readonly Moment[] = [
  { name: "before its start", start: (submit) => submit(sleepLong) },
  {
    name: "while queued",
    async prepare(executor, { follow, ground }) {
      const first = follow(executor.run(hold, ground.gate().signal));
      await running(first);
      return () => first.cancel();
    },
    start: (submit) => submit(sleepLong),
  },
  {
    name: "while its worker starts",
    start: (submit) => submit(sleepLong),
    reach: () => new Promise((resolve) => setImmediate(resolve)),
  },
  { name: "while it sleeps", start: (submit) => submit(sleepLong), reach: entered },
  { name: "in a loop of checkpoints", start: (submit) => submit(checkpoints), reach: running },
  { name: "in a loop of checkpointSync", needs: ["preemption"], start: (submit) => submit(checkpointsSync), reach: running },
  {
    name: "while it ignores everything",
    ignores: true,
    start: (submit, { ground }) => submit(stubborn, ground.gate().signal),
    reach: entered,
  },
  { name: "in a loop", needs: ["preemption"], ignores: true, start: (submit) => submit(spin), reach: running },
];

export const cancellingFaults: readonly Fault[] = [
  ...moments.flatMap(({ name, needs = [], prepare, start, reach, ignores }) =>
    (["run", "spawn"] as const).map(
      (how): Fault => ({
        name: `cancelled ${name} (${how})`,
        needs,
        async inject(scene) {
          const executor = scene.open({ size: 1 });
          const view = executor.with({ grace: 50 });
          const after = await prepare?.(executor, scene);
          const submit: Executor["run"] = how === "run" ? view.run.bind(view) : view.spawn.bind(view);
          const task = scene.follow(start(submit, scene));
          const error = failureOf(task);
          await reach?.(task);
          task.cancel("enough");
          after?.();
          assertError(await error, CancelledError, "ERR_BRIGADE_CANCELLED", /enough/);
          assert.equal(task.state, "cancelled");
          assert.equal(task.abandoned, ignores === true && !scene.has("preemption"));
          return executor;
        },
      }),
    ),
  ),
  {
    name: "cancelled after its end",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const task = follow(executor.run(echo, "value"));
      assert.equal(await task, "value");
      task.cancel();
      assert.equal(task.state, "succeeded");
      assert.equal(await task, "value");
      return executor;
    },
  },
  {
    name: "cancelled at the moment of its end",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      for (let round = 0; round < 30; round++) {
        const task = follow(executor.run(echo, round));
        await running(task);
        // Somewhere between its last instruction and the news of it.
        await new Promise((resolve) => (round % 2 === 0 ? setImmediate(resolve) : process.nextTick(resolve)));
        task.cancel();
        const outcome = await task.then(
          (value) => value === round,
          (error: unknown) => error instanceof CancelledError,
        );
        assert.ok(outcome, "its value, or its cancel");
      }
      return executor;
    },
  },
];
