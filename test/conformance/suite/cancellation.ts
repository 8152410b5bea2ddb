import assert from "node:assert/strict";
import { CancelledError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, entered, failureOf, firstReport, running, until, within } from "../ground.ts";
import {
  checkpoints,
  checkpointsSync,
  echo,
  errorAfterCancel,
  hold,
  holdNoting,
  levelTriggered,
  note,
  notes,
  sleepLong,
  stubborn,
  stubbornFailure,
  tidies,
  valueAfterCancel,
  witness,
} from "../tasks.ts";

function assertCancelled(error: unknown, message?: RegExp): asserts error is CancelledError {
  assertError(error, CancelledError, "ERR_BRIGADE_CANCELLED", message);
  assert.equal(error.name, "AbortError");
}

export const cancellation: Subject = {
  name: "cancellation",
  cases: [
    {
      name: "before its start: it never runs",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("early");
        const task = executor.run(note, key, "ran");
        task.cancel("not wanted");
        const error = await failureOf(task);
        assertCancelled(error, /not wanted/);
        assert.equal(error.cause, "not wanted");
        assert.equal(task.state, "cancelled");
        assert.deepEqual(await executor.run(notes, key), []);
      },
    },
    {
      name: "while its worker starts: it never runs",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("starting");
        const task = executor.run(note, key, "ran");
        await new Promise((resolve) => setImmediate(resolve));
        if (ground.has("workers")) {
          assert.equal(task.state, "waiting");
          task.cancel();
          assertCancelled(await failureOf(task));
          assert.deepEqual(await executor.run(notes, key), []);
        } else await task;
      },
    },
    {
      name: "while it waits behind another: it never runs, and the other goes on",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("queued");
        const door = ground.gate();
        const first = executor.run(hold, door.signal, "first");
        await entered(first);
        const second = executor.run(note, key, "ran");
        second.cancel();
        assertCancelled(await failureOf(second));
        assert.equal(first.state, "running");
        assert.equal(executor.statistics().waiting, 0);
        door.open();
        assert.equal(await first, "first");
        assert.deepEqual(await executor.run(notes, key), []);
      },
    },
    {
      name: "while it sleeps: it wakes, and its state tells the way",
      async run({ shared }) {
        const task = shared.run(sleepLong);
        await entered(task);
        task.cancel("enough");
        assert.equal(task.state, "cancelling");
        const error = await failureOf(task);
        assertCancelled(error, /enough/);
        assert.equal(task.state, "cancelled");
        assert.equal(task.abandoned, false);
      },
    },
    {
      name: "the reason is kept, and one that is a CancelledError is the error itself",
      async run({ shared }) {
        const reason = new RangeError("because");
        const task = shared.run(sleepLong);
        task.cancel(reason);
        assert.strictEqual(((await failureOf(task)) as Error).cause, reason);
        const own = new CancelledError("mine");
        const other = shared.run(sleepLong);
        await entered(other);
        other.cancel(own);
        assert.strictEqual(await failureOf(other), own);
      },
    },
    {
      name: "inside, the signal is aborted with the same reason",
      async run({ shared }) {
        const task = shared.run(witness);
        await entered(task);
        task.cancel(new RangeError("why"));
        const seen = (await within(task, "the witness tells")) as Record<string, unknown>;
        assert.equal(seen["cancelled"], true);
        assert.equal(seen["name"], "AbortError");
        assert.equal(seen["code"], "ERR_BRIGADE_CANCELLED");
        assert.equal(seen["cause"], "why");
        assert.match(String(seen["message"]), /why/);
        assert.equal(task.state, "succeeded", "the value that it returned wins");
      },
    },
    {
      name: "is idempotent, and nothing once the task is over",
      async run({ shared }) {
        const task = shared.run(sleepLong);
        await entered(task);
        task.cancel("first");
        task.cancel("second");
        assertCancelled(await failureOf(task), /first/);
        task.cancel("third");
        assertCancelled(await failureOf(task), /first/);
        const done = shared.run(echo, "done");
        assert.equal(await done, "done");
        done.cancel();
        assert.equal(done.state, "succeeded");
        assert.equal(await done, "done");
      },
    },
    {
      name: "a value returned after the cancel wins",
      async run({ shared }) {
        const task = shared.run(valueAfterCancel);
        await entered(task);
        task.cancel();
        assert.equal(await within(task, "it ends"), "kept");
        assert.equal(task.state, "succeeded");
      },
    },
    {
      name: "another error thrown after the cancel wins",
      async run({ shared }) {
        const task = shared.run(errorAfterCancel);
        await entered(task);
        task.cancel();
        const error = await failureOf(task);
        assert.ok(error instanceof RangeError);
        assert.equal(task.state, "failed");
      },
    },
    {
      name: "is level-triggered: every later operation throws it again, except in a shield",
      async run({ shared }) {
        const task = shared.run(levelTriggered);
        await entered(task);
        task.cancel();
        assert.deepEqual(await within(task, "it ends"), [
          "sleep AbortError",
          "again AbortError",
          "checkpoint AbortError",
          "checkpointSync AbortError",
          "shield went on",
        ]);
      },
    },
    {
      name: "reaches a loop of checkpoints",
      async run({ shared }) {
        const task = shared.run(checkpoints);
        await running(task);
        task.cancel();
        assertCancelled(await failureOf(task));
        assert.equal(task.abandoned, false);
      },
    },
    {
      name: "reaches a loop of checkpointSync, whose worker lives on",
      needs: ["preemption"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("same worker");
        await executor.run(note, key, "here");
        const task = executor.run(checkpointsSync);
        await running(task);
        task.cancel();
        assertCancelled(await failureOf(task));
        assert.deepEqual(await executor.run(notes, key), ["here"]);
        assert.equal(executor.statistics().lost, 0);
      },
    },
    {
      name: "stop waits for the finalizers",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("tidy");
        const task = executor.run(tidies, key);
        await entered(task);
        await within(task.stop(), "it stops");
        assert.equal(task.state, "cancelled");
        assert.deepEqual(await executor.run(notes, key), ["tidy"]);
      },
    },
    {
      name: "a signal cancels; an aborted one before anything is taken",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("signal");
        const early = executor.with({ signal: AbortSignal.abort(new RangeError("early")) }).run(note, key, "ran");
        const error = await failureOf(early);
        assertCancelled(error);
        assert.ok(error.cause instanceof RangeError);
        const controller = new AbortController();
        const task = executor.with({ signal: controller.signal }).run(sleepLong);
        const queued = executor.with({ signal: controller.signal }).run(note, key, "ran");
        await entered(task);
        controller.abort("by signal");
        assertCancelled(await failureOf(task), /by signal/);
        assertCancelled(await failureOf(queued), /by signal/);
        assert.deepEqual(await executor.run(notes, key), []);
      },
    },
    {
      name: "views nest: any of their signals cancels",
      async run({ shared }) {
        const outer = new AbortController();
        const inner = new AbortController();
        const view = shared.with({ signal: outer.signal }).with({ signal: inner.signal });
        const one = view.run(sleepLong);
        await entered(one);
        outer.abort("outer");
        assertCancelled(await failureOf(one), /outer/);
        const two = shared.with({ signal: inner.signal }).run(sleepLong);
        await entered(two);
        inner.abort("inner");
        assertCancelled(await failureOf(two), /inner/);
      },
    },
    {
      name: "code that ignores it holds its task only until the end of the grace",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const task = executor.with({ grace: 50 }).run(stubborn, door.signal, "too late");
        await entered(task);
        task.cancel("now");
        assertCancelled(await failureOf(task), /now/);
        assert.equal(task.state, "cancelled");
        // Where the worker can be killed nothing is left; elsewhere the code goes on and is counted until it returns.
        assert.equal(task.abandoned, !ground.has("preemption"));
        assert.equal(await within(executor.run(echo, "next"), "the place is free again"), "next");
        if (!ground.has("preemption")) {
          assert.equal(executor.statistics().running, 1, "abandoned code is counted");
          door.open();
          await until(() => executor.statistics().running === 0, "it returns at last");
          assert.equal(task.state, "cancelled", "its value comes too late");
        } else assert.equal(executor.statistics().lost, 1);
      },
    },
    {
      name: "an unlimited grace waits for the code",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const view = executor.with({ grace: Number.POSITIVE_INFINITY });
        const kept = view.run(stubborn, door.signal, "kept");
        await entered(kept);
        kept.cancel();
        const failing = ground.open({ size: 1 }).with({ grace: Number.POSITIVE_INFINITY }).run(stubbornFailure, door.signal);
        const failure = failureOf(failing);
        await entered(failing);
        failing.cancel();
        assert.deepEqual([kept.state, failing.state], ["cancelling", "cancelling"]);
        door.open();
        assert.equal(await within(kept, "it ends"), "kept");
        assert.ok((await failure) instanceof RangeError);
      },
    },
    {
      name: "a grace of nothing gives no time at all",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const task = executor.with({ grace: 0 }).run(stubborn, door.signal);
        await entered(task);
        task.cancel();
        assertCancelled(await failureOf(task));
        assert.equal(await executor.run(echo, 1), 1);
      },
    },
    {
      name: "whoever awaits a task that somebody else cancelled fails with its error",
      async run({ shared, gate }) {
        const door = gate();
        const task = shared.run(hold, door.signal);
        await entered(task);
        const awaiting = [task.then(() => "value"), Promise.all([task]), (async () => await task)()].map((each) => failureOf(each));
        task.cancel("elsewhere");
        for (const error of await Promise.all(awaiting)) assertCancelled(error, /elsewhere/);
      },
    },
    {
      name: "two cancelled separately each see their own",
      needs: ["parallel"],
      async run({ shared }) {
        const one = shared.run(witness);
        const two = shared.run(witness);
        await entered(one, two);
        one.cancel(new Error("first"));
        two.cancel(new Error("second"));
        assert.deepEqual(
          (await Promise.all([one, two])).map((seen) => seen.cause),
          ["first", "second"],
        );
      },
    },
    {
      name: "cancelling one of many leaves the others alone",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const key = ground.file("others");
        const door = ground.gate();
        const tasks = [0, 1, 2, 3, 4, 5].map((n) => executor.run(holdNoting, door.signal, `${key}${n}`));
        await entered(tasks[0] as (typeof tasks)[0]);
        for (const n of [1, 3, 5]) tasks[n]?.cancel();
        door.open();
        const outcomes = await within(Promise.allSettled(tasks), "all end");
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled", "rejected"],
        );
      },
    },
    {
      name: "after it, the same executor works",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        for (let round = 0; round < 20; round++) {
          const task = executor.run(sleepLong);
          if (round % 2 === 0) await entered(task);
          task.cancel();
          assertCancelled(await failureOf(task));
          assert.equal(await executor.run(echo, round), round);
        }
      },
    },
    {
      name: "the first report can be waited for, and then the cancel",
      async run({ shared, gate }) {
        const door = gate();
        const task = shared.run(hold, door.signal);
        assert.equal(await within(firstReport(task), "it reports"), "held");
        task.cancel();
        assertCancelled(await failureOf(task));
      },
    },
  ],
};
