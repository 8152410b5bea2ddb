// map and its results: order, the window, sources of every kind, ends of every kind.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TimeoutError } from "../../../src/contract/errors.ts";
import { map } from "../../../src/core/map.ts";
import { MapResults } from "../../../src/core/results.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines, serial } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { collect, forever, gate, quiet, rejection, Source } from "./support.ts";

test("all at once with await, or one by one with a loop, in input order", async () => {
  const square = async (n: number) => n * n;
  assert.deepEqual(await map([1, 2, 3], square), [1, 4, 9]);
  assert.deepEqual(await collect(map([1, 2, 3], square)), [1, 4, 9]);
  assert.deepEqual(await map(new Set([4, 5]), square, { concurrency: 1 }), [16, 25]);
  assert.deepEqual(await map([], square), []);
  assert.deepEqual(await collect(map([], square)), []);
});

test("any source gives every item once: sync and async, any window, ordered or not, read in any way", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(20), { maxLength: 30 }),
      fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (delays, concurrency, ordered, asynchronous, loop) => {
        await withVirtualClock(async () => {
          const source = asynchronous
            ? (async function* () {
                for (const [index, ms] of delays.entries()) {
                  await sleep(ms);
                  yield [index, ms] as const;
                }
              })()
            : delays.entries();
          const results = map(
            source as Iterable<readonly [number, number]>,
            async ([index, ms]) => {
              await sleep(ms);
              return index;
            },
            { concurrency, ordered },
          );
          const values = loop ? await collect(results) : await results;
          assert.deepEqual(ordered ? values : values.toSorted((a, b) => a - b), [...delays.keys()]);
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("it starts on the next tick, never inside the call", async () => {
  const source = new Source([1, 2]);
  const results = map(source, (n) => n);
  assert.equal(source.opened, 0);
  assert.deepEqual(await results, [1, 2]);
  assert.equal(source.closed, 1);
});

test("order of completion on request", async () => {
  await withVirtualClock(async () => {
    const wait = async (ms: number) => {
      await sleep(ms);
      return ms;
    };
    assert.deepEqual(await map([30, 10, 20], wait, { ordered: false }), [10, 20, 30]);
    assert.deepEqual(await map([30, 10, 20], wait), [30, 10, 20]);
  });
});

test("look-ahead never goes beyond the window: items taken and not yet read", async () => {
  for (const concurrency of [1, 2, 5]) {
    for (const ordered of [true, false]) {
      const source = new Source(Array.from({ length: 12 }, (_, n) => n));
      const results = map(source, async (n) => n, { concurrency, ordered });
      await quiet();
      assert.equal(source.taken, concurrency, "nobody reads yet");
      let read = 0;
      for await (const _ of results) {
        read++;
        await quiet(1);
        assert.equal(source.taken, Math.min(12, read + concurrency), `${read} read of a window of ${concurrency}`);
      }
      assert.equal(read, 12);
    }
  }
});

test("in input order a slow first item holds the window; in order of completion it does not", async () => {
  const hold = gate();
  const work = (n: number) => (n === 0 ? hold.promise : Promise.resolve());
  const inOrder = new Source([0, 1, 2, 3, 4]);
  const ordered = collect(map(inOrder, work, { concurrency: 2 }));
  const asTheyCome = new Source([0, 1, 2, 3, 4]);
  const unordered = collect(map(asTheyCome, work, { concurrency: 2, ordered: false }));
  await quiet();
  assert.deepEqual([inOrder.taken, asTheyCome.taken], [2, 5]);
  hold.open();
  await Promise.all([ordered, unordered]);
});

test("results are readable once", async () => {
  const results = map([1], (n) => n);
  await results;
  assert.throws(() => results[Symbol.asyncIterator](), { name: "TypeError", message: /can be read once/ });
  await assert.rejects(Promise.resolve(results), { name: "TypeError", message: /can be read once/ });
});

test("a source that throws: at once, in the middle, when it is opened, when it is closed", async () => {
  const failure = new RangeError("source");
  function* broken(): Generator<number> {
    yield 1;
    throw failure;
  }
  assert.equal(await rejection(map(broken(), (n) => n)), failure);
  const opening = {
    [Symbol.iterator](): Iterator<number> {
      throw failure;
    },
  };
  assert.equal(await rejection(map(opening, (n) => n)), failure);
  const closing = {
    [Symbol.iterator](): Iterator<number> {
      return {
        next: () => ({ done: false, value: 1 }),
        return() {
          throw failure;
        },
      };
    },
  };
  assert.equal(
    await rejection(
      (async () => {
        for await (const _ of map(closing, (n) => n, { concurrency: 1 })) break;
      })(),
    ),
    failure,
    "leaving the loop tells",
  );
  const item = new Error("item");
  assert.equal(await rejection(map(closing, () => Promise.reject(item), { concurrency: 1 })), item, "a failure is not hidden by it");
  const wrong = {
    [Symbol.iterator]: () => ({ next: () => undefined as unknown as IteratorResult<number> }),
  };
  assert.equal((await rejection(map(wrong, (n) => n))) instanceof TypeError, true);
});

test("asynchronous sources: read one at a time, closed when left, not waited for when they do not answer", async () => {
  let asked = 0;
  let closed = 0;
  const silent: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        asked++;
        return asked === 1 ? Promise.resolve({ done: false, value: 1 }) : new Promise(() => {});
      },
      return: () => {
        closed++;
        return new Promise(() => {});
      },
    }),
  };
  for await (const value of map(silent, (n) => n)) {
    assert.equal(value, 1);
    break;
  }
  assert.deepEqual([asked, closed], [2, 1]);
});

