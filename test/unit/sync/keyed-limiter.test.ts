// Keyed limiter: a line for each key, pause, clear, drain; and what users of p-limit and p-queue asked for (own code, their ids).
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import fc from "fast-check";
import { CancelledError, DeadlockError, TimeoutError } from "../../../src/contract/errors.ts";
import { TaskLocal } from "../../../src/core/task-local.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { KeyedLimiter } from "../../../src/sync/keyed-limiter.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, forever, gate, quiet, rejection, watch } from "./support.ts";

test("p-queue#1: one key runs as many at once as it may, others are not held up", async () => {
  const limiter = new KeyedLimiter({ concurrency: 2 });
  const inside = new Map<string, number>();
  const most = new Map<string, number>();
  const work = (key: string) => () =>
    limiter.run(key, async () => {
      const now = (inside.get(key) ?? 0) + 1;
      inside.set(key, now);
      most.set(key, Math.max(now, most.get(key) ?? 0));
      await quiet(1);
      inside.set(key, now - 1);
    });
  await Promise.all(["a", "a", "a", "b", "a", "b", "b", "c"].map((key) => coroutines.run(work(key))));
  assert.deepEqual(
    [...most],
    [
      ["a", 2],
      ["b", 2],
      ["c", 1],
    ],
  );
});

test("within a key it is first in, first out", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const log: string[] = [];
  await Promise.all(
    ["a1", "b1", "a2", "a3", "b2"].map((name) =>
      limiter.run(name.charAt(0), async () => {
        await undefined;
        log.push(name);
      }),
    ),
  );
  assert.deepEqual(
    log.filter((name) => name.startsWith("a")),
    ["a1", "a2", "a3"],
  );
  assert.deepEqual(
    log.filter((name) => name.startsWith("b")),
    ["b1", "b2"],
  );
});

test("a key that nobody uses leaves nothing behind, however it ended", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const hold = gate();
  const running = limiter.run("kept", () => hold.promise);
  await limiter.run("done", () => 1);
  await rejection(limiter.run("failed", () => Promise.reject(new Error("failed"))));
  await rejection(limiter.run("refused", 1 as never));
  await rejection(limiter.run("aborted", () => 1, { signal: AbortSignal.abort() }));
  const [task] = await begun(() => limiter.run("kept", () => 1));
  task.cancel();
  await rejection(task);
  assert.deepEqual(limiter.keys, ["kept"]);
  hold.open();
  await running;
  assert.deepEqual(limiter.keys, []);
});

test("keys are compared like those of a Map: objects by identity, NaN and undefined as themselves", async () => {
  const limiter = new KeyedLimiter<unknown>({ concurrency: 1 });
  const hold = gate();
  const keys = [{}, {}, Number.NaN, Number.NaN, undefined, null];
  const runs = keys.map((key) => limiter.run(key, () => hold.promise));
  await quiet();
  assert.deepEqual(
    [limiter.activeCount(), limiter.waitingCount(), limiter.waitingCount(Number.NaN), limiter.activeCount(undefined)],
    [5, 1, 1, 1],
  );
  hold.open();
  await Promise.all(runs);
});

test("activeCount and waitingCount count for one key and for all", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const hold = gate();
  const runs = ["a", "a", "a", "b"].map((key) => limiter.run(key, () => hold.promise));
  assert.deepEqual([limiter.activeCount("a"), limiter.waitingCount("a")], [1, 2]);
  assert.deepEqual([limiter.activeCount("b"), limiter.waitingCount("b")], [1, 0]);
  assert.deepEqual([limiter.activeCount("c"), limiter.waitingCount("c")], [0, 0]);
  assert.deepEqual([limiter.activeCount(), limiter.waitingCount()], [2, 2]);
  hold.open();
  await Promise.all(runs);
  assert.deepEqual([limiter.activeCount(), limiter.waitingCount()], [0, 0]);
});

test("pause of a key and pause of all are two switches", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const log: string[] = [];
  limiter.pause("a");
  const a = limiter.run("a", () => log.push("a"));
  const b = limiter.run("b", () => log.push("b"));
  await quiet();
  assert.deepEqual(log, ["b"]);
  limiter.pause();
  limiter.resume("a");
  const c = limiter.run("c", () => log.push("c"));
  await quiet();
  assert.deepEqual(log, ["b"]);
  limiter.pause("c");
  limiter.resume();
  await quiet();
  assert.deepEqual(log, ["b", "a"]);
  limiter.resume("c");
  await Promise.all([a, b, c]);
  assert.deepEqual([log, limiter.keys], [["b", "a", "c"], []]);
});

test("pause lets what runs go on", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const hold = gate<string>();
  const running = limiter.run("a", () => hold.promise);
  limiter.pause();
  hold.open("done");
  assert.equal(await running, "done");
  limiter.resume();
});

