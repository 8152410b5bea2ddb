import assert from "node:assert/strict";
import { CancelledError, ExecutorClosedError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, entered, failureOf, running, within } from "../ground.ts";
import { double, echo, hold, sleepLong, stubborn, tidies } from "../tasks.ts";

export const lifecycle: Subject = {
  name: "warm, drain, close",
  cases: [
    {
      name: "warm starts workers and resolves when they are ready",
      async run(ground) {
        const executor = ground.open({ size: 3 });
        await within(executor.warm(2), "it is warm");
        if (ground.has("workers")) {
          const { workers, idle } = executor.statistics();
          assert.deepEqual([workers, idle], [2, 2]);
        }
        await within(executor.warm(), "all are warm");
        await within(executor.warm(50), "more than the size means the size");
        if (ground.has("workers")) assert.equal(executor.statistics().workers, 3);
        await assert.rejects(executor.warm(-1), RangeError);
      },
    },
    {
      name: "drain resolves when nothing waits or runs, and new work is taken meanwhile",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        await within(executor.drain(), "nothing is drained at once");
        const door = ground.gate();
        const tasks = [executor.run(hold, door.signal), executor.run(double, 1)];
        let drained = false;
        const draining = executor.drain().then(() => {
          drained = true;
        });
        await running(tasks[0] as (typeof tasks)[0]);
        const late = executor.run(double, 2);
        assert.equal(drained, false);
        door.open();
        await within(draining, "it is drained");
        assert.deepEqual(
          [...tasks, late].map((task) => task.state),
          ["succeeded", "succeeded", "succeeded"],
        );
        assert.equal(await executor.run(double, 3), 6);
      },
    },
    {
      name: "drain waits for failures and cancels alike",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const task = executor.run(sleepLong);
        void failureOf(task);
        await entered(task);
        const draining = executor.drain();
        task.cancel();
        await within(draining, "it is drained");
      },
    },
    {
      name: "after close everything is refused, each with an error of its own",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.equal(await executor.run(echo, 1), 1);
        await executor.close();
        const errors = [
          await failureOf(executor.run(echo, 1)),
          await failureOf(executor.run(echo, 2)),
          await failureOf(executor.spawn(echo, 1)),
          await failureOf(executor.map(double, [1])),
          await failureOf(executor.broadcast(echo, 1)),
          await failureOf(executor.warm()),
          await failureOf(executor.with({ timeout: 5 }).run(echo, 1)),
        ];
        for (const error of errors) assertError(error, ExecutorClosedError, "ERR_BRIGADE_EXECUTOR_CLOSED", /closed/);
        assert.equal(new Set(errors).size, errors.length);
        await within(executor.drain(), "drain of a closed one");
        await within(executor.ready(), "ready of a closed one");
      },
    },
    {
      name: "close is idempotent, before the first use too",
      async run(ground) {
        const fresh = ground.open({ size: 1 });
        await within(Promise.all([fresh.close(), fresh.close()]), "it closes");
        await within(fresh.close({ grace: 5 }), "again");
        const used = ground.open({ size: 1 });
        await used.run(echo, 1);
        await within(used[Symbol.asyncDispose](), "dispose");
        await within(used.close(), "and close");
        await assert.rejects(used.close({ grace: -1 }), RangeError);
      },
    },
    {
      name: "close cancels what waits and what runs, and waits for the cleanup",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const tasks = [executor.run(tidies, ground.file("close")), executor.run(hold, door.signal), executor.run(echo, 1)];
        await entered(tasks[0] as (typeof tasks)[0]);
        const errors = tasks.map(failureOf);
        await within(executor.close(), "it closes");
        assert.deepEqual(
          tasks.map((task) => task.state),
          ["cancelled", "cancelled", "cancelled"],
        );
        for (const error of await Promise.all(errors)) assertError(error, CancelledError, "ERR_BRIGADE_CANCELLED", /closed/);
      },
    },
    {
      name: "close with a grace lets the work finish",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const first = executor.run(hold, door.signal, "first");
        const second = executor.run(double, 4);
        await running(first);
        const closing = executor.close({ grace: 60_000 });
        assertError(await failureOf(executor.run(echo, 1)), ExecutorClosedError, "ERR_BRIGADE_EXECUTOR_CLOSED");
        door.open();
        assert.deepEqual(await within(Promise.all([first, second]), "they finish"), ["first", 8]);
        await within(closing, "it closes");
      },
    },
    {
      name: "close with a grace that is over cancels",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const task = executor.run(sleepLong);
        const error = failureOf(task);
        await entered(task);
        await within(executor.close({ grace: 30 }), "it closes");
        assertError(await error, CancelledError, "ERR_BRIGADE_CANCELLED", /closed/);
      },
    },
    {
      name: "close ends what ignores it, at the end of its grace",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const task = executor.with({ grace: 50 }).run(stubborn, door.signal);
        const error = failureOf(task);
        await entered(task);
        await within(executor.close(), "it closes");
        assertError(await error, CancelledError, "ERR_BRIGADE_CANCELLED");
        assert.equal(task.abandoned, !ground.has("preemption"));
      },
    },
    {
      name: "close right after the submission",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const tasks = [1, 2, 3, 4].map((n) => executor.run(echo, n));
        const errors = tasks.map(failureOf);
        await within(executor.close(), "it closes");
        for (const error of await Promise.all(errors)) assertError(error, CancelledError, "ERR_BRIGADE_CANCELLED");
      },
    },
    {
      name: "close while workers start",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const warming = executor.warm().then(
          () => "warm",
          (error: unknown) => error,
        );
        await new Promise((resolve) => setImmediate(resolve));
        await within(executor.close(), "it closes");
        await within(warming, "warm ends too");
      },
    },
    {
      name: "views share the workers and end with them",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const view = executor.with({ name: "view" });
        assert.equal(await view.run(echo, 1), 1);
        assert.equal(view.size, executor.size);
        assert.equal(view.level, executor.level);
        await view.close();
        assertError(await failureOf(executor.run(echo, 1)), ExecutorClosedError, "ERR_BRIGADE_EXECUTOR_CLOSED");
      },
    },
  ],
};
