// Capacity limiter: a total that changes while in use; and the cases of trio and anyio (own code, their ids).
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Guard } from "../../../src/contract/sync.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { CapacityLimiter } from "../../../src/sync/capacity-limiter.ts";
import { begun, ends, gate, quiet, rejection, watch } from "./support.ts";

test("a larger total lets in as many more, in order", async () => {
  const limiter = new CapacityLimiter(1);
  const log: number[] = [];
  const hold = gate();
  const tasks = Array.from({ length: 5 }, (_, index) =>
    limiter.with(async () => {
      log.push(index);
      await hold.promise;
    }),
  );
  await quiet();
  assert.deepEqual(log, [0]);
  limiter.total = 3;
  await quiet();
  assert.deepEqual(log, [0, 1, 2]);
  limiter.total = Number.POSITIVE_INFINITY;
  await quiet();
  assert.deepEqual(log, [0, 1, 2, 3, 4]);
  hold.open();
  await Promise.all(tasks);
});

test("a smaller total takes effect as guards are released; nobody is thrown out", async () => {
  const limiter = new CapacityLimiter(4);
  const guards = await Promise.all(Array.from({ length: 4 }, () => limiter.acquire()));
  limiter.total = 2;
  assert.deepEqual([limiter.available, guards.every(({ held }) => held)], [0, true]);
  const waiting = limiter.acquire();
  const seen = watch(waiting);
  guards[0]?.release();
  guards[1]?.release();
  await quiet();
  assert.equal(seen.state, "pending", "two hold it, and two may");
  guards[2]?.release();
  (await waiting).release();
  guards[3]?.release();
  assert.equal(limiter.available, 2);
});

test("a total of 0 lets nobody in until it is raised", async () => {
  const limiter = new CapacityLimiter(0);
  assert.equal(limiter.tryAcquire(), undefined);
  const seen = watch(limiter.acquire().then((guard) => guard.release()));
  await quiet();
  assert.equal(seen.state, "pending");
  limiter.total = 1;
  await quiet();
  assert.deepEqual([seen.state, limiter.available], ["done", 1]);
});

test("a total is a whole number, 0 or more, or Infinity; a wrong one changes nothing", () => {
  const limiter = new CapacityLimiter(2);
  for (const wrong of [-1, 0.5, Number.NaN, "2", undefined, null]) {
    assert.throws(() => new CapacityLimiter(wrong as never), { name: "RangeError", message: /The total must be a whole number/ });
    assert.throws(() => {
      limiter.total = wrong as never;
    }, RangeError);
  }
  assert.deepEqual([limiter.total, limiter.available], [2, 2]);
});

test("from Infinity to a number and back: what is held is counted all along", async () => {
  const limiter = new CapacityLimiter(Number.POSITIVE_INFINITY);
  const guards = await Promise.all(Array.from({ length: 10 }, () => limiter.acquire()));
  assert.equal(limiter.available, Number.POSITIVE_INFINITY);
  limiter.total = 12;
  assert.equal(limiter.available, 2);
  for (const guard of guards) guard.release();
  assert.equal(limiter.available, 12);
});

// ---- trio, src/trio/_tests/test_sync.py ----

test("trio test_CapacityLimiter: tokens are borrowed and given back", async () => {
  const limiter = new CapacityLimiter(2);
  assert.equal(limiter.total, 2);
  const first = limiter.tryAcquire();
  const second = await limiter.acquire();
  assert.deepEqual([limiter.available, limiter.tryAcquire()], [0, undefined]);
  const [task] = await begun(() => limiter.acquire());
  first?.release();
  (await task).release();
  second.release();
  assert.equal(limiter.available, 2);
});

test("trio test_CapacityLimiter_inf: no end of tokens", async () => {
  const limiter = new CapacityLimiter(Number.POSITIVE_INFINITY);
  for (let n = 0; n < 100; n++) assert.equal(limiter.tryAcquire()?.held, true);
  assert.equal(limiter.available, Number.POSITIVE_INFINITY);
});

test("trio test_CapacityLimiter_change_total_tokens", async () => {
  const limiter = new CapacityLimiter(2);
  const tasks = Array.from({ length: 5 }, () => coroutines.run(() => limiter.acquire()));
  await quiet();
  const running = () => tasks.map(({ state }) => (state === "succeeded" ? "held" : "waits"));
  assert.deepEqual(running(), ["held", "held", "waits", "waits", "waits"]);
  limiter.total = 4;
  await quiet();
  assert.deepEqual(running(), ["held", "held", "held", "held", "waits"]);
  limiter.total = 1;
  (await tasks[0])?.release();
  (await tasks[1])?.release();
  (await tasks[2])?.release();
  await quiet();
  assert.deepEqual(running()[4], "waits");
  (await tasks[3])?.release();
  (await tasks[4])?.release();
  assert.equal(limiter.available, 1);
});

