// Code that never ends, stopped by a timeout, a deadline or a cancel; and code that ends too deep.
import assert from "node:assert/strict";
import { TimeoutError } from "../../../src/runtime/index.ts";
import type { Capability } from "../capabilities.ts";
import type { Fault } from "../fault.ts";
import { assertError, failureOf, running, within } from "../ground.ts";
import { double, echo, microtasks, neverEnds, recurse, sleepLong, spin, stubborn, waitForEver } from "../tasks.ts";

const endless: readonly (readonly [name: string, fn: typeof spin, needs: readonly Capability[]])[] = [
  ["a loop", spin, ["preemption"]],
  ["a loop of microtasks", microtasks as unknown as typeof spin, ["preemption"]],
  ["Atomics.wait", waitForEver as unknown as typeof spin, ["preemption"]],
  ["a promise that nobody settles", neverEnds as unknown as typeof spin, []],
];

export const endlessFaults: readonly Fault[] = [
  ...endless.flatMap(([name, fn, needs]): Fault[] => [
    {
      name: `${name}, with a timeout`,
      needs,
      async inject({ open, follow, has }) {
        const executor = open({ size: has("parallel") ? 2 : 1 });
        const task = follow(executor.with({ timeout: 50, grace: 50 }).run(fn));
        const others = has("parallel") ? [1, 2, 3].map((n) => follow(executor.run(double, n))) : [];
        assertError(await failureOf(task), TimeoutError, "ERR_BRIGADE_TIMEOUT");
        assert.equal(task.state, "failed");
        assert.equal(task.abandoned, !has("preemption"));
        assert.deepEqual(await within(Promise.all(others), "the others end"), has("parallel") ? [2, 4, 6] : []);
        return executor;
      },
    },
    {
      name: `${name}, cancelled`,
      needs,
      async inject({ open, follow, has }) {
        const executor = open({ size: 1 });
        const task = follow(executor.with({ grace: 50 }).run(fn));
        const behind = follow(executor.run(echo, "behind"));
        await running(task);
        task.cancel();
        assert.equal(((await failureOf(task)) as Error).name, "AbortError");
        assert.equal(task.abandoned, !has("preemption"));
        assert.equal(await within(behind, "what waits behind it runs"), "behind");
        return executor;
      },
    },
  ]),
  {
    name: "a loop with a deadline, with others queued behind it",
    needs: ["preemption"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const task = follow(executor.with({ deadline: 400, grace: 50 }).run(spin));
      const late = follow(executor.with({ deadline: 100 }).run(echo, "late"));
      const behind = follow(executor.run(echo, "behind"));
      assertError(await failureOf(late), TimeoutError, "ERR_BRIGADE_TIMEOUT");
      assertError(await failureOf(task), TimeoutError, "ERR_BRIGADE_TIMEOUT");
      assert.equal(await within(behind, "it runs"), "behind");
      return executor;
    },
  },
  {
    name: "sleep of many at once, with timeouts",
    async inject({ open, follow }) {
      const executor = open({ size: 2 });
      const tasks = [...new Array(10).keys()].map(() => follow(executor.with({ timeout: 20 }).run(sleepLong)));
      for (const error of await Promise.all(tasks.map(failureOf))) assertError(error, TimeoutError, "ERR_BRIGADE_TIMEOUT");
      assert.equal(executor.statistics().lost, 0, "no worker is lost to work that listens");
      return executor;
    },
  },
  {
    name: "a stack that overflows",
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const error = await failureOf(follow(executor.run(recurse)));
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /call stack/);
      return executor;
    },
  },
  {
    name: "one that ignores its cancel, one after the other",
    async inject({ open, follow, ground, has }) {
      const executor = open({ size: 1 });
      const door = ground.gate();
      for (let round = 0; round < 3; round++) {
        const task = follow(executor.with({ grace: 20 }).run(stubborn, door.signal));
        await running(task);
        task.cancel();
        assert.equal(((await failureOf(task)) as Error).name, "AbortError");
        assert.equal(task.abandoned, !has("preemption"));
      }
      return executor;
    },
  },
];
