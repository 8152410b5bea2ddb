// all, race, any, settled: what decides, that the losers are cancelled and waited for, and limits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TaskGroupError, TimeoutError } from "../../../src/contract/errors.ts";
import { all, any, race, settled } from "../../../src/core/combinators.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, quiet, rejection } from "./support.ts";

const after =
  <T>(ms: number, value: T) =>
  async () => {
    await sleep(ms);
    return value;
  };
const failAfter = (ms: number, error: unknown) => async () => {
  await sleep(ms);
  throw error;
};

/** Never ends by itself; takes its time to clean up, and writes down when it has. */
const loser =
  (log: string[], name = "loser") =>
  async () => {
    try {
      await forever();
    } finally {
      await shield(() => sleep(100));
      log.push(name);
    }
  };

test("all: results in input order, whatever order they come in", async () => {
  await withVirtualClock(async (clock) => {
    const [a, b, c] = await all([after(30, "slow"), after(10, 2), () => true]);
    assert.deepEqual([a, b, c, clock.now], ["slow", 2, true, 30]);
  });
});

test("all: the first failure cancels the others, waits for them, and comes out as it is", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const failure = new RangeError("broken");
    const error = await rejection(all([loser(log), failAfter(10, failure), failAfter(20, new Error("later"))]));
    assert.equal(error, failure);
    assert.deepEqual([log, clock.now], [["loser"], 110]);
  });
});

test("all: of two that fail in the same tick, the one that stands first decides", async () => {
  const first = new Error("first");
  assert.equal(await rejection(all([() => Promise.reject(first), () => Promise.reject(new Error("second"))])), first);
  await withVirtualClock(async () => {
    assert.equal(await rejection(all([failAfter(10, first), failAfter(10, new Error("second"))])), first);
  });
});

test("race: the first to settle, by a value or a failure; the others are cancelled and waited for", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    assert.equal(await race([loser(log, "a"), after(10, "won"), loser(log, "b")]), "won");
    assert.deepEqual([log.sort(), clock.now], [["a", "b"], 110]);
    const failure = new RangeError("first of all");
    assert.equal(await rejection(race([loser(log), failAfter(10, failure), after(20, "too late")])), failure);
  });
});

test("race and any: a tie goes to the one that stands first", async () => {
  await withVirtualClock(async () => {
    assert.equal(await race([after(10, "a"), after(10, "b")]), "a");
    assert.equal(await race([() => "a", () => "b"]), "a");
    assert.equal(await any([after(10, "a"), after(10, "b")]), "a");
  });
});

test("race: what a loser throws on its way out, or returns all the same, changes nothing", async () => {
  const stubborn = async () => {
    await rejection(forever());
    return "stubborn";
  };
  const failing = async () => {
    await rejection(forever());
    throw new Error("on the way out");
  };
  assert.equal(await race([stubborn, () => "won", failing]), "won");
});

test("any: the first success, after failures; the others are cancelled and waited for", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const value = await any([failAfter(5, new Error("down")), after(10, "up"), loser(log)]);
    assert.deepEqual([value, log, clock.now], ["up", ["loser"], 110]);
  });
});

test("any: when none succeeds, every failure in the order in which they happened", async () => {
  await withVirtualClock(async () => {
    const slow = new Error("slow");
    const quick = new Error("quick");
    const error = await rejection(any([failAfter(20, slow), failAfter(10, quick)]));
    assert.equal(error instanceof TaskGroupError, true);
    assert.deepEqual((error as TaskGroupError).errors, [quick, slow]);
  });
});

test("settled: every outcome in input order; a failure cancels nobody", async () => {
  await withVirtualClock(async () => {
    const failure = new Error("no");
    const outcomes = await settled([
      failAfter(10, failure),
      after(20, "yes"),
      () => {
        throw undefined;
      },
    ]);
    assert.deepEqual(outcomes, [
      { state: "failed", error: failure },
      { state: "succeeded", value: "yes" },
      { state: "failed", error: undefined },
    ]);
  });
});

test("empty lists", async () => {
  assert.deepEqual(await all([]), []);
  assert.deepEqual(await settled([]), []);
  await assert.rejects(race([]), { name: "RangeError", message: /race of none would never end/ });
  const error = await rejection(any([]));
  assert.equal(error instanceof TaskGroupError, true);
  assert.deepEqual((error as TaskGroupError).errors, []);
  assert.match((error as Error).message, /any was given no function/);
});

