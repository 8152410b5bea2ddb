import assert from "node:assert/strict";
import { CancelledError, QueueFullError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, failureOf, running, within } from "../ground.ts";
import { double, echo, hold, spoil, who } from "../tasks.ts";
import { fail, giveUnclonable } from "../tasks-faults.ts";

export const queue: Subject = {
  name: "queue",
  cases: [
    {
      name: "reject: beyond the capacity a task rejects, and room comes back",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 2, full: "reject" } });
        const door = ground.gate();
        const first = executor.run(hold, door.signal, 0);
        await running(first);
        const waiting = [executor.run(double, 1), executor.run(double, 2)];
        const error = await failureOf(executor.run(double, 3));
        assertError(error, QueueFullError, "ERR_BRIGADE_QUEUE_FULL", /full.*ready\(\)/);
        assert.equal(error.capacity, 2);
        door.open();
        assert.deepEqual(await Promise.all(waiting), [2, 4]);
        assert.equal(await executor.run(double, 5), 10);
      },
    },
    {
      name: "a burst of as many as places and capacity is taken, one more is not",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 3, full: "reject" } });
        const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => executor.run(double, n)));
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          ["fulfilled", "fulfilled", "fulfilled", "fulfilled", "rejected"],
        );
      },
    },
    {
      name: "a capacity of nothing takes what can start",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 0, full: "reject" } });
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await running(first);
        assertError(await failureOf(executor.run(double, 1)), QueueFullError, "ERR_BRIGADE_QUEUE_FULL");
        door.open();
        await first;
        assert.equal(await executor.run(double, 2), 4);
      },
    },
    {
      name: "wait: everything is taken, and held back",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 1 } });
        const tasks = [1, 2, 3, 4, 5, 6].map((n) => executor.run(double, n));
        assert.deepEqual(await within(Promise.all(tasks), "all end"), [2, 4, 6, 8, 10, 12]);
      },
    },
    {
      name: "ready resolves when there is room, and at once when there is",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 1, full: "reject" } });
        await within(executor.ready(), "it is ready at first");
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await running(first);
        const second = executor.run(double, 1);
        let isReady = false;
        const ready = executor.ready().then(() => {
          isReady = true;
        });
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(isReady, false);
        second.cancel();
        await within(ready, "a cancelled task gives its place back");
        await failureOf(second);
        const third = executor.run(double, 2);
        door.open();
        assert.equal(await third, 4);
      },
    },
    {
      name: "run-here: the caller does the work itself, with copies",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 0, full: "run-here" } });
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await running(first);
        const here = executor.run(who);
        assert.equal(here.state, "waiting", "never inside the call");
        const { pid, thread, id } = await within(here, "it runs here");
        assert.deepEqual([pid, thread, id], [process.pid, 0, here.id]);
        const list: unknown[] = [];
        assert.equal(await executor.run(spoil, list), 1);
        if (!ground.local) assert.deepEqual(list, []);
        assert.ok((await failureOf(executor.run(fail, "RangeError"))) instanceof RangeError);
        if (!ground.local)
          assert.match(String(((await failureOf(executor.run(giveUnclonable, "a function"))) as { path: string }).path), /^result/);
        const late = executor.run(echo, 1);
        late.cancel();
        assertError(await failureOf(late), CancelledError, "ERR_BRIGADE_CANCELLED");
        door.open();
        await first;
      },
    },
    {
      name: "tasks with a key count too",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 2, full: "reject" } });
        const keyed = executor.with({ key: "k" });
        const door = ground.gate();
        const first = keyed.run(hold, door.signal);
        await running(first);
        const waiting = [keyed.run(double, 1), executor.run(double, 2)];
        for (const view of [keyed, executor]) assertError(await failureOf(view.run(double, 3)), QueueFullError, "ERR_BRIGADE_QUEUE_FULL");
        door.open();
        assert.deepEqual(await Promise.all(waiting), [2, 4]);
        assert.equal(await keyed.run(double, 5), 10);
      },
    },
    {
      name: "wrong bounds are refused",
      async run(ground) {
        assert.throws(() => ground.open({ size: 1, queue: { capacity: -1 } }), RangeError);
        assert.throws(() => ground.open({ size: 1, queue: { capacity: Number.NaN } }), RangeError);
        assert.throws(() => ground.open({ size: 1, queue: { capacity: 1, full: "explode" as never } }), /wait, reject, run-here/);
      },
    },
    {
      name: "a map obeys the bound too",
      async run(ground) {
        const executor = ground.open({ size: 1, queue: { capacity: 1 } });
        assert.deepEqual(await within(executor.map(double, [1, 2, 3, 4, 5], { concurrency: 5 }), "it ends"), [2, 4, 6, 8, 10]);
      },
    },
  ],
};
