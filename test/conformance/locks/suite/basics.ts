// Acquiring, trying and releasing.
import assert from "node:assert/strict";
import type { WaitOptions } from "../../../../src/contract/waiting.ts";
import { timers } from "../../../../src/core/timers.ts";
import { coroutines } from "../../../../src/runtime/executors.ts";
import { quiet, rejection } from "../../../unit/core/support.ts";
import { type Case, watch } from "../case.ts";

export const basics: readonly Case[] = [
  {
    name: "a free lock is acquired at once, and is free again after the release",
    async run({ lock, isFree }) {
      const guard = await lock.acquire();
      assert.deepEqual([guard.held, isFree()], [true, false]);
      guard.release();
      assert.deepEqual([guard.held, isFree()], [false, true]);
    },
  },
  {
    name: "as many hold it at once as there is room for",
    async run({ lock, room, isFree }) {
      const guards = await Promise.all(Array.from({ length: Math.min(room, 50) }, () => lock.acquire()));
      assert.equal(lock.tryAcquire() === undefined, guards.length === room);
      for (const guard of guards) guard.release();
      if (guards.length === room) assert.equal(isFree(), true);
    },
  },
  {
    name: "tryAcquire gives a guard when the lock is free, and nothing when it would have to wait",
    async run({ lock, block, isFree }) {
      const blocking = block();
      assert.equal(lock.tryAcquire(), undefined);
      blocking.release();
      const guard = lock.tryAcquire();
      assert.equal(guard?.held, true);
      guard?.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "tryAcquire does not go past those who wait",
    async run({ lock, block }) {
      const blocking = block();
      const waiting = lock.acquire();
      assert.equal(lock.tryAcquire(), undefined);
      blocking.release();
      (await waiting).release();
    },
  },
  {
    name: "release counts once",
    needs: ["exclusive"],
    async run({ lock, block }) {
      const first = block();
      const second = lock.acquire();
      const third = lock.acquire();
      first.release();
      first.release();
      const held = await second;
      assert.equal(lock.tryAcquire(), undefined);
      first.release();
      assert.equal(held.held, true);
      assert.equal(watch(third).state, "pending");
      held.release();
      (await third).release();
    },
  },
  {
    name: "a guard is disposed of once, and after a release not again",
    async run({ lock, isFree }) {
      const guard = await lock.acquire();
      guard[Symbol.dispose]();
      assert.equal(guard.held, false);
      const next = await lock.acquire();
      guard[Symbol.dispose]();
      guard.release();
      assert.equal(next.held, true);
      next.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "whoever has the guard may release it, another task too",
    async run({ lock, isFree }) {
      const guard = await coroutines.run(() => lock.acquire());
      assert.equal(isFree(), false);
      await coroutines.run(() => guard.release());
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a task that ends without releasing leaves the lock held, for whoever has the guard",
    async run({ lock, block, isFree }) {
      let left = block();
      left.release();
      const task = coroutines.run(async () => {
        left = await lock.acquire();
        throw new RangeError("gone");
      });
      await rejection(task);
      assert.deepEqual([isFree(), left.held], [false, true]);
      left.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a lock works outside any task as in one",
    async run({ lock, isFree }) {
      const outside = await lock.acquire();
      outside.release();
      await coroutines.run(async () => (await lock.acquire()).release());
      assert.equal(await lock.with(() => coroutines.run(() => "inside")), "inside");
      assert.equal(isFree(), true);
    },
  },
  {
    name: "bad options are refused before anything is taken",
    async run({ lock, isFree }) {
      const wrong: readonly [WaitOptions, string, RegExp][] = [
        [{ timeout: -1 }, "RangeError", /option timeout must be a number of milliseconds/],
        [{ timeout: Number.NaN }, "RangeError", /option timeout/],
        [{ timeout: "1" as never }, "RangeError", /option timeout/],
        [{ signal: {} as never }, "TypeError", /option signal must be an AbortSignal/],
      ];
      let ran = 0;
      const count = () => {
        ran++;
      };
      for (const [options, name, message] of wrong) {
        await assert.rejects(lock.acquire(options), { name, message });
        await assert.rejects(lock.with(count, options), { name, message });
      }
      assert.deepEqual([ran, isFree()], [0, true]);
    },
  },
  {
    name: "undefined options are no options",
    async run({ lock, isFree }) {
      (await lock.acquire({ signal: undefined, timeout: undefined })).release();
      assert.equal(await lock.with(() => 1, { signal: undefined, timeout: undefined }), 1);
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a bound that is not reached leaves nothing behind",
    async run({ lock, block, isFree }) {
      const before = timers.nextAtMs;
      const { signal } = new AbortController();
      (await lock.acquire({ signal, timeout: 60_000 })).release();
      const blocking = block();
      const waiting = lock.acquire({ signal, timeout: 60_000 });
      blocking.release();
      (await waiting).release();
      assert.equal(timers.nextAtMs, before);
      assert.equal(isFree(), true);
    },
  },
  {
    name: "errors say which lock it was",
    async run({ lock, block }) {
      const blocking = block();
      await assert.rejects(lock.acquire({ timeout: 1 }), {
        name: "TimeoutError",
        message: /Waiting for the .* "subject" took longer than 1 ms/,
      });
      blocking.release();
    },
  },
  {
    name: "a loop over a free lock gives the event loop its turns",
    async run({ lock, isFree }) {
      let turns = 0;
      let going = true;
      const turn = () => {
        turns++;
        if (going) setImmediate(turn);
      };
      setImmediate(turn);
      // Until the loop has turned, however fast the machine is; without turns this would never end.
      while (turns < 3) (await lock.acquire()).release();
      while (turns < 6) await lock.with(() => undefined);
      going = false;
      await quiet();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "two tasks that hand the lock to each other give the event loop its turns",
    async run({ lock, block, isFree }) {
      let over = false;
      setImmediate(() => setImmediate(() => (over = true)));
      const blocking = block();
      const player = async () => {
        while (!over) {
          const guard = await lock.acquire();
          await undefined;
          guard.release();
        }
      };
      const players = [player(), player()];
      blocking.release();
      await Promise.all(players);
      assert.equal(isFree(), true);
    },
  },
];