test("what is not a list of functions is refused, with the place, before anything runs", async () => {
  let ran = 0;
  const count = () => {
    ran++;
  };
  for (const combine of [all, race, any, settled] as ((fns: never) => Promise<unknown>)[]) {
    await assert.rejects(combine("no" as never), { name: "TypeError", message: /array of functions is needed/ });
    await assert.rejects(combine([count, Promise.resolve()] as never), { name: "TypeError", message: /Element 1 is not a function/ });
    // biome-ignore lint/suspicious/noSparseArray: a hole is no function either
    await assert.rejects(combine([, count] as never), { name: "TypeError", message: /Element 0 is not a function/ });
    await assert.rejects((combine as typeof all)([count], { concurrency: 0 }), { name: "RangeError", message: /concurrency/ });
    await assert.rejects((combine as typeof all)([count], { concurrency: 1.5 }), RangeError);
    await assert.rejects((combine as typeof all)([count], { signal: 1 as never }), TypeError);
  }
  await quiet();
  assert.equal(ran, 0);
});

test("concurrency: no more at once, in order, and every place is used", async () => {
  await withVirtualClock(async (clock) => {
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const fns = Array.from({ length: 10 }, (_, n) => async () => {
      order.push(n);
      most = Math.max(most, ++running);
      await sleep(10);
      running--;
      return n;
    });
    assert.deepEqual(await all(fns, { concurrency: 3 }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual([most, order, clock.now], [3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 40]);
  });
});

test("concurrency: after the decision nothing more starts", async () => {
  const started: number[] = [];
  const note = (n: number, work: () => unknown) => async () => {
    started.push(n);
    return await work();
  };
  await rejection(all([note(0, () => Promise.reject(new Error("no"))), note(1, () => 1), note(2, () => 2)], { concurrency: 1 }));
  assert.deepEqual(started, [0]);
  started.length = 0;
  assert.equal(await race([note(0, () => "won"), note(1, () => 1)], { concurrency: 1 }), "won");
  assert.deepEqual(started, [0]);
});

test("a cancel from outside ends all of them, waits for them, and comes out as itself", async () => {
  await withVirtualClock(async () => {
    for (const combine of [all, race, any, settled] as ((fns: readonly (() => unknown)[]) => Promise<unknown>)[]) {
      const log: string[] = [];
      const task = coroutines.run(() => combine([loser(log, "a"), loser(log, "b")]));
      await sleep(1);
      task.cancel("above");
      const error = await rejection(task);
      assert.equal((error as Error).cause, "above");
      assert.equal(task.state, "cancelled", combine.name);
      assert.deepEqual(log.sort(), ["a", "b"]);
    }
  });
});

test("a signal ends all of them with its reason, also those that have not begun", async () => {
  for (const combine of [all, race, any, settled] as ((fns: readonly (() => unknown)[], options: object) => Promise<unknown>)[]) {
    const controller = new AbortController();
    const started: number[] = [];
    const fns = [0, 1].map((n) => async () => {
      started.push(n);
      await forever();
    });
    const work = combine(fns, { signal: controller.signal, concurrency: 1 });
    await quiet();
    controller.abort("stop");
    const error = await rejection(work);
    assert.equal(error instanceof CancelledError && error.cause, "stop");
    assert.deepEqual(started, [0]);
  }
});

test("a cancel that comes too late to cut anything off has lost against the results", async () => {
  const controller = new AbortController();
  const finishing = async () => {
    await rejection(forever());
    return "done all the same";
  };
  const options = { signal: controller.signal };
  const works = [all([finishing], options), settled([finishing], options), any([finishing], options)];
  await quiet();
  controller.abort();
  assert.deepEqual(await Promise.all(works), [
    ["done all the same"],
    [{ state: "succeeded", value: "done all the same" }],
    "done all the same",
  ]);
});

test("an outer deadline passes through", async () => {
  await withVirtualClock(async () => {
    for (const combine of [all, race, any, settled] as ((fns: readonly (() => unknown)[]) => Promise<unknown>)[]) {
      const error = await rejection(timeout(10, () => combine([forever, forever])));
      assert.equal(error instanceof TimeoutError, true, combine.name);
    }
  });
});

test("they nest: a race of alls", async () => {
  await withVirtualClock(async (clock) => {
    const value = await race([() => all([after(10, 1), after(20, 2)]), () => all([after(5, 3), after(30, 4)])]);
    assert.deepEqual([value, clock.now], [[1, 2], 20]);
  });
});
