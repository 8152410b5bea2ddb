import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { CancelledError } from "../../../src/runtime/index.ts";
import type { Subject } from "../case.ts";
import { assertError, failureOf, running, until, within } from "../ground.ts";
import { double, fanOut, hold, later, noteItem, notes, sleepLong, tidiesInFile } from "../tasks.ts";
import { failOn } from "../tasks-faults.ts";

const numbers = (count: number): number[] => [...new Array(count).keys()];

/** A source that tells what was taken from it and whether it was closed. */
function source<T>(items: readonly T[]) {
  const state = { taken: 0, closed: 0 };
  const iterable = {
    *[Symbol.iterator]() {
      try {
        for (const item of items) {
          state.taken++;
          yield item;
        }
      } finally {
        state.closed++;
      }
    },
  };
  return { state, iterable };
}

export const mapCases: Subject = {
  name: "map",
  cases: [
    {
      name: "gives all values in input order",
      async run({ shared }) {
        assert.deepEqual(
          await shared.map(double, numbers(100)),
          numbers(100).map((n) => n * 2),
        );
        assert.deepEqual(await shared.map(double, []), []);
        assert.deepEqual(await shared.map(later, new Set(["a", "b"])), ["a", "b"]);
      },
    },
    {
      name: "gives them one by one",
      async run({ shared }) {
        const seen: number[] = [];
        for await (const value of shared.map(double, numbers(20))) seen.push(value);
        assert.deepEqual(
          seen,
          numbers(20).map((n) => n * 2),
        );
      },
    },
    {
      name: "takes an asynchronous source",
      async run({ shared }) {
        async function* slowly() {
          for (const n of numbers(10)) {
            await undefined;
            yield n;
          }
        }
        assert.deepEqual(
          await shared.map(double, slowly()),
          numbers(10).map((n) => n * 2),
        );
      },
    },
    {
      name: "thousands of items, each once, in whatever chunks",
      async run({ shared }) {
        const expected = numbers(3_000).map((n) => n * 2);
        assert.deepEqual(await within(shared.map(double, numbers(3_000)), "it ends"), expected);
        assert.deepEqual(await within(shared.map(double, numbers(3_000), { concurrency: 64 }), "it ends"), expected);
        assert.deepEqual(await within(shared.map(double, numbers(3_000), { chunk: 100 }), "it ends"), expected);
        const unordered = await within(shared.map(double, numbers(3_000), { concurrency: 50, ordered: false }), "it ends");
        assert.deepEqual(
          [...unordered].sort((a, b) => a - b),
          expected,
        );
      },
    },
    {
      name: "takes at most `concurrency` items ahead of its reader",
      async run({ shared }) {
        const { state, iterable } = source(numbers(30));
        const reader = shared.map(double, iterable, { concurrency: 3 })[Symbol.asyncIterator]();
        for (let read = 0; read < 30; read++) {
          assert.equal((await reader.next()).value, read * 2);
          await until(() => state.taken === Math.min(30, read + 4), "it takes what it may");
          await new Promise((resolve) => setImmediate(resolve));
          assert.ok(state.taken <= read + 4, `${state.taken} taken after ${read + 1} were read`);
        }
        assert.equal((await reader.next()).done, true);
        assert.equal(state.closed, 1);
      },
    },
    {
      name: "unordered gives what is finished first",
      needs: ["parallel"],
      async run({ shared, gate }) {
        const doors = [gate(), gate()] as const;
        const results = shared.map(hold, [doors[0].signal, doors[1].signal], { concurrency: 2, ordered: false, chunk: 1 });
        const values = results[Symbol.asyncIterator]();
        const first = values.next();
        doors[1].open();
        await within(first, "the second item is given first");
        doors[0].open();
        await within(values.next(), "then the first");
        assert.equal((await values.next()).done, true);
      },
    },
    {
      name: "the first failure cancels the rest, waits for it, closes the source and rejects",
      async run(ground) {
        const { shared } = ground;
        const { state, iterable } = source(numbers(1_000));
        const error = await failureOf(shared.map(failOn, iterable, { concurrency: 4, chunk: 1 }));
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, "item 3");
        assert.equal(state.closed, 1);
        assert.ok(state.taken < 50, `${state.taken} items were taken`);
      },
    },
    {
      name: "values before the failure can be read",
      async run({ shared }) {
        const seen: number[] = [];
        const error = await failureOf(
          (async () => {
            for await (const value of shared.map(failOn, numbers(10), { concurrency: 1, chunk: 1 })) seen.push(value);
          })(),
        );
        assert.ok(error instanceof RangeError);
        assert.deepEqual(seen, [0, 1, 2]);
      },
    },
    {
      name: "leaving the loop cancels what is on its way, waits for it, and closes the source",
      needs: ["parallel"],
      async run(ground) {
        const executor = ground.open({ size: 2 });
        const { state, iterable } = source([1, 600_000, 600_000]);
        for await (const value of executor.map(sleepLong, iterable, { concurrency: 2, chunk: 1 })) {
          assert.equal(value, "slept");
          break;
        }
        assert.equal(state.closed, 1);
        assert.equal(executor.statistics().running, 0);
      },
    },
    {
      name: "an abandoned map waits for the cleanup of its items",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const path = ground.file("map");
        const iterator = executor.map(tidiesInFile, [path])[Symbol.asyncIterator]();
        void iterator.next().catch(() => {});
        await until(() => existsSync(path), "it runs");
        await within(Promise.resolve(iterator.return?.()), "it ends");
        assert.equal(readFileSync(path, "utf8"), "entered, tidy");
      },
    },
    {
      name: "a source that throws ends the map with its error",
      async run({ shared }) {
        function* broken() {
          yield 1;
          throw new RangeError("source");
        }
        const error = await failureOf(shared.map(double, broken()));
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, "source");
      },
    },
    {
      name: "a signal of the view cancels it",
      async run(ground) {
        const { shared } = ground;
        const controller = new AbortController();
        const waiting = failureOf(shared.with({ signal: controller.signal }).map(sleepLong, [600_000, 600_000]));
        await new Promise((resolve) => setImmediate(resolve));
        controller.abort("enough");
        assertError(await waiting, CancelledError, "ERR_BRIGADE_CANCELLED", /enough/);
      },
    },
    {
      name: "can be read once, and refuses wrong options and sources",
      async run({ shared }) {
        const results = shared.map(double, [1]);
        assert.deepEqual(await results, [2]);
        assert.throws(() => results[Symbol.asyncIterator](), TypeError);
        assert.throws(() => shared.map(double, [1], { concurrency: 0 }), RangeError);
        assert.throws(() => shared.map(double, [1], { chunk: 0 }), RangeError);
        assert.ok((await failureOf(shared.map(double, 5 as never))) instanceof TypeError);
        assert.ok((await failureOf(shared.map(undefined as never, [1]))) instanceof TypeError);
      },
    },
    {
      name: "calls in input order where one runs at a time",
      async run(ground) {
        const executor = ground.open({ size: 1 });
        const key = ground.file("order");
        await executor.map(
          noteItem,
          numbers(50).map((n) => [key, n] as const),
        );
        assert.deepEqual(await executor.run(notes, key), numbers(50));
      },
    },
    {
      name: "a map inside a task, over the same executor",
      async run(ground) {
        const executor = ground.open({ size: 2 });
        assert.deepEqual(
          await within(executor.run(fanOut, executor, 20), "it ends"),
          numbers(20).map((n) => n * 2),
        );
      },
    },
    {
      name: "several at once share the executor",
      async run({ shared }) {
        const maps = numbers(5).map((n) =>
          shared.map(
            double,
            numbers(50).map((m) => m + n),
          ),
        );
        const results = await within(Promise.all(maps), "all end");
        for (const [n, values] of results.entries()) {
          assert.deepEqual(
            values,
            numbers(50).map((m) => (m + n) * 2),
          );
        }
      },
    },
    {
      name: "nobody reads: nothing beyond the window is taken",
      async run({ shared, gate }) {
        const { state, iterable } = source(numbers(100));
        const results = shared.map(double, iterable, { concurrency: 5 });
        await until(() => state.taken === 5, "the window is filled");
        const blocker = shared.run(hold, gate().signal);
        await running(blocker);
        assert.equal(state.taken, 5);
        blocker.cancel();
        assert.equal((await within(results, "it is read at last")).length, 100);
      },
    },
  ],
};
