import assert from "node:assert/strict";
import { TimeoutError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, failureOf, running, within } from "../ground.ts";
import {
  deadlineOfChild,
  echo,
  errorAfterCancel,
  hold,
  neverEnds,
  note,
  notes,
  remainingMs,
  sleepLong,
  stubborn,
  valueAfterCancel,
} from "../tasks.ts";

function assertTimeout(error: unknown, message?: RegExp): void {
  assertError(error, TimeoutError, "ERR_BRIGADE_TIMEOUT", message);
  assert.equal((error as Error).name, "TimeoutError");
}

export const time: Subject = {
  name: "timeouts and deadlines",
  cases: [
    {
      name: "a timeout ends what runs too long, as a failure and no cancellation",
      async run({ shared }) {
        const task = shared.with({ timeout: 30 }).run(sleepLong);
        assertTimeout(await failureOf(task), /sleepLong.*30 ms/);
        assert.equal(task.state, "failed");
        assert.equal(task.abandoned, false);
      },
    },
    {
      name: "a timeout counts running time only",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        await ground.inTime(async (clock) => {
          const door = ground.gate();
          const first = executor.run(hold, door.signal);
          await running(first);
          const second = executor.with({ timeout: 300 }).run(echo, "in time");
          await clock.pass(400);
          assert.equal(second.state, "waiting");
          door.open();
          assert.equal(await second, "in time");
        });
      },
    },
    {
      name: "a deadline counts from the submission: it ends what waits too, which never runs",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("late");
        const door = ground.gate();
        const first = executor.run(hold, door.signal);
        await running(first);
        const second = executor.with({ deadline: 30 }).run(note, key, "ran");
        assertTimeout(await failureOf(second), /note.*30 ms/);
        assert.equal(second.state, "failed");
        assert.equal(first.state, "running");
        door.open();
        await first;
        assert.deepEqual(await executor.run(notes, key), []);
      },
    },
    {
      name: "a deadline ends what runs",
      async run({ shared }) {
        const task = shared.with({ deadline: 300 }).run(sleepLong);
        assertTimeout(await failureOf(task), /sleepLong/);
      },
    },
    {
      name: "a deadline of nothing rejects before anything is taken",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("none");
        assertTimeout(await failureOf(executor.with({ deadline: 0 }).run(note, key, "ran")));
        assert.deepEqual(await executor.run(notes, key), []);
      },
    },
    {
      name: "of nested views the shorter deadline holds",
      async run({ shared }) {
        assertTimeout(await failureOf(shared.with({ deadline: 30 }).with({ deadline: 600_000 }).run(sleepLong)), /30 ms/);
        assertTimeout(await failureOf(shared.with({ deadline: 600_000 }).with({ deadline: 30 }).run(sleepLong)), /30 ms/);
      },
    },
    {
      name: "inside, the deadline is known; without one there is none",
      async run({ shared }) {
        assert.equal(await shared.run(remainingMs), undefined);
        const left = (await shared.with({ deadline: 60_000 }).run(remainingMs)) as number;
        assert.ok(left > 30_000 && left <= 61_000, `${left} ms are left`);
        const running = (await shared.with({ timeout: 60_000 }).run(remainingMs)) as number;
        assert.ok(running > 30_000 && running <= 61_000, `${running} ms are left`);
      },
    },
    {
      name: "a deadline is inherited by what the task submits, and never extended",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const left = (await executor.with({ deadline: 60_000 }).run(deadlineOfChild, executor, 600_000)) as number;
        assert.ok(left > 30_000 && left <= 61_000, `${left} ms are left`);
        const shorter = (await executor.with({ deadline: 600_000 }).run(deadlineOfChild, executor, 60_000)) as number;
        assert.ok(shorter > 30_000 && shorter <= 61_000, `${shorter} ms are left`);
      },
    },
    {
      name: "a value returned after the expiry wins, and so does another error",
      async run({ shared }) {
        assert.equal(await within(shared.with({ timeout: 30 }).run(valueAfterCancel), "it ends"), "kept");
        const error = await failureOf(shared.with({ timeout: 30 }).run(errorAfterCancel));
        assert.ok(error instanceof RangeError, String(error));
      },
    },
    {
      name: "code that ignores its expiry is given up at the end of its grace",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const door = ground.gate();
        const task = executor.with({ timeout: 30, grace: 50 }).run(stubborn, door.signal);
        assertTimeout(await failureOf(task));
        assert.equal(task.state, "failed");
        assert.equal(task.abandoned, !ground.has("preemption"));
        const promise = executor.with({ deadline: 200, grace: 50 }).run(neverEnds);
        assertTimeout(await failureOf(promise));
        assert.equal(await executor.run(echo, "next"), "next");
      },
    },
    {
      name: "a timeout that is not reached does nothing",
      async run({ shared }) {
        const view = shared.with({ timeout: 60_000, deadline: 60_000, grace: 10 });
        assert.equal(await view.run(echo, 1), 1);
        assert.equal(await shared.with({ timeout: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY }).run(echo, 2), 2);
      },
    },
  ],
};
