// The ends of a map: failures, readers that leave or are cancelled, and what becomes of the items and the source.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Results } from "../../../src/contract/executor.ts";
import { map } from "../../../src/core/map.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { collect, forever, gate, quiet, rejection, Source } from "./support.ts";

test("the first failure cancels the rest, waits for it, closes the source, and rejects", async () => {
  for (const loop of [true, false]) {
    await withVirtualClock(async (clock) => {
      const failure = new RangeError("item 2");
      const cleaned: number[] = [];
      const source = new Source([1, 2, 3, 4, 5, 6]);
      const results = map(
        source,
        async (n) => {
          if (n === 2) {
            await sleep(10);
            throw failure;
          }
          try {
            await forever();
          } finally {
            await shield(() => sleep(90));
            cleaned.push(n);
          }
        },
        { concurrency: 3 },
      );
      assert.equal(await rejection(loop ? collect(results) : results), failure);
      assert.deepEqual([cleaned.sort(), clock.now, source.taken, source.closed], [[1, 3], 100, 3, 1]);
    });
  }
});

test("after a failure the reader gets that, not what was finished before it and not read", async () => {
  const failure = new RangeError("item 2");
  const results = map([1, 2, 3], async (n) => {
    if (n === 2) throw failure;
    return n;
  });
  const iterator = results[Symbol.asyncIterator]();
  await quiet();
  assert.equal(await rejection(iterator.next()), failure);
});

test("leaving the loop cancels the rest, waits for it, and closes the source", async () => {
  for (const leave of ["break", "throw"]) {
    await withVirtualClock(async (clock) => {
      const source = new Source([1, 2, 3, 4]);
      let begun = 0;
      let cleaned = 0;
      const results = map(
        source,
        async (n) => {
          if (n === 1) return n;
          begun++;
          try {
            await forever();
          } finally {
            await shield(() => sleep(50));
            cleaned++;
          }
          return n;
        },
        { concurrency: 3 },
      );
      try {
        for await (const _ of results) {
          if (leave === "break") break;
          throw new RangeError("thrown");
        }
      } catch (error) {
        assert.equal((error as Error).message, "thrown");
      }
      assert.deepEqual([source.closed, clock.now, begun >= 2, cleaned, source.taken <= 4], [1, 50, true, begun, true]);
    });
  }
});

test("an iterator is over after its end, its failure, or its return", async () => {
  const done = { done: true, value: undefined };
  const iterator = () => map([1], (n) => n)[Symbol.asyncIterator]();
  const ended = iterator();
  assert.deepEqual([await ended.next(), await ended.next(), await ended.next()], [{ done: false, value: 1 }, done, done]);
  const left = iterator();
  assert.deepEqual([await left.return?.(), await left.next(), await left.return?.()], [done, done, done]);
  const failed = map([1], () => Promise.reject(new RangeError("no")))[Symbol.asyncIterator]();
  await rejection(failed.next());
  assert.deepEqual([await failed.next(), await failed.return?.()], [done, done]);
});

test("several reads at once are answered in order, also by a return", async () => {
  const hold = gate();
  const iterator = map([1, 2, 3], async (n) => {
    await hold.promise;
    return n;
  })[Symbol.asyncIterator]();
  const reads = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
  await quiet();
  hold.open();
  assert.deepEqual(
    (await Promise.all(reads)).map((step) => step.value),
    [1, 2, 3, undefined],
  );
  const never = map([1], forever)[Symbol.asyncIterator]();
  const pending = never.next();
  await quiet();
  await never.return?.();
  assert.deepEqual(await pending, { done: true, value: undefined });
});

test("what was taken before a source throws is waited for", async () => {
  await withVirtualClock(async (clock) => {
    let cleaned = false;
    const source = (async function* () {
      yield 1;
      await sleep(10);
      throw new RangeError("source");
    })();
    const results = map(source, async () => {
      try {
        await forever();
      } finally {
        await shield(() => sleep(40));
        cleaned = true;
      }
    });
    assert.equal((await rejection(results)) instanceof RangeError, true);
    assert.deepEqual([cleaned, clock.now], [true, 50]);
  });
});

test("a cancel ends a map whose source does not answer", async () => {
  await withVirtualClock(async () => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<number>>(() => {}) }) };
    for (const read of [collect, async (results: Results<number>) => await results]) {
      const error = await rejection(timeout(10, () => read(map(silent, (n) => n))));
      assert.equal(error instanceof TimeoutError, true);
    }
    const controller = new AbortController();
    const results = collect(map(silent, (n) => n, { signal: controller.signal }));
    await sleep(1);
    controller.abort("stop");
    const error = await rejection(results);
    assert.equal(error instanceof CancelledError && error.cause, "stop");
  });
});

test("a reader that is cancelled, in another scope than the map's, cancels the rest and waits for it", async () => {
  await withVirtualClock(async (clock) => {
    let cleaned = 0;
    const source = new Source([1, 2, 3, 4]);
    const results = map(
      source,
      async () => {
        try {
          await forever();
        } finally {
          await shield(() => sleep(20));
          cleaned++;
        }
      },
      { concurrency: 2 },
    );
    const error = await rejection(timeout(10, () => collect(results)));
    assert.match((error as Error).message, /took longer than 10 ms/);
    assert.deepEqual([cleaned, source.closed, clock.now], [2, 1, 30]);
    const late = map([1, 2, 3], (n) => n);
    const task = coroutines.run(async () => {
      await rejection(forever());
      return await late;
    });
    await sleep(1);
    task.cancel();
    await rejection(task);
    assert.equal(task.state, "cancelled", "also when everything is there to be read");
  });
});

test("items run in the scope of the map: a cancel of the task that made it ends them", async () => {
  const states: string[] = [];
  const task = coroutines.run(async () => {
    await map([1, 2], async () => {
      try {
        await forever();
      } catch (error) {
        states.push((error as Error).cause as string);
        throw error;
      }
    });
  });
  await quiet();
  task.cancel("above");
  await task.stop();
  assert.deepEqual(states, ["above", "above"]);
});