test("a source that waits with brigade's operations is woken when the map ends", async () => {
  const log: string[] = [];
  const source = (async function* () {
    try {
      yield 1;
      await forever();
    } catch (error) {
      log.push((error as Error).name);
      throw error;
    } finally {
      log.push("closed");
    }
  })();
  for await (const _ of map(source, (n) => n)) break;
  await quiet();
  assert.deepEqual(log, ["AbortError", "closed"]);
});

test("a slow asynchronous source does not hold back what it gave before, however large the trips are", async () => {
  const sent: number[][] = [];
  const more = gate();
  const source = (async function* () {
    yield 1;
    yield 2;
    await more.promise;
    yield 3;
  })();
  const results = new MapResults<number, number>({
    source,
    ordered: true,
    limit: () => 100,
    chunk: () => 10,
    start: (items) => {
      sent.push([...items]);
      return coroutines.run(() => items) as never;
    },
  });
  const iterator = results[Symbol.asyncIterator]();
  assert.deepEqual([(await iterator.next()).value, (await iterator.next()).value], [1, 2]);
  assert.deepEqual(sent, [[1, 2]]);
  more.open();
  assert.deepEqual([(await iterator.next()).value, (await iterator.next()).done], [3, true]);
  assert.deepEqual(sent, [[1, 2], [3]]);
});

test("trips of several items stay within the window too", async () => {
  const own = openCoroutines({ size: 2 });
  const source = new Source(Array.from({ length: 20 }, (_, n) => n));
  const results = own.map(async (n: number) => n * 2, source, { concurrency: 6, chunk: 4 });
  await quiet();
  assert.equal(source.taken, 6);
  assert.deepEqual(
    await collect(results),
    Array.from({ length: 20 }, (_, n) => n * 2),
  );
});

test("executors map like the function, with the settings of their view", async () => {
  await withVirtualClock(async (clock) => {
    const own = openCoroutines({ size: 2 });
    const wait = async (ms: number) => {
      await sleep(ms);
      return ms;
    };
    assert.deepEqual(await own.map(wait, [10, 10, 10, 10]), [10, 10, 10, 10]);
    assert.equal(clock.now, 20, "two at once");
    assert.deepEqual(await serial.map(wait, [10, 20]), [10, 20]);
    assert.equal(clock.now, 50, "one at a time");
    const late = await rejection(own.with({ timeout: 5 }).map(wait, [1, 10]));
    assert.equal(late instanceof TimeoutError, true);
    const aborted = await rejection(own.with({ signal: AbortSignal.abort("no") }).map(wait, [1]));
    assert.equal((aborted as Error).cause, "no");
  });
});

test("what cannot be mapped is refused", async () => {
  assert.throws(() => map([1], "no" as never), { name: "TypeError", message: /map needs a function/ });
  assert.throws(() => map([1], () => 1, { concurrency: 0 }), {
    name: "RangeError",
    message: /concurrency must be a whole number of at least 1, not 0/,
  });
  assert.throws(() => map([1], () => 1, { signal: "no" as never }), TypeError);
  for (const wrong of [7, undefined, null, {}]) {
    await assert.rejects(Promise.resolve(map(wrong as never, () => 1)), { name: "TypeError", message: /an iterable or an async iterable/ });
  }
  assert.throws(() => coroutines.map((n: number) => n, [1], { chunk: 0 }), { name: "RangeError", message: /option chunk/ });
});
