import assert from "node:assert/strict";
import { CancelledError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertLost } from "../faults/deaths.ts";
import { assertError, entered, failureOf, running, until, within } from "../ground.ts";
import { double, echo, hold, sleepLong, who } from "../tasks.ts";
import { exit, fail } from "../tasks-faults.ts";

export const spawn: Subject = {
  name: "spawn and broadcast",
  cases: [
    {
      name: "spawn runs beside a full pool",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await running(first);
        assert.equal(await within(executor.spawn(double, 21), "it has its own place"), 42);
        assert.equal(first.state, "running");
        door.open();
        await first;
      },
    },
    {
      name: "several spawned ones run at the same time",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const tasks = [1, 2, 3].map((n) => executor.spawn(hold, door.signal, n));
        await entered(...tasks);
        door.open();
        assert.deepEqual(await Promise.all(tasks), [1, 2, 3]);
      },
    },
    {
      name: "a spawned task has a worker of its own that ends with it",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const pooled = await executor.run(who);
        const own = await executor.spawn(who);
        assert.notDeepEqual([own.pid, own.thread], [pooled.pid, pooled.thread]);
        await until(() => executor.statistics().workers === 1, "it is gone");
        assert.equal(executor.statistics().lost, 0, "in good order");
        assert.equal(executor.size, 1);
      },
    },
    {
      name: "a failure and a cancel of a spawned task",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        assert.ok((await failureOf(executor.spawn(fail, "TypeError"))) instanceof TypeError);
        const task = executor.spawn(sleepLong);
        await entered(task);
        task.cancel();
        assertError(await failureOf(task), CancelledError, "ERR_BRIGADE_CANCELLED");
        const early = executor.spawn(sleepLong);
        early.cancel();
        assertError(await failureOf(early), CancelledError, "ERR_BRIGADE_CANCELLED");
        assert.equal(await executor.spawn(echo, "still"), "still");
      },
    },
    {
      name: "a spawned task that takes its worker with it fails alone",
      needs: ["exitContainment"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const other = executor.run(hold, door.signal, "other");
        assertLost(await failureOf(executor.spawn(exit, 3)), { exitCode: 3 });
        door.open();
        assert.equal(await other, "other");
      },
    },
    {
      name: "broadcast calls once on every worker, in worker order",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        if (!ground.has("workers")) {
          assert.deepEqual(await executor.broadcast(double, 4), [8]);
          return;
        }
        assert.equal((await executor.broadcast(who)).length, 1, "one is started if there is none");
        await executor.warm(2);
        const [one, two] = await executor.broadcast(who);
        assert.notDeepEqual([one?.pid, one?.thread], [two?.pid, two?.thread]);
        const again = await executor.broadcast(who);
        assert.deepEqual(
          again.map(({ pid, thread }) => [pid, thread]),
          [one, two].map((each) => [each?.pid, each?.thread]),
        );
      },
    },
    {
      name: "broadcast rejects with the first failure, and for what cannot travel",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        await executor.warm(2);
        assert.ok((await failureOf(executor.broadcast(fail, "RangeError"))) instanceof RangeError);
        if (!ground.local) {
          const error = (await failureOf(executor.broadcast((() => 1) as unknown as typeof double, 1))) as Error;
          assert.equal(error.name, "NotPortableError");
        }
        assert.equal(await executor.run(echo, 1), 1);
      },
    },
  ],
};
