import assert from "node:assert/strict";
import {
  all,
  any,
  BrigadeError,
  CancelledError,
  GroupFinishedError,
  openTaskGroup,
  race,
  settled,
  type Task,
  type TaskGroup,
  TaskGroupError,
  TimeoutError,
  withTaskGroup,
} from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, entered, failureOf, within } from "../ground.ts";
import { double, echo, grouped, hold, note, notes, sleepLong, tidies } from "../tasks.ts";
import { fail } from "../tasks-faults.ts";

export const groups: Subject = {
  name: "groups",
  cases: [
    {
      name: "children on the level and here give their values",
      async run({ shared }) {
        const values = await withTaskGroup(async (group) => {
          const there = group.run(shared, double, 21);
          const here = group.run(() => "here");
          return [await there, await here];
        });
        assert.deepEqual(values, [42, "here"]);
      },
    },
    {
      name: "waits for every child, also for one that nobody awaits",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("waited");
        await withTaskGroup((group) => {
          group.run(executor, note, key, "done");
        });
        assert.deepEqual(await executor.run(notes, key), ["done"]);
      },
    },
    {
      name: "the first failure cancels the siblings, waits for their cleanup, and is told",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("siblings");
        let sibling: Task<unknown> | undefined;
        const error = await failureOf(
          withTaskGroup(async (group) => {
            sibling = group.run(executor, tidies, key);
            await entered(sibling);
            group.run(() => {
              throw new RangeError("child");
            });
          }),
        );
        assertError(error, TaskGroupError, "ERR_BRIGADE_TASK_GROUP");
        assert.ok(error instanceof BrigadeError && error instanceof AggregateError);
        assert.equal(error.errors.length, 1);
        assert.ok(error.errors[0] instanceof RangeError);
        assert.equal(sibling?.state, "cancelled");
        assert.deepEqual(await executor.run(notes, key), ["tidy"]);
      },
    },
    {
      name: "a failure on the level fails the group even if the body caught it",
      async run({ shared }) {
        const error = await failureOf(
          withTaskGroup(async (group) => {
            await group.run(shared, fail, "TypeError").catch(() => {});
            return "value";
          }),
        );
        assertError(error, TaskGroupError, "ERR_BRIGADE_TASK_GROUP");
        assert.ok(error.errors[0] instanceof TypeError);
      },
    },
    {
      name: 'errors: "first" rethrows the first failure itself',
      async run({ shared }) {
        const error = await failureOf(withTaskGroup((group) => void group.run(shared, fail, "RangeError"), { errors: "first" }));
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, "ranges");
      },
    },
    {
      name: "nested groups stay a tree that can be split",
      async run({ shared }) {
        const error = await failureOf(
          withTaskGroup((outer) => {
            outer.run(() => withTaskGroup((inner) => void inner.run(shared, fail, "RangeError")));
          }),
        );
        assertError(error, TaskGroupError, "ERR_BRIGADE_TASK_GROUP");
        assertError(error.errors[0], TaskGroupError, "ERR_BRIGADE_TASK_GROUP");
        const [ranges, rest] = error.split((each) => each instanceof RangeError);
        assert.equal(rest, undefined);
        assert.ok(ranges !== undefined && (ranges.errors[0] as TaskGroupError).errors[0] instanceof RangeError);
      },
    },
    {
      name: "cancel() ends the children without an error, and a body that returns keeps its value",
      async run({ shared }) {
        let child: Task<unknown> | undefined;
        const value = await withTaskGroup(async (group) => {
          child = group.run(shared, sleepLong);
          await entered(child);
          group.cancel("enough");
          return "body";
        });
        assert.equal(value, "body");
        assert.equal(child?.state, "cancelled");
      },
    },
    {
      name: "a deadline of the group ends the children with it",
      async run({ shared }) {
        const error = await failureOf(withTaskGroup((group) => void group.run(shared, sleepLong), { deadline: 50 }));
        assertError(error, TimeoutError, "ERR_BRIGADE_TIMEOUT");
      },
    },
    {
      name: "in a cancelled group a child starts cancelled and never runs; in a finished one it throws",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("never");
        const group = openTaskGroup();
        group.cancel();
        const child = group.run(executor, note, key, "ran");
        assertError(await failureOf(child), CancelledError, "ERR_BRIGADE_CANCELLED");
        await group.join();
        assert.throws(() => group.run(executor, note, key, "ran"), GroupFinishedError);
        assert.deepEqual(await executor.run(notes, key), []);
      },
    },
    {
      name: "background children are cancelled when the others are done",
      async run({ shared, gate }) {
        const door = gate();
        let service: Task<unknown> | undefined;
        const value = await withTaskGroup(async (group) => {
          service = group.background(shared, hold, door.signal);
          await entered(service);
          return group.run(() => "done");
        });
        assert.equal(value, "done");
        assert.equal(service?.state, "cancelled");
      },
    },
    {
      name: "leaving an open group without join cancels its children and waits",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("open");
        const group = openTaskGroup();
        const child = group.run(executor, tidies, key);
        await entered(child);
        await within(group[Symbol.asyncDispose](), "it ends");
        assert.equal(child.state, "cancelled");
        assert.deepEqual(await executor.run(notes, key), ["tidy"]);
      },
    },
    {
      name: "a cancel of the group's task reaches its children on the level",
      async run({ shared }) {
        let child: Task<unknown> | undefined;
        const controller = new AbortController();
        const start = (group: TaskGroup) => {
          child = group.run(shared, sleepLong);
        };
        const error = failureOf(withTaskGroup(start, { signal: controller.signal }));
        await within((async () => entered(child as Task<unknown>))(), "it runs");
        controller.abort("outside");
        assertError(await error, CancelledError, "ERR_BRIGADE_CANCELLED", /outside/);
        assert.equal(child?.state, "cancelled");
      },
    },
    {
      name: "a group inside a task, with children here and there",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        assert.deepEqual(await executor.run(grouped, executor), [1, 42]);
      },
    },
    {
      name: "all, race, any and settled over tasks of the level",
      async run({ shared }) {
        assert.deepEqual(await all([() => shared.run(double, 1), () => shared.run(double, 2)]), [2, 4]);
        const error = await failureOf(all([() => shared.run(fail, "RangeError"), () => shared.run(sleepLong)]));
        assert.ok(error instanceof RangeError, "the other was cancelled and waited for");
        assert.equal(await race([() => shared.run(echo, "quick")]), "quick");
        assert.equal(await any([() => shared.run(fail, "TypeError"), () => shared.run(echo, "kept")]), "kept");
        assertError(await failureOf(any([() => shared.run(fail, "TypeError")])), TaskGroupError, "ERR_BRIGADE_TASK_GROUP");
        const outcomes = await settled([() => shared.run(fail, "Error"), () => shared.run(echo, 1)]);
        assert.deepEqual(
          outcomes.map((outcome) => outcome.state),
          ["failed", "succeeded"],
        );
      },
    },
    {
      name: "race cancels the loser and waits for its cleanup",
      needs: ["parallel"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("loser");
        let loser: Task<unknown> | undefined;
        const winner = await race([
          async () => {
            loser = executor.run(tidies, key);
            await loser;
          },
          async () => {
            await entered(loser as Task<unknown>);
            return "won";
          },
        ]);
        assert.equal(winner, "won");
        assert.equal(loser?.state, "cancelled");
        assert.deepEqual(await executor.run(notes, key), ["tidy"]);
      },
    },
  ],
};
