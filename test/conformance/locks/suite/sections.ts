// `with`: what it runs, when it releases.
import assert from "node:assert/strict";
import { currentTask } from "../../../../src/core/current-task.ts";
import { TaskLocal } from "../../../../src/core/task-local.ts";
import { coroutines } from "../../../../src/runtime/executors.ts";
import { gate, quiet, rejection } from "../../../unit/core/support.ts";
import type { Case } from "../case.ts";

const boom = () => {
  throw new RangeError("boom");
};

export const sections: readonly Case[] = [
  {
    name: "with returns what fn returns, awaited",
    async run({ lock, isFree }) {
      // biome-ignore lint/suspicious/noThenProperty: a foreign thenable is what this is about
      const thenable = { then: (resolve: (value: string) => void) => resolve("thenable") };
      assert.deepEqual(
        [
          await lock.with(() => 1),
          await lock.with(async () => 2),
          await lock.with(() => Promise.resolve(3)),
          await lock.with(() => thenable),
          await lock.with(() => coroutines.run(() => "task")),
          await lock.with(() => undefined),
        ],
        [1, 2, 3, "thenable", "task", undefined],
      );
      assert.equal(isFree(), true);
    },
  },
  {
    name: "with rejects with what fn throws, and the lock is free",
    async run({ lock, isFree }) {
      const throwing = {
        // biome-ignore lint/suspicious/noThenProperty: one that throws, too
        get then(): never {
          return boom();
        },
      };
      const failing: readonly (() => unknown)[] = [boom, async () => boom(), () => Promise.reject(new RangeError("boom")), () => throwing];
      for (const fn of failing) {
        assert.equal(((await rejection(lock.with(fn))) as Error).message, "boom");
        assert.equal(isFree(), true);
      }
      // Anything can be thrown.
      assert.equal(await rejection(lock.with(() => Promise.reject(undefined))), undefined);
      assert.equal(isFree(), true);
    },
  },
  {
    name: "the lock is held until what fn returned has settled",
    async run({ lock, block, isFree }) {
      const hold = gate<string>();
      const section = lock.with(() => hold.promise);
      await quiet();
      assert.throws(block);
      hold.open("over");
      assert.equal(await section, "over");
      assert.equal(isFree(), true);
    },
  },
  {
    name: "fn is entered inside the call when the lock is free, and later when it is not",
    async run({ lock, block }) {
      const log: string[] = [];
      const first = lock.with(() => {
        log.push("entered");
      });
      log.push("called");
      await first;
      const bounded = lock.with(
        () => {
          log.push("entered");
        },
        { timeout: 1_000 },
      );
      log.push("called");
      await bounded;
      const blocking = block();
      const second = lock.with(() => {
        log.push("entered");
      });
      log.push("called");
      blocking.release();
      log.push("released");
      await second;
      assert.deepEqual(log, ["entered", "called", "entered", "called", "called", "released", "entered"]);
    },
  },
  {
    name: "what is no function is refused before anything is taken",
    async run({ lock, isFree }) {
      for (const wrong of [undefined, 1, "work", {}, Promise.resolve()]) {
        await assert.rejects(lock.with(wrong as never), { name: "TypeError", message: /with needs a function/ });
      }
      assert.equal(isFree(), true);
    },
  },
  {
    name: "fn runs in the caller's context, whoever released the lock",
    async run({ lock, block }) {
      const local = new TaskLocal<string>("who", "nobody");
      const blocking = block();
      const names = ["ann", "ben"].map((name) =>
        local.run(name, () =>
          coroutines.with({ name }).run(() =>
            lock.with(async () => {
              const before = [local.get(), currentTask().name];
              await undefined;
              return [...before, local.get(), currentTask().name].join();
            }),
          ),
        ),
      );
      await quiet();
      local.run("releaser", () => blocking.release());
      assert.deepEqual(await Promise.all(names), ["ann,ann,ann,ann", "ben,ben,ben,ben"]);
    },
  },
  {
    name: "a failure that nobody takes care of is reported, not swallowed",
    async run({ lock, isFree }) {
      const reported: unknown[] = [];
      const report = (error: unknown) => {
        reported.push(error);
      };
      const others = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      process.on("unhandledRejection", report);
      try {
        void lock.with(async () => boom());
        void lock.with(boom);
        await quiet();
      } finally {
        process.off("unhandledRejection", report);
        for (const other of others) process.on("unhandledRejection", other);
      }
      assert.deepEqual(reported.map(String), ["RangeError: boom", "RangeError: boom"]);
      assert.equal(isFree(), true);
    },
  },
  {
    name: "sections of one lock do not overlap beyond its room",
    async run({ lock, room, isFree }) {
      let inside = 0;
      let most = 0;
      const work = () =>
        lock.with(async () => {
          most = Math.max(most, ++inside);
          // Longer than it takes all of them to start, in however many turns of the event loop that is.
          await quiet(8);
          inside--;
        });
      await Promise.all(Array.from({ length: 40 }, () => coroutines.run(work)));
      assert.equal(most, Math.min(room, 40));
      assert.equal(isFree(), true);
    },
  },
];