test("trio test_CapacityLimiter_memleak_548: a cancelled waiter leaves nothing in the line", async () => {
  const limiter = new CapacityLimiter(1);
  const held = await limiter.acquire();
  for (let n = 0; n < 100; n++) {
    const [task] = await begun(() => limiter.acquire());
    task.cancel();
    await rejection(task);
  }
  held.release();
  assert.deepEqual([limiter.available, limiter.tryAcquire()?.held], [1, true]);
});

test("trio test_CapacityLimiter_zero_limit_tokens", async () => {
  const limiter = new CapacityLimiter(5);
  limiter.total = 0;
  const [task] = await begun(() => limiter.acquire());
  assert.equal(task.state, "running");
  limiter.total = 10;
  (await task).release();
  assert.equal(limiter.available, 10);
});

// ---- anyio, tests/test_synchronization.py ----

test("anyio TestCapacityLimiter.test_borrow, test_limit: never more than the total at once", async () => {
  const limiter = new CapacityLimiter(1);
  let value = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      limiter.with(async () => {
        value++;
        await quiet(1);
        assert.equal(value, 1);
        value--;
      }),
    ),
  );
});

test("anyio TestCapacityLimiter.test_bad_release has no counterpart: a guard is released once", async () => {
  const limiter = new CapacityLimiter(1);
  const guard = await limiter.acquire();
  guard.release();
  guard.release();
  assert.equal(limiter.available, 1);
});

test("anyio TestCapacityLimiter.test_increase_tokens_lets_others_acquire", async () => {
  const limiter = new CapacityLimiter(1);
  const entered: number[] = [];
  const hold = gate();
  const tasks = [1, 2].map((n) =>
    coroutines.run(() =>
      limiter.with(async () => {
        entered.push(n);
        await hold.promise;
      }),
    ),
  );
  await quiet();
  assert.deepEqual(entered, [1]);
  limiter.total = 2;
  await quiet();
  assert.deepEqual(entered, [1, 2]);
  hold.open();
  await Promise.all(tasks);
});

test("anyio TestCapacityLimiter.test_acquire_cancel, test_ordered_queue: the order outlives a cancel", async () => {
  const limiter = new CapacityLimiter(1);
  const guard = await limiter.acquire();
  const order: number[] = [];
  const tasks = [];
  for (let n = 0; n < 5; n++) tasks.push(...(await begun(() => limiter.with(() => order.push(n)))));
  tasks[2]?.cancel();
  guard.release();
  await ends(tasks);
  assert.deepEqual(order, [0, 1, 3, 4]);
});

test("anyio TestCapacityLimiter.test_asyncio_deadlock (#398): cancelling holder and waiter together leaves it usable", async () => {
  const limiter = new CapacityLimiter(1);
  const work = () => limiter.with(() => quiet(2));
  const tasks = [...(await begun(work)), ...(await begun(work)), ...(await begun(work))];
  for (const task of tasks) task.cancel();
  await ends(tasks);
  assert.equal(await limiter.with(() => "usable"), "usable");
});

// ---- the invariant, with totals that change at random ----

test("whatever the total does, no one is let in above it, and none waits while there is room", { timeout: 60_000 }, async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("acquire" as const), which: fc.nat() }),
    fc.record({ kind: fc.constant("release" as const), which: fc.nat() }),
    fc.record({ kind: fc.constant("total" as const), which: fc.nat({ max: 6 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const limiter = new CapacityLimiter(2);
      const guards: Guard[] = [];
      let asked = 0;
      const held = () => guards.filter((guard) => guard.held);
      for (const { kind, which } of steps) {
        const before = held().length;
        if (kind === "acquire") {
          asked++;
          void limiter.acquire().then((guard) => guards.push(guard));
        } else if (kind === "total") limiter.total = which;
        else held()[which % Math.max(1, before)]?.release();
        await quiet(1);
        const now = held().length;
        assert.ok(now <= Math.max(limiter.total, before), `${now} hold it, the total is ${limiter.total}`);
        assert.equal(limiter.available, Math.max(0, limiter.total - now));
        const waiting = asked - guards.length;
        assert.ok(waiting === 0 || now >= limiter.total, "somebody waits while there is room");
      }
      limiter.total = Number.POSITIVE_INFINITY;
      await quiet(1);
      assert.equal(guards.length, asked);
    }),
    { numRuns: 100 },
  );
});