test("a run inside a run of the same key is refused, of another key it is not, while paused it waits", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1, name: "accounts" });
  await limiter.run("a", async () => {
    const error = await rejection(limiter.run("a", () => 1));
    assert.equal(error instanceof DeadlockError, true);
    assert.match((error as Error).message, /the capacity limiter "accounts a" inside its own section/);
    assert.equal(await limiter.run("b", () => "b"), "b");
  });
  const wide = new KeyedLimiter({ concurrency: 2 });
  assert.equal(
    await wide.run("a", async () => {
      wide.pause("a");
      const inner = wide.run("a", () => "inner");
      await quiet();
      wide.resume("a");
      return inner;
    }),
    "inner",
  );
});

test("p-queue#28: drain waits for all that wait and run, and for nothing when there is nothing", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  await limiter.drain();
  const hold = gate();
  const runs = [
    limiter.run("a", () => hold.promise),
    limiter.run("a", () => hold.promise),
    rejection(limiter.run("b", () => Promise.reject(1))),
  ];
  const drained = limiter.drain();
  const seen = watch(drained);
  await quiet();
  assert.equal(seen.state, "pending");
  assert.equal((await rejection(limiter.drain({ timeout: 1 }))) instanceof TimeoutError, true);
  hold.open();
  await drained;
  assert.deepEqual([limiter.activeCount(), limiter.waitingCount()], [0, 0]);
  await Promise.all(runs);
});

test("settings are checked", () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, "1", undefined]) {
    assert.throws(() => new KeyedLimiter({ concurrency: wrong as never }), { name: "RangeError", message: /option concurrency/ });
  }
  const limiter = new KeyedLimiter({ concurrency: Number.POSITIVE_INFINITY });
  assert.throws(() => {
    limiter.concurrency = 0;
  }, RangeError);
  assert.equal(limiter.concurrency, Number.POSITIVE_INFINITY);
});

// ---- sindresorhus/p-limit, test.js, and its issues ----

test("p-limit concurrency 1, concurrency 4: results in order, never more at once", async () => {
  for (const concurrency of [1, 4]) {
    const limiter = new KeyedLimiter({ concurrency });
    let running = 0;
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        limiter.run("k", async () => {
          running++;
          assert.ok(running <= concurrency);
          await undefined;
          running--;
          return index;
        }),
      ),
    );
    assert.deepEqual(results, [...results.keys()]);
  }
});

test("p-limit: a function that returns no promise, and one that throws, do not stop the line", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const runs = [
    limiter.run("k", () => 1),
    limiter.run("k", () => {
      throw new RangeError("err");
    }),
    limiter.run("k", () => 3),
  ];
  assert.deepEqual(await ends(runs), [1, "RangeError", 3]);
});

test("p-limit#18, #27, #49: clear settles what it removes, with an error of its own each", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1, name: "jobs" });
  const hold = gate<string>();
  const running = limiter.run("a", () => hold.promise);
  const waiting = [limiter.run("a", () => 1), limiter.run("a", () => 2)].map(rejection);
  const other = [limiter.run("b", () => hold.promise), limiter.run("b", () => "b")];
  limiter.clear("a");
  const errors = await Promise.all(waiting);
  for (const error of errors) {
    assert.equal(error instanceof CancelledError, true);
    assert.match((error as Error).message, /"jobs a" was cleared before this could start/);
  }
  assert.notEqual(errors[0], errors[1]);
  assert.deepEqual([limiter.waitingCount("a"), limiter.activeCount("a"), limiter.waitingCount("b")], [0, 1, 1]);
  limiter.clear();
  hold.open("done");
  assert.deepEqual(await ends([running, ...other]), ["done", "done", "AbortError"]);
  await limiter.drain();
});

test("p-limit: concurrency changes while in use, to more and to less", async () => {
  const limiter = new KeyedLimiter({ concurrency: 2 });
  const holds = Array.from({ length: 6 }, () => gate());
  const runs = holds.map((hold) => limiter.run("k", () => hold.promise));
  assert.equal(limiter.activeCount("k"), 2);
  limiter.concurrency = 4;
  assert.equal(limiter.activeCount("k"), 4);
  limiter.concurrency = 1;
  for (const hold of holds.slice(0, 3)) hold.open();
  await quiet();
  assert.deepEqual([limiter.activeCount("k"), limiter.waitingCount("k")], [1, 2]);
  for (const hold of holds) hold.open();
  await Promise.all(runs);
});

// ---- sindresorhus/p-queue, and its issues ----

test("p-queue#219, #168, #241: a signal takes what waits out at once and frees its place", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const hold = gate();
  const running = limiter.run("k", () => hold.promise);
  const controller = new AbortController();
  let ran = false;
  const aborted = rejection(
    limiter.run(
      "k",
      () => {
        ran = true;
      },
      { signal: controller.signal },
    ),
  );
  const next = limiter.run("k", () => "next");
  controller.abort(new RangeError("not needed"));
  assert.equal(limiter.waitingCount("k"), 1);
  assert.equal((((await aborted) as CancelledError).cause as Error).message, "not needed");
  hold.open();
  assert.deepEqual([await next, ran], ["next", false]);
  await running;
});

