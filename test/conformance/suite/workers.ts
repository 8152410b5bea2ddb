import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { type Executor, PoolBrokenError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { living } from "../census.ts";
import { assertError, entered, failureOf, until, within } from "../ground.ts";
import { echo, environment, hold, leak, leakBytes, setUp, setUpFails, setUpState, tearDown, tearDownFails, waste, who } from "../tasks.ts";

async function place(executor: Executor): Promise<string> {
  const { pid, thread } = await executor.run(who);
  return `${pid}:${thread}`;
}

const environmentWith = (variables: Record<string, string>): Record<string, string> => ({
  ...(process.env as Record<string, string>),
  ...variables,
});

export const workers: Subject = {
  name: "workers: setup, teardown, recycling, idle timeout, spare",
  cases: [
    {
      name: "setup runs once in each worker, before its first task, and is waited for",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 2, setup: setUp });
        assert.deepEqual(await executor.run(setUpState), ["set up", 1]);
        await executor.warm(2);
        assert.deepEqual(await executor.broadcast(setUpState), [
          ["set up", 1],
          ["set up", 1],
        ]);
        assert.deepEqual(await executor.spawn(setUpState), ["set up", 1]);
      },
    },
    {
      name: "a setup that fails breaks the pool, with its error as the cause",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1, setup: setUpFails });
        const tasks = [executor.run(echo, 1), executor.run(echo, 2)];
        for (const error of await Promise.all(tasks.map(failureOf))) {
          assertError(error, PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN", /no database/);
          assert.ok(error.cause instanceof RangeError);
        }
        assertError(await failureOf(executor.run(echo, 3)), PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN");
        assertError(await failureOf(executor.warm()), PoolBrokenError, "ERR_BRIGADE_POOL_BROKEN");
        await within(executor.drain(), "a broken pool is drained");
      },
    },
    {
      name: "teardown runs before a worker ends in good order",
      needs: ["workers"],
      async run(ground) {
        const path = ground.file("teardown");
        const executor = ground.open({ size: 2, teardown: tearDown, env: environmentWith({ CONFORMANCE_FILE: path }) });
        await executor.warm(2);
        assert.equal(existsSync(path), false);
        await executor.close();
        assert.ok(readFileSync(path, "utf8").length >= 2, "one mark of each worker");
      },
    },
    {
      name: "a teardown that fails keeps nothing from ending",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1, teardown: tearDownFails });
        assert.equal(await executor.run(echo, 1), 1);
        await within(executor.close(), "it closes");
      },
    },
    {
      name: "env replaces the environment, which is inherited otherwise",
      needs: ["workers"],
      async run(ground) {
        process.env["CONFORMANCE_INHERITED"] = "yes";
        const plain = ground.open({ size: 1 });
        assert.equal(await plain.run(environment, "CONFORMANCE_INHERITED"), "yes");
        const { CONFORMANCE_INHERITED: _, ...rest } = environmentWith({ CONFORMANCE_GIVEN: "given" });
        const own = ground.open({ size: 1, env: rest });
        assert.equal(await own.run(environment, "CONFORMANCE_GIVEN"), "given");
        assert.equal(await own.run(environment, "CONFORMANCE_INHERITED"), undefined);
        delete process.env["CONFORMANCE_INHERITED"];
      },
    },
    {
      name: "a worker is replaced after maxTasks tasks",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1, maxTasks: 2 });
        const places: string[] = [];
        for (let task = 0; task < 5; task++) places.push(await place(executor));
        assert.equal(places[0], places[1]);
        assert.notEqual(places[1], places[2]);
        assert.equal(places[2], places[3]);
        assert.notEqual(places[3], places[4]);
        assert.equal(executor.statistics().lost, 0, "recycling is no loss");
        const burst = await within(Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => executor.run(echo, n))), "a burst ends");
        assert.deepEqual(burst, [1, 2, 3, 4, 5, 6, 7]);
      },
    },
    {
      name: "a worker that comes close to memoryLimit is replaced between two tasks, and none is lost",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1, memoryLimit: 64 });
        // Each leaves two megabytes behind, sixty of them twice what one worker may have; the answer is how many it has served.
        const served = await within(Promise.all([...new Array(60).keys()].map((n) => executor.run(leak, n))), "all end");
        assert.ok(Math.max(...served) < 40, `one has served ${Math.max(...served)}`);
        assert.ok(served.filter((count) => count === 1).length >= 2, "another has begun anew");
        const bytes: number[] = [];
        for (let task = 0; task < 12; task++) bytes.push(await within(executor.run(leakBytes, 12 * 2 ** 20), "it ends"));
        assert.ok(Math.max(...bytes) < 80 * 2 ** 20, "buffers count");
        assert.equal(executor.statistics().lost, 0, "recycling is no loss");
        assert.equal(executor.statistics().succeeded, 72);
      },
    },
    {
      name: "tasks that use most of memoryLimit and leave nothing behind keep their worker",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1, memoryLimit: 128 });
        const places = new Set<string>();
        for (let task = 0; task < 8; task++) {
          await within(executor.run(waste, 90), "it ends");
          places.add(await place(executor));
        }
        assert.equal(places.size, 1);
      },
    },
    {
      name: "an idle worker ends, and the next task gets another",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 2, idleTimeout: 20 });
        const first = await place(executor);
        await until(() => executor.statistics().workers === 0, "the idle one ends");
        assert.notEqual(await place(executor), first);
        await until(() => executor.statistics().workers === 0, "again");
        assert.equal(executor.statistics().lost, 0);
      },
    },
    {
      name: "a worker at work is not idle",
      needs: ["workers"],
      async run(ground) {
        const executor = ground.open({ size: 1, idleTimeout: 20 });
        const door = ground.gate();
        const task = executor.run(hold, door.signal, "kept");
        await entered(task);
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.equal(task.state, "running");
        assert.equal(executor.statistics().workers, 1);
        door.open();
        assert.equal(await task, "kept");
      },
    },
    {
      name: "one spare is kept once every place is filled, none at size 1",
      needs: ["workers"],
      async run(ground) {
        const before = new Set(living());
        const own = () => living().filter((each) => !before.has(each)).length;
        const alone = ground.open({ size: 1 });
        await alone.run(echo, 1);
        await alone.run(echo, 2);
        assert.equal(own(), 1);
        const two = ground.open({ size: 2 });
        const door = ground.gate();
        const tasks = [two.run(hold, door.signal), two.run(hold, door.signal)];
        await entered(...tasks);
        door.open();
        await Promise.all(tasks);
        await until(() => own() === 4, "two, and one in reserve");
        assert.equal(two.statistics().workers, 2, "the spare is not counted");
      },
    },
    {
      name: "wrong options are refused, by name",
      needs: ["workers"],
      async run(ground) {
        for (const [options, message] of [
          [{ size: 0 }, /size/],
          [{ size: -1 }, /size/],
          [{ size: 1.5 }, /size/],
          [{ idleTimeout: -1 }, /idleTimeout/],
          [{ maxTasks: 0 }, /maxTasks/],
          [{ memoryLimit: 0 }, /memoryLimit/],
          [{ stackSize: -3 }, /stackSize/],
          [{ stdio: "loud" }, /stdio/],
          [{ setup: () => {} }, /portable/],
        ] as const) {
          assert.throws(() => ground.open(options as never), message);
        }
      },
    },
  ],
};
