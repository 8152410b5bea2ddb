// Barrier: rounds, indices, cancelled parties, reset and abort; and the cases of other people's suites (own code, their ids).
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BrokenBarrierError, CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Task } from "../../../src/contract/task.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Barrier } from "../../../src/sync/barrier.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, quiet, rejection, watch } from "./support.ts";

test("the parties go on together, each with an index of its own", async () => {
  const barrier = new Barrier(3);
  const waiting = [barrier.wait(), barrier.wait()];
  const seen = waiting.map(watch);
  await quiet();
  assert.deepEqual([barrier.waitingCount, seen.map(({ state }) => state)], [2, ["pending", "pending"]]);
  const last = barrier.wait();
  assert.equal(barrier.waitingCount, 0);
  assert.deepEqual(await Promise.all([...waiting, last]), [0, 1, 2]);
});

test("it serves round after round, also those that come back before the others have run", async () => {
  const barrier = new Barrier(3);
  const rounds: number[][] = Array.from({ length: 10 }, () => []);
  const party = async () => {
    for (const round of rounds) round.push(await barrier.wait());
  };
  await Promise.all([coroutines.run(party), coroutines.run(party), coroutines.run(party)]);
  for (const round of rounds) assert.deepEqual([...round].sort(), [0, 1, 2]);
});

test("a barrier of one party never waits", async () => {
  const barrier = new Barrier(1);
  assert.deepEqual([await barrier.wait(), await barrier.wait(), barrier.parties], [0, 0, 1]);
});

test("the number of parties is a whole number of at least 1", () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", undefined]) {
    assert.throws(() => new Barrier(wrong as never), { name: "RangeError", message: /The number of parties/ });
  }
});

test("a cancelled party leaves the round, which goes on waiting for its number; indices stay unique", async () => {
  const barrier = new Barrier(3);
  const tasks: Task<number>[] = [];
  for (let n = 0; n < 2; n++) tasks.push(...(await begun(() => barrier.wait())));
  tasks[0]?.cancel();
  await quiet();
  assert.deepEqual([barrier.waitingCount, barrier.broken], [1, false]);
  tasks.push(...(await begun(() => barrier.wait())), ...(await begun(() => barrier.wait())));
  assert.deepEqual(await ends(tasks), ["AbortError", 0, 1, 2]);
});

test("a party that times out or is aborted leaves in the same way", async () => {
  await withVirtualClock(async (clock) => {
    const barrier = new Barrier(2);
    const late = rejection(barrier.wait({ timeout: 10 }));
    await clock.advance(10);
    assert.equal((await late) instanceof TimeoutError, true);
    const controller = new AbortController();
    const aborted = rejection(barrier.wait({ signal: controller.signal }));
    controller.abort();
    assert.equal((await aborted) instanceof CancelledError, true);
    await assert.rejects(barrier.wait({ timeout: -1 }), RangeError);
    assert.equal(barrier.waitingCount, 0);
    assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
  });
});

test("abort breaks it for those who wait and for those who come, until reset", async () => {
  const barrier = new Barrier(2, { name: "start" });
  const waiting = rejection(barrier.wait());
  barrier.abort();
  barrier.abort();
  assert.equal(barrier.broken, true);
  const error = await waiting;
  assert.match((error as Error).message, /the barrier "start" was aborted while this party waited: call reset\(\)/);
  assert.deepEqual([error instanceof BrokenBarrierError, (error as BrokenBarrierError).code], [true, "ERR_BRIGADE_BROKEN_BARRIER"]);
  await assert.rejects(barrier.wait(), { name: "BrokenBarrierError", message: /the barrier "start" is broken: call reset\(\)/ });
  barrier.reset();
  assert.equal(barrier.broken, false);
  assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
});

test("reset breaks the round and makes the barrier new", async () => {
  const barrier = new Barrier(2);
  const waiting = rejection(barrier.wait());
  barrier.reset();
  assert.deepEqual([(await waiting) instanceof BrokenBarrierError, barrier.broken, barrier.waitingCount], [true, false, 0]);
  assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
});

test("each party gets an error of its own", async () => {
  const barrier = new Barrier(3);
  const errors = [rejection(barrier.wait()), rejection(barrier.wait())];
  barrier.abort();
  const [first, second] = await Promise.all(errors);
  assert.notEqual(first, second);
});

test("complete, then cancelled, in one tick: the round has happened", async () => {
  const barrier = new Barrier(2);
  let index: number | undefined;
  const [task] = await begun(async () => {
    index = await barrier.wait();
  });
  const last = barrier.wait();
  task.cancel();
  assert.deepEqual([await last, await ends([task]), index], [1, [undefined], 0]);
});

test("a loop over a barrier of one gives the event loop its turns", async () => {
  const barrier = new Barrier(1);
  let over = false;
  setImmediate(() => setImmediate(() => (over = true)));
  while (!over) await barrier.wait();
});

// ---- CPython, Lib/test/test_asyncio/test_locks.py ----

