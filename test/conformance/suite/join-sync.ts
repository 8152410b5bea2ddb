import assert from "node:assert/strict";
import { openProcesses, openThreads, TimeoutError, UnsupportedError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertLost } from "../faults/deaths.ts";
import { assertError, failureOf, within } from "../ground.ts";
import { double, echo, hold, joins, nest, nestsApart } from "../tasks.ts";
import { closeLink, exit, fail, flood, signalSelf } from "../tasks-faults.ts";

/** What a call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail("it should have thrown");
}

export const joinSyncCases: Subject = {
  name: "joinSync",
  cases: [
    {
      name: "where it cannot block it says so, and the task goes on",
      async run(ground) {
        if (ground.has("blockingJoin")) return;
        const task = ground.shared.run(double, 4);
        assertError(
          thrownBy(() => task.joinSync()),
          UnsupportedError,
          "ERR_BRIGADE_UNSUPPORTED",
          /await/i,
        );
        assert.equal(await task, 8);
        assert.equal(task.joinSync(), 8, "what is over can be had at once");
      },
    },
    {
      name: "starts the task, blocks until it ends, returns its value",
      needs: ["blockingJoin"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.equal(executor.run(double, 21).joinSync(), 42);
        const tasks = [1, 2, 3].map((n) => executor.run(double, n));
        assert.deepEqual(
          tasks.map((task) => task.joinSync()),
          [2, 4, 6],
        );
        assert.equal(executor.spawn(double, 5).joinSync(), 10);
      },
    },
    {
      name: "throws what the task throws",
      needs: ["blockingJoin"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const error = thrownBy(() => executor.run(fail, "own properties").joinSync());
        assert.equal((error as { code?: unknown }).code, "E_EXTRA");
        assertLost(
          thrownBy(() => executor.run(exit, 3).joinSync()),
          { exitCode: 3 },
        );
        assert.equal(executor.run(double, 1).joinSync(), 2);
      },
    },
    {
      name: "gives up after its time, and the task goes on",
      needs: ["blockingJoin"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const task = executor.run(hold, door.signal, "later");
        assertError(
          thrownBy(() => task.joinSync(30)),
          TimeoutError,
          "ERR_BRIGADE_TIMEOUT",
        );
        assert.notEqual(task.state, "failed");
        door.open();
        assert.equal(await task, "later");
        assert.throws(() => task.joinSync(-1), RangeError);
      },
    },
    {
      name: "serves timeouts, deadlines and nested submissions while it blocks",
      needs: ["blockingJoin"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assertError(
          thrownBy(() => executor.with({ timeout: 30 }).run(hold, ground.gate().signal).joinSync()),
          TimeoutError,
          "ERR_BRIGADE_TIMEOUT",
        );
        assert.equal(executor.run(nest, executor, 4).joinSync(), 4);
      },
    },
    {
      name: "serves what the task gives to another executor while it blocks",
      needs: ["blockingJoin"],
      async run(ground) {
        const [one, two] = [ground.open({ size: 1 }), ground.open({ size: 1 })];
        assert.equal(one.run(nest, two, 1).joinSync(), 1);
        assert.equal(one.run(nestsApart, two, 5).joinSync(), 10);
        await using other = ground.level === "process" ? openThreads({ size: 1 }) : openProcesses({ size: 1 });
        assert.equal(one.run(nest, other, 1).joinSync(), 1);
      },
    },
    {
      name: "moves more than a pipe holds, and output, both ways",
      needs: ["blockingJoin"],
      async run(ground) {
        const executor = ground.open({ size: 1, stdio: "ignore" });
        const large = new Uint8Array(5_000_000).map((_, index) => index * 7);
        assert.deepEqual(executor.run(echo, large).joinSync(), large);
        assert.equal(executor.run(flood, 3_000).joinSync(), 3_000);
        assert.deepEqual(await executor.run(echo, large), large, "and so it does when the loop turns again");
      },
    },
    {
      name: "a worker that is killed while this thread is blocked",
      needs: ["blockingJoin", "workerPid"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assertLost(
          thrownBy(() => executor.run(signalSelf, "SIGKILL").joinSync()),
          { signal: "SIGKILL", exitCode: null },
        );
        assertLost(
          thrownBy(() => executor.run(closeLink).joinSync()),
          {},
          /closed its link/,
        );
        assertLost(
          thrownBy(() => executor.run(signalSelf, "SIGSTOP").joinSync()),
          {},
          /stopped by a signal/,
        );
        assert.equal(executor.run(double, 4).joinSync(), 8, "another one is started");
        assert.equal(await executor.run(double, 5), 10);
        assert.equal(executor.statistics().lost, 3);
      },
    },
    {
      name: "from a worker: of another pool it blocks, of the same full pool it is refused",
      needs: ["blockingJoin"],
      async run(ground) {
        const one = ground.open({ size: 1, name: "one" });
        const two = ground.open({ size: 1, name: "two" });
        assert.equal(await within(one.run(joins, two, 21), "it ends"), 42);
        const error = await failureOf(one.run(joins, one, 21));
        assertError(error, UnsupportedError, "ERR_BRIGADE_UNSUPPORTED", /never end/);
        assert.equal(await one.run(echo, 1), 1);
      },
    },
  ],
};
