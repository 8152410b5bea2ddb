// Closing at a bad time, and queues that are full.
import assert from "node:assert/strict";
import { CancelledError, ExecutorClosedError, QueueFullError } from "../../../src/runtime/index.ts";
import type { Fault } from "../fault.ts";
import { assertError, entered, failureOf, running, within } from "../ground.ts";
import { double, echo, hold, sleepLong, spin, stubborn } from "../tasks.ts";

const assertCancelled = (error: unknown) => assertError(error, CancelledError, "ERR_BRIGADE_CANCELLED", /closed/);

export const closingFaults: readonly Fault[] = [
  {
    name: "submit after close",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      await follow(executor.run(echo, 1));
      await executor.close();
      for (const task of [executor.run(echo, 1), executor.spawn(echo, 1), executor.with({ key: 1 }).run(echo, 1)]) {
        assertError(await failureOf(follow(task)), ExecutorClosedError, "ERR_BRIGADE_EXECUTOR_CLOSED");
      }
      return undefined;
    },
  },
  {
    name: "close while tasks run and wait, no grace",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const tasks = [follow(executor.run(sleepLong)), follow(executor.run(echo, 1)), follow(executor.spawn(sleepLong))];
      const errors = tasks.map(failureOf);
      await entered(tasks[0] as (typeof tasks)[0]);
      await within(executor.close(), "it closes");
      for (const error of await Promise.all(errors)) assertCancelled(error);
      return undefined;
    },
  },
  {
    name: "close while tasks run and wait, with a grace",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const door = ground.gate();
      const tasks = [follow(executor.run(hold, door.signal, 1)), follow(executor.run(echo, 2))];
      await entered(tasks[0] as (typeof tasks)[0]);
      const closing = executor.close({ grace: 60_000 });
      door.open();
      assert.deepEqual(await within(Promise.all(tasks), "they finish"), [1, 2]);
      await within(closing, "it closes");
      return undefined;
    },
  },
  {
    name: "close with a grace that is too short",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const tasks = [follow(executor.run(sleepLong)), follow(executor.run(echo, 1))];
      const errors = tasks.map(failureOf);
      await entered(tasks[0] as (typeof tasks)[0]);
      await within(executor.close({ grace: 50 }), "it closes");
      for (const error of await Promise.all(errors)) assertCancelled(error);
      return undefined;
    },
  },
  {
    name: "close while a task ignores it",
    async inject({ open, follow, ground, has }) {
      const executor = open({ size: 1 });
      const task = follow(executor.with({ grace: 50 }).run(stubborn, ground.gate().signal));
      const error = failureOf(task);
      await entered(task);
      await within(executor.close(), "it closes");
      assertCancelled(await error);
      assert.equal(task.abandoned, !has("preemption"));
      return undefined;
    },
  },
  {
    name: "close while a task loops",
    needs: ["preemption"],
    async inject({ open, follow }) {
      const executor = open({ size: 2 });
      const tasks = [follow(executor.with({ grace: 50 }).run(spin)), follow(executor.with({ grace: 50 }).spawn(spin))];
      const errors = tasks.map(failureOf);
      await running(...tasks);
      await within(executor.close(), "it closes");
      for (const error of await Promise.all(errors)) assertCancelled(error);
      return undefined;
    },
  },
  {
    name: "close while workers start",
    async inject({ open, follow }) {
      const executor = open({ size: 2 });
      const tasks = [1, 2, 3, 4].map((n) => follow(executor.run(echo, n)));
      const errors = tasks.map(failureOf);
      await within(executor.close(), "it closes");
      for (const error of await Promise.all(errors)) assertCancelled(error);
      return undefined;
    },
  },
  {
    name: "close during a map",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const waiting = failureOf(executor.map(sleepLong, [600_000, 600_000]));
      follow(executor.run(echo, 1)).catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      await within(executor.close(), "it closes");
      const error = (await waiting) as Error;
      assert.ok(["AbortError", "ExecutorClosedError"].includes(error.name), String(error));
      return undefined;
    },
  },
  {
    name: "close inside the callback of a task",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const task = follow(executor.run(echo, 1));
      const behind = follow(executor.run(sleepLong));
      const error = failureOf(behind);
      await new Promise<void>((resolve) => task.onDone(() => void executor.close().then(resolve)));
      assertCancelled(await error);
      return undefined;
    },
  },
  {
    name: "a full queue that rejects",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1, queue: { capacity: 2, full: "reject" } });
      const door = ground.gate();
      const first = follow(executor.run(hold, door.signal));
      await running(first);
      const tasks = [...new Array(10).keys()].map((n) => follow(executor.run(double, n)));
      const outcomes = Promise.allSettled(tasks);
      for (const task of tasks.slice(2)) assertError(await failureOf(task), QueueFullError, "ERR_BRIGADE_QUEUE_FULL");
      door.open();
      assert.deepEqual(
        (await within(outcomes, "all settle")).map(({ status }) => status === "fulfilled"),
        [true, true, ...new Array(8).fill(false)],
      );
      return executor;
    },
  },
  {
    name: "a full queue that runs here",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1, queue: { capacity: 0, full: "run-here" } });
      const door = ground.gate();
      const first = follow(executor.run(hold, door.signal));
      await running(first);
      const tasks = [...new Array(10).keys()].map((n) => follow(executor.run(double, n)));
      assert.deepEqual(await within(Promise.all(tasks), "all settle"), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
      door.open();
      await first;
      return executor;
    },
  },
  {
    name: "a long queue",
    async inject({ open, follow }) {
      const executor = open({ size: 1, queue: { capacity: 10 } });
      const numbers = [...new Array(1_500).keys()];
      const tasks = numbers.map((n) => follow(executor.run(double, n)));
      assert.deepEqual(
        await within(Promise.all(tasks), "all settle"),
        numbers.map((n) => n * 2),
      );
      return executor;
    },
  },
  {
    name: "a long queue, cancelled",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const door = ground.gate();
      const first = follow(executor.run(hold, door.signal));
      await running(first);
      const controller = new AbortController();
      const view = executor.with({ signal: controller.signal });
      const tasks = [...new Array(1_500).keys()].map((n) => follow(view.run(double, n)));
      controller.abort();
      const outcomes = await within(Promise.allSettled(tasks), "all settle");
      assert.ok(outcomes.every(({ status }) => status === "rejected"));
      assert.equal(executor.statistics().waiting, 0);
      door.open();
      await first;
      return executor;
    },
  },
];
