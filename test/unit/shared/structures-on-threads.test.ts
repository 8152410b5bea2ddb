// Rings, maps and cells among real threads, through the codec and the executor as a user would: nothing lost, nothing torn, nobody hangs,
// also when a writer is killed half-way.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Executor, openThreads } from "brigade";
import { atomicCell, SharedArena, SharedEvent } from "brigade/shared";
import * as tasks from "./structures.ts";

let threads: Executor & AsyncDisposable;
before(() => {
  threads = openThreads({ size: 4 });
});
after(() => threads[Symbol.asyncDispose]());

test("three producers and three consumers over a small ring: each value once, in the order of its sender", async () => {
  const ring = SharedArena.create(1 << 16).ring<tasks.Job>(12, { slotBytes: 40 });
  const consumers = (["sync", "parked"] as const).map((how) => threads.run(tasks.consume, ring, how));
  const mine = tasks.consume(ring, "iterated");
  const producers = [1, 2].map((from) => threads.run(tasks.produce, ring, from, 600));
  await Promise.all(producers);
  ring.close();
  const results = await Promise.all([...consumers, mine]);
  const all = results.flatMap(({ got }) => got);
  assert.ok(results.every(({ whole }) => whole));
  assert.equal(all.length, 1_200);
  assert.equal(new Set(all.map(([from, number]) => `${from}/${number}`)).size, 1_200);
  // One consumer sees the values of one producer in order.
  for (const { got } of results) {
    for (const from of [1, 2]) {
      const numbers = got.filter(([each]) => each === from).map(([, number]) => number);
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
      );
    }
  }
});

test("questions and answers over two rings", async () => {
  const arena = SharedArena.create(1 << 14);
  const [questions, answers] = [arena.ring<number>(4), arena.ring<number>(4)];
  const working = [1, 2].map(() => threads.run(tasks.double, questions, answers).catch(() => {}));
  const asked = (async () => {
    for (let number = 0; number < 300; number++) await questions.send(number);
  })();
  let sum = 0;
  for (let number = 0; number < 300; number++) sum += (await answers.receive()) ?? 0;
  await asked;
  assert.equal(sum, 2 * ((299 * 300) / 2));
  questions.close();
  await Promise.all(working);
  assert.equal(await answers.receive(), undefined);
});

describe("a map", () => {
  test("no update of three threads is lost", async () => {
    const map = SharedArena.create(1 << 14).map<string, number>(10);
    const keys = ["a", "b", "c"];
    const others = [1, 2].map(() => threads.run(tasks.countInMap, map, keys, 400));
    tasks.countInMap(map, keys, 400);
    await Promise.all(others);
    assert.deepEqual(
      [...map].sort(),
      keys.map((key) => [key, 1_200]),
    );
  });

  test("keys that come and go in three threads", async () => {
    const map = SharedArena.create(1 << 16).map<number, { owner: number; values: number[] }>(60);
    const others = [1, 2].map((owner) => threads.run(tasks.churn, map, owner, 1_000));
    assert.equal(tasks.churn(map, 3, 1_000), 0);
    assert.deepEqual(await Promise.all(others), [0, 0]);
    assert.equal(map.size, 0);
  });
});

test("a cell: no update is lost, no load is torn", async () => {
  const cell = atomicCell({ count: 0, text: "" });
  const others = [1, 2].map(() => threads.run(tasks.countInCell, cell, 1_000));
  assert.equal(await tasks.countInCell(cell, 1_000), 0);
  assert.deepEqual(await Promise.all(others), [0, 0]);
  assert.equal(cell.load().count, 3_000);
});

describe("a thread that is killed", () => {
  test("while it writes loses its own records alone: all else goes on", async () => {
    for (let round = 0; round < 8; round++) {
      const arena = SharedArena.create(1 << 15);
      const ring = arena.ring<number[]>(8, { slotBytes: 32 });
      const map = arena.map<number, number[]>(5);
      const cell = atomicCell<number[]>([0], { arena });
      const started = new SharedEvent();
      await using doomed = openThreads({ size: 1 });
      const task = doomed.with({ grace: 0 }).spawn(tasks.writeForEver, ring, map, cell, started);
      task.catch(() => {});
      const same = (values: readonly number[]) => assert.equal(new Set(values).size, 1, "torn");
      // A reader that keeps it going until it is killed, somewhere.
      let killed = false;
      const reading = (async () => {
        while (!killed) {
          const value = await ring.receive({ timeout: 60_000 }).catch(() => undefined);
          if (value !== undefined) same(value);
        }
      })();
      await started.wait({ timeout: 60_000 });
      task.cancel();
      await task.catch(() => {});
      killed = true;
      // What the dead one has left, and then ours.
      assert.equal(await Promise.race([ring.send([7]), reading.then(() => ring.send([7]))]), undefined);
      await reading;
      for (let value = ring.tryReceive(); value !== undefined; value = ring.tryReceive()) same(value);
      for (let slot = 0; slot < 8; slot++) assert.equal(ring.trySend([1]), true);
      assert.equal(ring.trySend([1]), false);
      for (const [, values] of map) same(values);
      map.clear();
      for (let key = 0; key < 5; key++) map.set(key, [key]);
      assert.deepEqual([...map].sort(), [
        [0, [0]],
        [1, [1]],
        [2, [2]],
        [3, [3]],
        [4, [4]],
      ]);
      same(cell.load());
      assert.deepEqual(cell.exchange([3]).length > 0, true);
      assert.deepEqual(cell.load(), [3]);
    }
  });

  test("gives back the slots that it had reserved", async () => {
    const ring = SharedArena.create(4_096).ring<number>(1);
    const kept = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    const task = doomed.with({ grace: 0 }).spawn(tasks.keepSlot, ring, kept);
    task.catch(() => {});
    await kept.wait({ timeout: 60_000 });
    assert.equal(ring.trySend(1), false);
    const sending = ring.send(2, { timeout: 60_000 });
    task.cancel();
    await task.catch(() => {});
    await sending;
    assert.equal(ring.tryReceive(), 2);
  });
});