test("cpython BarrierTests.test_barrier: as many as there are parties", async () => {
  const barrier = new Barrier(5);
  const indices = await Promise.all(Array.from({ length: 5 }, () => coroutines.run(() => barrier.wait())));
  assert.deepEqual([...indices].sort(), [0, 1, 2, 3, 4]);
});

test("cpython BarrierTests.test_wait_task_multiple: two rounds of the same parties", async () => {
  const barrier = new Barrier(2);
  const log: string[] = [];
  const party = (name: string) => async () => {
    for (const round of [1, 2]) {
      await barrier.wait();
      log.push(`${name}${round}`);
    }
  };
  await Promise.all([coroutines.run(party("a")), coroutines.run(party("b"))]);
  assert.deepEqual(
    [log.slice(0, 2).sort(), log.slice(2).sort()],
    [
      ["a1", "b1"],
      ["a2", "b2"],
    ],
  );
});

test("cpython BarrierTests.test_filling_tasks: more come than a round takes", async () => {
  const barrier = new Barrier(3);
  const tasks = Array.from({ length: 7 }, () => coroutines.run(() => barrier.wait()));
  await quiet();
  assert.deepEqual([barrier.waitingCount, tasks.filter(({ state }) => state === "succeeded").length], [1, 6]);
  for (const task of tasks) task.cancel();
  assert.deepEqual((await ends(tasks)).sort(), [0, 0, 1, 1, 2, 2, "AbortError"]);
});

test("cpython BarrierTests.test_filling_tasks_cancel_one: the barrier is usable without the one that left", async () => {
  const barrier = new Barrier(3);
  const [first] = await begun(() => barrier.wait());
  const [second] = await begun(() => barrier.wait());
  first.cancel();
  await quiet();
  assert.deepEqual([barrier.waitingCount, barrier.broken, first.state], [1, false, "cancelled"]);
  const rest = [barrier.wait(), barrier.wait()];
  assert.deepEqual([await second, ...(await Promise.all(rest))].sort(), [0, 1, 2]);
});

test("cpython BarrierTests.test_reset_barrier_while_tasks_waiting: they get the error and may wait again", async () => {
  const barrier = new Barrier(3);
  const log: string[] = [];
  const party = async () => {
    try {
      await barrier.wait();
    } catch (error) {
      log.push((error as Error).name);
    }
    return barrier.wait();
  };
  const tasks = [...(await begun(party)), ...(await begun(party))];
  barrier.reset();
  await quiet();
  assert.deepEqual([log, barrier.waitingCount], [["BrokenBarrierError", "BrokenBarrierError"], 2]);
  const indices = [await barrier.wait(), ...(await Promise.all(tasks))];
  assert.deepEqual(indices.sort(), [0, 1, 2]);
});

test("cpython BarrierTests.test_abort_barrier, test_abort_barrier_when_tasks_half_draining_half_blocking", async () => {
  const barrier = new Barrier(3);
  const log: string[] = [];
  const tasks = Array.from({ length: 5 }, (_, index) =>
    coroutines.run(async () => {
      try {
        // The last of the round that is complete breaks the next one.
        if ((await barrier.wait()) === 2) barrier.abort();
        log.push(`passed ${index}`);
      } catch (error) {
        log.push(`${(error as Error).name} ${index}`);
      }
    }),
  );
  await Promise.all(tasks);
  assert.deepEqual(log.sort(), ["BrokenBarrierError 3", "BrokenBarrierError 4", "passed 0", "passed 1", "passed 2"]);
  assert.equal(barrier.broken, true);
});

test("tokio sync_barrier lots: rounds of a hundred", async () => {
  const barrier = new Barrier(100);
  for (let round = 0; round < 10; round++) {
    const early = Array.from({ length: 99 }, () => barrier.wait());
    const seen = early.map(watch);
    await quiet(1);
    assert.equal(
      seen.every(({ state }) => state === "pending"),
      true,
    );
    await barrier.wait();
    assert.equal(new Set(await Promise.all(early)).size, 99);
  }
});

// ---- the invariant ----

test("every round has the full number and unique indices, whoever leaves", { timeout: 60_000 }, async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait" as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("turn" as const), which: fc.nat() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 50 }), async (parties, steps) => {
      const barrier = new Barrier(parties);
      const controllers: AbortController[] = [];
      const indices: number[] = [];
      let left = 0;
      for (const { kind, which } of steps) {
        if (kind === "wait") {
          const controller = new AbortController();
          controllers.push(controller);
          barrier.wait({ signal: controller.signal }).then(
            (index) => indices.push(index),
            () => left++,
          );
        } else if (kind === "cancel") controllers[which % Math.max(1, controllers.length)]?.abort();
        else await quiet(1);
        assert.ok(barrier.waitingCount < parties);
      }
      await quiet(1);
      assert.equal(indices.length % parties, 0);
      for (let index = 0; index < parties; index++) {
        assert.equal(indices.filter((each) => each === index).length, indices.length / parties);
      }
      assert.equal(indices.length + left + barrier.waitingCount, controllers.length);
    }),
    { numRuns: 150 },
  );
});