test("p-queue#200: the context of whoever submitted is kept", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const storage = new AsyncLocalStorage<string>();
  const local = new TaskLocal<string>("who", "nobody");
  const hold = gate();
  const first = storage.run("first", () => limiter.run("k", () => hold.promise));
  const others = ["ann", "ben"].map((name) =>
    storage.run(name, () => local.run(name, () => limiter.run("k", async () => `${storage.getStore()} ${local.get()}`))),
  );
  storage.run("opener", () => hold.open());
  assert.deepEqual(await Promise.all(others), ["ann ann", "ben ben"]);
  await first;
});

test("p-queue#29: an error does not stop the others; #26, #171: and is thrown to its own caller, once", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const runs = Array.from({ length: 6 }, (_, index) =>
    limiter.run("k", async () => {
      if (index % 2 === 0) throw new RangeError(`no ${index}`);
      return index;
    }),
  );
  assert.deepEqual(await ends(runs), ["RangeError", 1, "RangeError", 3, "RangeError", 5]);
});

test("p-queue#239: clear leaves nobody pending for ever, also while paused", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  limiter.pause();
  const waiting = [limiter.run("a", () => 1), limiter.run("b", () => 2)];
  limiter.clear();
  assert.deepEqual(await ends(waiting), ["AbortError", "AbortError"]);
  await limiter.drain();
  limiter.resume();
  assert.equal(await limiter.run("a", () => 3), 3);
});

test("p-queue#235: a shared signal keeps no listener for each run", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const { signal } = new AbortController();
  const hold = gate();
  const runs = Array.from({ length: 50 }, () => limiter.run("k", () => hold.promise, { signal }));
  assert.ok(getEventListeners(signal, "abort").length <= 1);
  hold.open();
  await Promise.all(runs);
  assert.ok(getEventListeners(signal, "abort").length <= 1);
});

test("p-queue: a timeout limits the wait in line, the run takes what it takes", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new KeyedLimiter({ concurrency: 1 });
    const hold = gate<string>();
    const running = limiter.run("k", () => hold.promise, { timeout: 10 });
    const late = rejection(limiter.run("k", () => 1, { timeout: 10 }));
    await clock.advance(50);
    assert.equal((await late) instanceof TimeoutError, true);
    hold.open("slow");
    assert.equal(await running, "slow");
  });
});

test("a cancelled task leaves the line, and one that runs is waited for", async () => {
  const limiter = new KeyedLimiter({ concurrency: 1 });
  const [running] = await begun(() => limiter.run("k", forever));
  const [waiting] = await begun(() => limiter.run("k", () => 1));
  waiting.cancel();
  await rejection(waiting);
  assert.deepEqual([limiter.activeCount("k"), limiter.waitingCount("k")], [1, 0]);
  running.cancel();
  await ends([running]);
  assert.deepEqual(limiter.keys, []);
});

// ---- the invariant ----

test("never more than allowed for a key, nothing lost, nothing left, whatever is paused and cleared", { timeout: 60_000 }, async () => {
  const key = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("run" as const), key }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("finish" as const), key }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("pause" as const, "resume" as const, "clear" as const), key: fc.option(key) }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), async (concurrency, steps) => {
      const limiter = new KeyedLimiter({ concurrency });
      const running: { readonly key: string; readonly end: () => void }[] = [];
      const counts = { asked: 0, ended: 0, cleared: 0 };
      for (const { kind, key: chosen } of steps) {
        if (kind === "run") {
          counts.asked++;
          const own = chosen as string;
          limiter
            .run(own, () => new Promise<void>((resolve) => running.push({ key: own, end: resolve })))
            .then(
              () => counts.ended++,
              () => counts.cleared++,
            );
        } else if (kind === "finish") {
          const place = running.findIndex((each) => each.key === chosen);
          if (place >= 0) running.splice(place, 1)[0]?.end();
        } else if (chosen === null) limiter[kind]();
        else limiter[kind](chosen);
        await quiet(1);
        for (const own of ["a", "b", "c"]) {
          const active = running.filter((each) => each.key === own).length;
          assert.ok(active <= concurrency);
          assert.equal(limiter.activeCount(own), active);
        }
        assert.equal(counts.asked, counts.ended + counts.cleared + running.length + limiter.waitingCount());
      }
      for (const own of ["a", "b", "c"]) limiter.resume(own);
      limiter.resume();
      const drained = watch(limiter.drain());
      while (drained.state === "pending") {
        for (const { end } of running.splice(0)) end();
        await quiet(1);
      }
      assert.deepEqual([counts.asked, limiter.keys], [counts.ended + counts.cleared, []]);
    }),
    { numRuns: 120 },
  );
});
