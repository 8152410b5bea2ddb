// Latch: counts down and opens once, for good.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../../../src/contract/errors.ts";
import { type LazyClause, notReady } from "../../../src/core/clause.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Latch } from "../../../src/sync/latch.ts";
import { TestCase } from "./driver.ts";
import { begun, quiet, rejection, watch } from "./support.ts";

test("it opens with the last count-down, for those who wait and for those who come", async () => {
  const latch = new Latch(3);
  const waiting = [latch.wait(), latch.wait()].map(watch);
  latch.countDown();
  latch.countDown();
  await quiet();
  assert.deepEqual([latch.remaining, waiting.map(({ state }) => state)], [1, ["pending", "pending"]]);
  latch.countDown();
  await quiet();
  assert.deepEqual([latch.remaining, waiting.map(({ state }) => state)], [0, ["done", "done"]]);
  await latch.wait();
});

test("a latch of 0 is open from the start", async () => {
  const latch = new Latch(0);
  assert.equal(latch.remaining, 0);
  await latch.wait();
});

test("more count-downs than are missing open it, and change nothing later", async () => {
  const latch = new Latch(2);
  latch.countDown(5);
  assert.equal(latch.remaining, 0);
  latch.countDown();
  latch.countDown(3);
  assert.equal(latch.remaining, 0);
  await latch.wait();
});

test("counts are whole numbers", () => {
  for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", undefined]) {
    assert.throws(() => new Latch(wrong as never), { name: "RangeError", message: /The count of the latch/ });
  }
  const latch = new Latch(2);
  for (const wrong of [0, -1, 0.5, Number.NaN, "1", null]) {
    assert.throws(() => latch.countDown(wrong as never), { name: "RangeError", message: /The number to count down by/ });
  }
  assert.equal(latch.remaining, 2);
});

test("a waiter may be cancelled, aborted or timed out; the latch goes on without it", async () => {
  const latch = new Latch(1, { name: "started" });
  const [task] = await begun(() => latch.wait());
  task.cancel();
  assert.equal((await rejection(task)) instanceof CancelledError, true);
  await assert.rejects(latch.wait({ timeout: 1 }), { name: "TimeoutError", message: /Waiting for the latch "started"/ });
  const kept = latch.wait();
  latch.countDown();
  await kept;
});

test("its clause is ready once it is open", async () => {
  const latch = new Latch(1);
  const clause = latch.waiting() as LazyClause<void>;
  assert.equal(clause.attempt(undefined), notReady);
  const node = new TestCase(clause);
  latch.countDown();
  await node.promise;
  assert.equal(clause.attempt(undefined), undefined);
});

test("java CountDownLatch: a start signal and a done signal", async () => {
  const [start, done] = [new Latch(1), new Latch(4)];
  const log: string[] = [];
  const workers = Array.from({ length: 4 }, (_, index) =>
    coroutines.run(async () => {
      await start.wait();
      log.push(`work ${index}`);
      done.countDown();
    }),
  );
  await quiet();
  log.push("go");
  start.countDown();
  await done.wait();
  log.push("all done");
  await Promise.all(workers);
  assert.deepEqual(log, ["go", "work 0", "work 1", "work 2", "work 3", "all done"]);
});
