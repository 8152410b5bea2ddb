import assert from "node:assert/strict";
import { CancelledError, NotPortableError, type Task } from "../../../src/runtime/index.ts";
import { isInPlace } from "../capabilities.ts";
import type { Subject } from "../case.ts";
import { assertError, entered, failureOf, running, until, within } from "../ground.ts";
import { add, collect, double, echo, hold, later, note, notes, thenable, who } from "../tasks.ts";
import { fail } from "../tasks-faults.ts";

export const run: Subject = {
  name: "run",
  cases: [
    {
      name: "gives the value of a function, of an async one, of a thenable",
      async run({ shared }) {
        assert.equal(await shared.run(add, 1, 2), 3);
        assert.equal(await shared.run(later, "late"), "late");
        assert.equal(await shared.run(thenable, 7), 7);
        assert.equal(await shared.run(echo, undefined), undefined);
      },
    },
    {
      name: "arguments arrive in order, undefined ones too",
      async run({ shared }) {
        assert.deepEqual(await shared.run(collect), []);
        assert.deepEqual(await shared.run(collect, undefined, 1, undefined), [undefined, 1, undefined]);
        assert.deepEqual(await shared.run(collect, ...new Array(300).keys()), [...new Array(300).keys()]);
      },
    },
    {
      name: "starts on the next tick, never inside the call",
      async run({ shared }) {
        let entered = false;
        const task = shared.run(echo, 1);
        task.onDone(() => {
          entered = true;
        });
        assert.equal(task.state, "waiting");
        assert.equal(task.metrics.worker, undefined);
        assert.equal(entered, false);
        await task;
      },
    },
    {
      name: "goes through waiting, running, succeeded",
      async run({ shared, gate }) {
        const door = gate();
        const task = shared.run(hold, door.signal, "value");
        assert.equal(task.state, "waiting");
        await running(task);
        assert.equal(task.state, "running");
        door.open();
        assert.equal(await task, "value");
        assert.equal(task.state, "succeeded");
        assert.equal(task.abandoned, false);
      },
    },
    {
      name: "a failure goes through waiting to failed",
      async run({ shared }) {
        const task = shared.run(fail, "RangeError");
        assert.ok((await failureOf(task)) instanceof RangeError);
        assert.equal(task.state, "failed");
      },
    },
    {
      name: "is a promise to everyone who asks",
      async run({ shared }) {
        const task = shared.run(double, 4);
        const seen = await Promise.all([task, task, task.then((value) => value + 1), task.catch(() => 0), task.finally(() => {})]);
        assert.deepEqual(seen, [8, 8, 9, 8, 8]);
        assert.equal(await task, 8, "also when it is over");
        assert.equal(Object.prototype.toString.call(task), "[object Task]");
        const failed = shared.run(fail, "TypeError");
        assert.equal(await failed.catch((error: unknown) => (error as Error).message), "types");
        assert.equal(await failed.then(undefined, () => "second"), "second");
        assert.strictEqual(await failureOf(failed), await failureOf(failed), "one error for all");
      },
    },
    {
      name: "onDone calls once, with the outcome, never inside the call",
      async run({ shared }) {
        const calls: unknown[] = [];
        const task = shared.run(double, 2);
        task.onDone((outcome) => calls.push(outcome));
        const dropped = task.onDone(() => calls.push("disposed"));
        dropped[Symbol.dispose]();
        await task;
        await until(() => calls.length > 0, "onDone is called");
        let inside = true;
        const late = new Promise<void>((resolve) =>
          task.onDone(() => {
            assert.equal(inside, false, "a late callback is called on the next tick");
            resolve();
          }),
        );
        inside = false;
        await within(late, "a late onDone is called");
        assert.deepEqual(calls, [{ state: "succeeded", value: 4 }]);
        const failed = shared.run(fail, "Error");
        const outcome = await new Promise<{ state: string; error?: unknown }>((resolve) => failed.onDone(resolve));
        assert.equal(outcome.state, "failed");
        assert.equal((outcome.error as Error).message, "plain");
        assert.throws(() => task.onDone("no function" as never), TypeError);
      },
    },
    {
      name: "has an id of its own, the function's name or the view's, and a level",
      async run({ shared, level, place }) {
        const one = shared.run(who);
        const two = shared.with({ name: "renamed" }).run(who);
        assert.notEqual(one.id, two.id);
        assert.equal(one.name, "who");
        assert.equal(two.name, "renamed");
        const inside = await one;
        assert.equal(inside.id, one.id, "the same id inside");
        assert.equal(inside.name, "who");
        assert.equal((await two).name, "renamed");
        assert.equal(inside.level, one.level);
        if (!isInPlace(place)) assert.equal(one.level, level);
      },
    },
    {
      name: "runs where its level says",
      async run({ shared, place, local }) {
        const { pid, thread, main } = await shared.run(who);
        assert.equal(pid === process.pid, place !== "process");
        assert.equal(thread === 0, place !== "thread");
        assert.equal(main, local || isInPlace(place));
      },
    },
    {
      name: "a plain closure runs here and nowhere else",
      async run({ shared, local }) {
        const closure = (n: number) => n + 1;
        const task = shared.run(closure as unknown as typeof double, 1);
        if (local) assert.equal(await task, 2);
        else assertError(await failureOf(task), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /portable\("closure"/);
      },
    },
    {
      name: "what is no function rejects with a message that says so",
      async run({ shared }) {
        for (const wrong of [undefined, null, 5, "double", {}]) {
          const error = await failureOf(shared.run(wrong as never));
          assert.ok(error instanceof TypeError, String(error));
          assert.match(error.message, /function/);
        }
      },
    },
    {
      name: "tasks start in the order of their submission",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("order");
        await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => executor.run(note, key, n)));
        assert.deepEqual(await executor.run(notes, key), [1, 2, 3, 4, 5, 6, 7, 8]);
      },
    },
    {
      name: "two run at the same time, and never more than the size",
      needs: ["parallel"],
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const door = ground.gate();
        const tasks = [1, 2, 3, 4, 5].map((n) => executor.run(hold, door.signal, n));
        await running(tasks[0] as Task<unknown>, tasks[1] as Task<unknown>);
        await executor
          .with({ signal: AbortSignal.abort() })
          .run(echo, 0)
          .catch(() => {});
        assert.deepEqual(
          tasks.map((task) => task.state),
          ["running", "running", "waiting", "waiting", "waiting"],
        );
        const { running: now, waiting } = executor.statistics();
        assert.deepEqual([now, waiting], [2, 3]);
        door.open();
        assert.deepEqual(await Promise.all(tasks), [1, 2, 3, 4, 5]);
      },
    },
    {
      name: "a thousand small tasks each give their own value",
      async run({ shared }) {
        const numbers = [...new Array(1_000).keys()];
        assert.deepEqual(
          await within(Promise.all(numbers.map((n) => shared.run(double, n))), "they end"),
          numbers.map((n) => n * 2),
        );
      },
    },
    {
      name: "dispose stops, and stop never rejects",
      async run({ shared, gate }) {
        const door = gate();
        const task = shared.run(hold, door.signal);
        await entered(task);
        await within(task[Symbol.asyncDispose](), "dispose");
        assert.equal(task.state, "cancelled");
        assertError(await failureOf(task), CancelledError, "ERR_BRIGADE_CANCELLED");
        const failed = shared.run(fail, "Error");
        await within(failed.stop(), "stop");
        const done = shared.run(double, 1);
        await done;
        await within(done.stop(), "stop of one that is over");
        assert.equal(done.state, "succeeded");
      },
    },
    {
      name: "wrong settings are refused where they are given",
      async run({ shared }) {
        for (const [options, message] of [
          [{ timeout: -1 }, /timeout/],
          [{ timeout: Number.NaN }, /timeout/],
          [{ deadline: "soon" }, /deadline/],
          [{ grace: -5 }, /grace/],
          [{ priority: Number.NaN }, /priority/],
          [{ key: {} }, /key/],
          [{ name: 5 }, /name/],
          [{ signal: {} }, /signal/],
          [{ transfer: 5 }, /transfer/],
          [{ retry: -1 }, /retry/],
          [{ retry: { retries: 1, when: 5 } }, /when/],
        ] as const) {
          assert.throws(
            () => shared.with(options as never),
            (error: Error) => {
              assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
              assert.match(error.message, message);
              return true;
            },
          );
        }
        assert.throws(() => shared.with(undefined as never), TypeError);
        assert.equal(await shared.with({ timeout: undefined, signal: undefined, key: undefined }).run(double, 3), 6, "undefined is absent");
      },
    },
  ],
};
