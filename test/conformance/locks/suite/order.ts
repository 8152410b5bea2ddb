// Who is next: first in, first out, by direct hand-off.
import assert from "node:assert/strict";
import type { Guard } from "../../../../src/contract/sync.ts";
import { coroutines } from "../../../../src/runtime/executors.ts";
import { quiet, rejection } from "../../../unit/core/support.ts";
import type { Case } from "../case.ts";

export const order: readonly Case[] = [
  {
    name: "those who wait are served in the order in which they came",
    async run({ lock, block }) {
      const blocking = block();
      const log: number[] = [];
      const waiting = Array.from({ length: 20 }, async (_, index) => {
        const guard = await lock.acquire();
        log.push(index);
        await undefined;
        guard.release();
      });
      await quiet();
      assert.deepEqual(log, []);
      blocking.release();
      await Promise.all(waiting);
      assert.deepEqual(log, [...log.keys()]);
    },
  },
  {
    name: "with and acquire stand in one line",
    async run({ lock, block }) {
      const blocking = block();
      const log: string[] = [];
      const waiting = ["acquire", "with", "acquire", "with"].map(async (how, index) => {
        const note = async () => {
          log.push(`${how} ${index}`);
          await undefined;
        };
        if (how === "with") return lock.with(note);
        const guard = await lock.acquire();
        await note();
        guard.release();
      });
      blocking.release();
      await Promise.all(waiting);
      assert.deepEqual(log, ["acquire 0", "with 1", "acquire 2", "with 3"]);
    },
  },
  {
    name: "what is released belongs to the next before any other code runs",
    needs: ["exclusive"],
    async run({ lock, block }) {
      const blocking = block();
      const waiting = lock.acquire();
      blocking.release();
      assert.equal(lock.tryAcquire(), undefined);
      const guard = await waiting;
      assert.equal(guard.held, true);
      guard.release();
    },
  },
  {
    name: "a newcomer does not overtake, not even in the tick of the release",
    needs: ["exclusive"],
    async run({ lock, block }) {
      const blocking = block();
      const log: string[] = [];
      const note = (name: string) => (guard: Guard) => {
        log.push(name);
        guard.release();
      };
      const first = lock.acquire().then(note("first"));
      blocking.release();
      const newcomer = lock.acquire().then(note("newcomer"));
      await Promise.all([first, newcomer]);
      assert.deepEqual(log, ["first", "newcomer"]);
    },
  },
  {
    name: "whoever releases and comes again stands behind",
    needs: ["exclusive"],
    async run({ lock }) {
      const log: string[] = [];
      const player = (name: string) => async () => {
        for (let round = 0; round < 3; round++) {
          const guard = await lock.acquire();
          log.push(name);
          guard.release();
        }
      };
      await Promise.all([coroutines.run(player("a")), coroutines.run(player("b")), coroutines.run(player("c"))]);
      assert.equal(log.join(""), "abcabcabc");
    },
  },
  {
    name: "one that leaves from the middle leaves the order of the others alone",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const log: number[] = [];
      const controllers = Array.from({ length: 9 }, () => new AbortController());
      const waiting = controllers.map(async ({ signal }, index) => {
        const guard = await lock.acquire({ signal });
        log.push(index);
        guard.release();
      });
      const settled = Promise.allSettled(waiting);
      for (const index of [4, 0, 8, 3]) controllers[index]?.abort();
      blocking.release();
      const outcomes = await settled;
      assert.deepEqual(log, [1, 2, 5, 6, 7]);
      assert.deepEqual(
        outcomes.map(({ status }) => status === "rejected"),
        [...outcomes.keys()].map((index) => [0, 3, 4, 8].includes(index)),
      );
      assert.equal(isFree(), true);
    },
  },
  {
    name: "ten thousand wait, and each is served or cancelled, once",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const stop = new AbortController();
      const counts = { served: 0, cancelled: 0 };
      const waiting = Array.from({ length: 10_000 }, async (_, index) => {
        try {
          const guard = await lock.acquire(index % 3 === 0 ? { signal: stop.signal } : undefined);
          counts.served++;
          guard.release();
        } catch {
          counts.cancelled++;
        }
      });
      stop.abort();
      blocking.release();
      await Promise.all(waiting);
      assert.deepEqual(counts, { served: 6_666, cancelled: 3_334 });
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a failing holder hands over like any other",
    async run({ lock, isFree }) {
      const failing = rejection(
        lock.with(async () => {
          await undefined;
          throw new RangeError("broken");
        }),
      );
      const next = lock.with(() => "next");
      assert.equal(((await failing) as Error).message, "broken");
      assert.equal(await next, "next");
      assert.equal(isFree(), true);
    },
  },
];
