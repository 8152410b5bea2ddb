// Deaths of workers. Each fails the tasks that ran there, with an error of their own, and nothing else.
import assert from "node:assert/strict";
import { PoolBrokenError, WorkerLostError } from "../../../src/runtime/index.ts";
import type { Fault } from "../fault.ts";
import { assertError, entered, failureOf, firstReport, running, until, within } from "../ground.ts";
import { double, echo, hold, nest, setUpDies, setUpFails, stubborn, who } from "../tasks.ts";
import {
  closeLink,
  dieTimes,
  endItself,
  exhaust,
  exit,
  exitAfterSubmitting,
  exitDeep,
  exitLater,
  flood,
  floodAndExit,
  garbage,
  reportPid,
} from "../tasks-faults.ts";

/** The error of a task whose worker died. */
export function assertLost(
  error: unknown,
  end: Partial<Pick<WorkerLostError, "exitCode" | "signal">> = {},
  message?: RegExp,
): asserts error is WorkerLostError {
  assertError(error, WorkerLostError, "ERR_BRIGADE_WORKER_LOST", message);
  for (const [key, value] of Object.entries(end)) assert.equal(error[key as keyof typeof end], value, `${key} of ${error.message}`);
}

/** A twentieth of a second is the aim; this is for a machine that is busy elsewhere. */
const deadLimitMs = 5_000;

const exits = ([0, 3] as const).map(
  (exitCode): Fault => ({
    name: `process.exit(${exitCode})`,
    needs: ["exitContainment"],
    async inject({ open, follow, neighbour, sinceLastWords }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      assertLost(await failureOf(follow(executor.run(exit, exitCode))), { exitCode });
      assertLost(await sinceLastWords(follow(executor.run(endItself, `exit ${exitCode}`)), deadLimitMs), { exitCode });
      assertLost(await failureOf(follow(executor.run(exitLater, exitCode))), { exitCode });
      assertLost(await failureOf(follow(executor.spawn(exit, exitCode))), { exitCode });
      await untouched();
      assert.equal(executor.statistics().lost, 4);
      return executor;
    },
  }),
);

/** Signals that a worker process sends itself: crashes as native code makes them. */
const crashes = (["SIGSEGV", "SIGKILL", "SIGTERM"] as const).map(
  (signal): Fault => ({
    name: `dies of ${signal}`,
    needs: ["crashContainment", "workerPid"],
    async inject({ open, follow, neighbour, sinceLastWords }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      assertLost(await sinceLastWords(follow(executor.run(endItself, signal)), deadLimitMs), { signal });
      await untouched();
      return executor;
    },
  }),
);

