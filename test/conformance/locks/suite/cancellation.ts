// Cancel xor effect: while waiting, in the tick of the grant, while holding; by the task, by a signal, by time.
import assert from "node:assert/strict";
import { CancelledError, TimeoutError } from "../../../../src/contract/errors.ts";
import { checkpoint } from "../../../../src/core/checkpoint.ts";
import { withTaskGroup } from "../../../../src/core/group.ts";
import { timers } from "../../../../src/core/timers.ts";
import { shield, sleep, timeout } from "../../../../src/core/waiting.ts";
import { coroutines } from "../../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "../../../unit/core/support.ts";
import { type Case, watch } from "../case.ts";

export const cancellation: readonly Case[] = [
  {
    name: "a cancelled task leaves the line, and the lock goes to the next",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const first = coroutines.run(() => lock.acquire());
      const second = coroutines.run(() => lock.acquire());
      await quiet();
      first.cancel();
      assert.equal((await rejection(first)) instanceof CancelledError, true);
      blocking.release();
      (await second).release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a signal ends the wait with its reason",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const controller = new AbortController();
      const waiting = lock.acquire({ signal: controller.signal });
      controller.abort("enough");
      const error = await rejection(waiting);
      assert.deepEqual([error instanceof CancelledError, (error as CancelledError).cause], [true, "enough"]);
      blocking.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a timeout ends the wait, and not before its time",
    async run({ lock, block, isFree }) {
      await withVirtualClock(async (clock) => {
        const blocking = block();
        const waiting = lock.acquire({ timeout: 50 });
        const seen = watch(waiting);
        await clock.advance(49);
        assert.equal(seen.state, "pending");
        await clock.advance(1);
        assert.equal((await rejection(waiting)) instanceof TimeoutError, true);
        blocking.release();
        assert.equal(isFree(), true);
      });
    },
  },
  {
    name: "a timeout of 0 takes a free lock, and waits for none",
    async run({ lock, block, isFree }) {
      (await lock.acquire({ timeout: 0 })).release();
      const blocking = block();
      assert.equal((await rejection(lock.acquire({ timeout: 0 }))) instanceof TimeoutError, true);
      blocking.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a timeout limits the wait and not the hold",
    async run({ lock, isFree }) {
      await withVirtualClock(async (clock) => {
        assert.equal(
          await lock.with(
            async () => {
              await sleep(1_000);
              return clock.now;
            },
            { timeout: 10 },
          ),
          1_000,
        );
        const guard = await lock.acquire({ timeout: 10 });
        await clock.advance(100);
        assert.equal(guard.held, true);
        guard.release();
        assert.equal(isFree(), true);
      });
    },
  },
  {
    name: "an aborted signal rejects before anything is taken, from a free lock too",
    async run({ lock, isFree }) {
      const signal = AbortSignal.abort("too late");
      const error = await rejection(lock.acquire({ signal }));
      assert.deepEqual([error instanceof CancelledError, (error as CancelledError).cause], [true, "too late"]);
      let ran = false;
      await rejection(
        lock.with(
          () => {
            ran = true;
          },
          { signal },
        ),
      );
      assert.deepEqual([ran, isFree()], [false, true]);
    },
  },
  {
    name: "in a cancelled scope nothing is acquired, again and again",
    async run({ lock, isFree }) {
      const hold = gate();
      const task = coroutines.run(async () => {
        await hold.promise;
        const errors = [await rejection(lock.acquire()), await rejection(lock.acquire()), await rejection(lock.with(() => 1))];
        return errors.map((error) => error instanceof CancelledError);
      });
      await quiet();
      task.cancel();
      hold.open();
      assert.deepEqual([await task, isFree()], [[true, true, true], true]);
    },
  },
  {
    name: "cancelled, then released, in one tick: the next gets it",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const task = coroutines.run(() => lock.acquire());
      await quiet();
      const next = lock.acquire();
      task.cancel();
      blocking.release();
      assert.equal((await rejection(task)) instanceof CancelledError, true);
      (await next).release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "released, then cancelled, in one tick: the grant stands and the cancel is thrown by what comes next",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const task = coroutines.run(async () => {
        const guard = await lock.acquire();
        const error = await rejection(checkpoint());
        guard.release();
        return error;
      });
      await quiet();
      blocking.release();
      task.cancel("after the grant");
      assert.equal(((await task) as CancelledError).cause, "after the grant");
      assert.equal(isFree(), true);
    },
  },
  {
    name: "aborted, then released, and released, then aborted: what happened first holds",
    async run({ lock, block, isFree }) {
      for (const abortFirst of [true, false]) {
        const blocking = block();
        const controller = new AbortController();
        const waiting = lock.acquire({ signal: controller.signal });
        const steps = [() => controller.abort(), () => blocking.release()];
        for (const step of abortFirst ? steps : steps.reverse()) step();
        if (abortFirst) assert.equal((await rejection(waiting)) instanceof CancelledError, true);
        else (await waiting).release();
        assert.equal(isFree(), true);
      }
    },
  },
  {
    name: "timed out and released at one instant: what happened first holds",
    async run({ lock, block, isFree }) {
      await withVirtualClock(async (clock) => {
        for (const releaseFirst of [true, false]) {
          const blocking = block();
          if (releaseFirst) timers.set(10, () => blocking.release());
          const waiting = lock.acquire({ timeout: 10 });
          const seen = watch(waiting);
          if (!releaseFirst) timers.set(10, () => blocking.release());
          await clock.advance(10);
          assert.equal(seen.state, releaseFirst ? "done" : "TimeoutError");
          if (releaseFirst) (await waiting).release();
          assert.equal(isFree(), true);
        }
      });
    },
  },
  {
    name: "granted, then cancelled, before a section has begun: it does not begin, and the lock goes on",
    async run({ lock, block, isFree }) {
      const blocking = block();
      let ran = false;
      const task = coroutines.run(() =>
        lock.with(() => {
          ran = true;
        }),
      );
      await quiet();
      const next = lock.acquire();
      blocking.release();
      task.cancel();
      assert.equal((await rejection(task)) instanceof CancelledError, true);
      (await next).release();
      assert.deepEqual([ran, isFree()], [false, true]);
    },
  },
  {
    name: "a cancelled task keeps the lock until its section has settled",
    async run({ lock, block }) {
      const hold = gate();
      const task = coroutines.run(() =>
        lock.with(async () => {
          await forever().catch(() => {});
          // Code that nothing can interrupt.
          await hold.promise;
          return "settled";
        }),
      );
      await quiet();
      task.cancel();
      await quiet();
      assert.throws(block);
      hold.open();
      assert.equal(await task, "settled");
      block().release();
    },
  },
  {
    name: "an abandoned task keeps the lock until its section has settled",
    async run({ lock, block }) {
      await withVirtualClock(async () => {
        const hold = gate();
        const task = coroutines.with({ grace: 10 }).run(() => lock.with(() => hold.promise));
        await quiet();
        task.cancel();
        await rejection(task);
        assert.equal(task.abandoned, true);
        assert.throws(block);
        hold.open();
        await quiet();
        block().release();
      });
    },
  },
  {
    name: "a deadline ends the wait with TimeoutError",
    async run({ lock, block, isFree }) {
      await withVirtualClock(async () => {
        const blocking = block();
        assert.equal((await rejection(timeout(30, () => lock.acquire()))) instanceof TimeoutError, true);
        assert.equal((await rejection(coroutines.with({ deadline: 30 }).run(() => lock.acquire()))) instanceof TimeoutError, true);
        blocking.release();
        assert.equal(isFree(), true);
      });
    },
  },
  {
    name: "a shielded wait is not cancelled with the task around it",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const task = coroutines.run(() => shield(async () => (await lock.acquire()).release()));
      await quiet();
      task.cancel();
      await quiet();
      blocking.release();
      await task;
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a failing sibling cancels the waiters of its group, and the lock stays whole",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const error = await rejection(
        withTaskGroup(async (group) => {
          for (let index = 0; index < 5; index++) group.run(() => lock.with(() => index));
          group.run(async () => {
            await quiet();
            throw new RangeError("sibling");
          });
        }),
      );
      assert.deepEqual((error as AggregateError).errors.map(String), ["RangeError: sibling"]);
      blocking.release();
      assert.equal(isFree(), true);
    },
  },
];