export const deathFaults: readonly Fault[] = [
  ...exits,
  ...crashes,
  {
    name: "process.abort",
    needs: ["crashContainment"],
    async inject({ open, follow, neighbour, sinceLastWords }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      assertLost(await sinceLastWords(follow(executor.run(endItself, "abort")), deadLimitMs));
      await untouched();
      return executor;
    },
  },
  {
    name: "heap out of memory",
    needs: ["memoryContainment"],
    async inject({ open, follow, neighbour }) {
      const executor = open({ size: 2, memoryLimit: 24 });
      const untouched = await neighbour(executor);
      assertLost(await failureOf(follow(executor.run(exhaust))), {}, /out of memory: its values were more than memoryLimit, 24 MB/);
      await untouched();
      return executor;
    },
  },
  {
    name: "exit with others waiting behind it",
    needs: ["exitContainment"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const tasks = [exit, double, double, exit, double].map((fn) => follow(executor.run(fn as typeof double, 1)));
      const outcomes = await within(Promise.allSettled(tasks), "all settle");
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["rejected", "fulfilled", "fulfilled", "rejected", "fulfilled"],
      );
      return executor;
    },
  },
  {
    name: "exit under a submitter on the same worker",
    needs: ["exitContainment"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      assertLost(await failureOf(follow(executor.run(exitDeep, executor, 3))));
      return executor;
    },
  },
  {
    name: "exit of the submitter with its own work elsewhere",
    needs: ["exitContainment"],
    async inject({ open, follow, ground }) {
      const [outer, inner] = [open({ size: 1 }), open({ size: 1 })];
      const door = ground.gate();
      const task = follow(outer.run(exitAfterSubmitting, inner, door.signal));
      assertLost(await failureOf(task));
      await within(inner.drain(), "what it submitted ends with it");
      assert.equal(inner.statistics().cancelled, 1);
      assert.equal(await follow(inner.run(double, 2)), 4);
      return outer;
    },
  },
  {
    name: "a task that kills every worker, retried",
    needs: ["exitContainment"],
    async inject({ open, follow, ground }) {
      const executor = open({ size: 2 });
      const error = await failureOf(follow(executor.with({ retry: 20 }).run(dieTimes, ground.file("poison"), 99)));
      assertLost(error, {}, /not tried again/);
      assert.equal(executor.statistics().lost, 2);
      return executor;
    },
  },
  {
    name: "output by the megabyte",
    needs: ["workers"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      assert.equal(await within(follow(executor.run(flood, 20_000)), "it settles"), 20_000);
      assertLost(await failureOf(follow(executor.run(floodAndExit, 5_000))), { exitCode: 6 });
      return executor;
    },
  },
  {
    name: "setup throws",
    needs: ["workers"],
    async inject({ open, follow }) {
      const executor = open({ size: 2, setup: setUpFails });
      const tasks = [1, 2, 3].map((n) => follow(executor.run(echo, n)));
      for (const error of await Promise.all([...tasks, follow(executor.spawn(echo, 4))].map(failureOf))) {
        assertError(error, PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN", /no database/);
        assert.ok(error.cause instanceof RangeError);
      }
      assertError(await failureOf(follow(executor.run(echo, 5))), PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN");
      return undefined;
    },
  },
  {
    name: "setup dies: a crash loop",
    needs: ["workers"],
    async inject({ open, follow }) {
      const executor = open({ size: 1, setup: setUpDies });
      const tasks = [1, 2, 3].map((n) => follow(executor.run(echo, n)));
      for (const error of await Promise.all(tasks.map(failureOf))) assertError(error, PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN");
      const { lost } = executor.statistics();
      assert.ok(lost >= 2 && lost <= 10, `${lost} workers were tried`);
      return undefined;
    },
  },
  {
    name: "killed from outside at work",
    needs: ["workerPid"],
    async inject({ open, follow, neighbour, ground, detected }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      const task = follow(executor.run(reportPid, ground.gate().signal));
      process.kill((await within(firstReport(task), "its pid")) as number, "SIGKILL");
      assertLost(await detected(failureOf(task), deadLimitMs), { signal: "SIGKILL", exitCode: null });
      await untouched();
      return executor;
    },
  },
  {
    name: "killed from outside while idle",
    needs: ["workerPid"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const { pid } = await follow(executor.run(who));
      process.kill(pid, "SIGKILL");
      const tasks = [1, 2, 3].map((n) => follow(executor.run(double, n)));
      assert.deepEqual(await within(Promise.all(tasks), "others take the work"), [2, 4, 6]);
      return executor;
    },
  },
  {
    name: "stopped from outside, then cancelled",
    needs: ["workerPid"],
    async inject({ open, follow, neighbour, ground }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      const task = follow(executor.with({ grace: 50 }).run(reportPid, ground.gate().signal));
      process.kill((await within(firstReport(task), "its pid")) as number, "SIGSTOP");
      task.cancel("it does not answer");
      assert.equal(((await failureOf(task)) as Error).name, "AbortError");
      assert.equal(task.abandoned, false, "it could be killed");
      await untouched();
      return executor;
    },
  },
  {
    name: "stopped from outside while idle, then closed",
    needs: ["workerPid"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const { pid } = await follow(executor.run(who));
      process.kill(pid, "SIGSTOP");
      await within(executor.close(), "it closes");
      return undefined;
    },
  },
  {
    name: "closes its end of the link",
    needs: ["workerPid"],
    async inject({ open, follow, neighbour }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      assertLost(await failureOf(follow(executor.run(closeLink))));
      await untouched();
      return executor;
    },
  },
  {
    name: "writes garbage to the link",
    needs: ["workerPid"],
    async inject({ open, follow, neighbour }) {
      const executor = open({ size: 2 });
      const untouched = await neighbour(executor);
      assertLost(await failureOf(follow(executor.run(garbage))));
      await untouched();
      return executor;
    },
  },
  {
    name: "a burst of deaths",
    needs: ["exitContainment"],
    async inject({ open, follow, ground }) {
      const executor = open({ size: 2 });
      const tasks = [...new Array(12).keys()].map((n) => follow(n % 3 === 0 ? executor.run(exit, n) : executor.run(echo, n)));
      const outcomes = await within(Promise.allSettled(tasks as PromiseLike<unknown>[]), "all settle");
      outcomes.forEach((outcome, n) => {
        if (n % 3 === 0) assertLost((outcome as PromiseRejectedResult).reason, { exitCode: n });
        else assert.equal((outcome as PromiseFulfilledResult<unknown>).value, n);
      });
      const door = ground.gate();
      const both = [follow(executor.run(hold, door.signal, 1)), follow(executor.run(stubborn, door.signal, 2))];
      await entered(...both);
      door.open();
      assert.deepEqual(await within(Promise.all(both), "the full size is back"), [1, 2]);
      await running(...both);
      await until(() => executor.statistics().idle >= 1, "it is idle again");
      assert.equal(await follow(executor.run(nest, executor, 3)), 3);
      return executor;
    },
  },
];
