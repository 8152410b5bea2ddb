// The clauses that are no channels: moments, tasks, signals and locks.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { after } from "../../../src/channels/clauses/after.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { CancelledError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { timers } from "../../../src/core/timers.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, program, quiet, rejection } from "../core/support.ts";
import { settled, TestLock, watch } from "./support.ts";

describe("after", () => {
  test("is ready when its time has come, not before", async () => {
    await withVirtualClock(async (clock) => {
      const chosen = watch(select({ late: after(100), never: null }));
      await clock.advance(99);
      assert.equal(chosen.state, "pending");
      await clock.advance(1);
      assert.deepEqual(chosen.value, { key: "late", value: undefined });
    });
  });

  test("begins with the select, not with the call of after", async () => {
    await withVirtualClock(async (clock) => {
      const soon = after(10);
      await clock.advance(1_000);
      const chosen = watch(select({ soon }));
      await clock.advance(9);
      assert.equal(chosen.state, "pending");
      await clock.advance(1);
      assert.equal(chosen.state, "fulfilled");
    });
  });

  test("0 is ready at once, also for trySelect; anything more is not", () => {
    assert.deepEqual(trySelect({ now: after(0) }), { key: "now", value: undefined });
    assert.equal(trySelect({ soon: after(1) }), undefined);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });

  test("Infinity never comes", async () => {
    const channel = new Channel<number>();
    const chosen = select({ never: after(Number.POSITIVE_INFINITY), got: channel.receiving() });
    await settled();
    channel.trySend(1);
    assert.equal((await chosen).key, "got");
  });

  test("the earlier of two is chosen", async () => {
    await withVirtualClock(async () => {
      assert.equal((await select({ late: after(20), early: after(10) })).key, "early");
    });
  });

  test("its timer is gone when another clause is chosen, the select is cancelled or times out", async () => {
    const channel = new Channel<number>();
    const chosen = select({ got: channel.receiving(), late: after(60_000) });
    assert.notEqual(timers.nextAtMs, Number.POSITIVE_INFINITY);
    channel.trySend(1);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    await chosen;
    await assert.rejects(select({ late: after(60_000) }, { timeout: 1 }));
    const task = coroutines.run(() => select({ late: after(60_000) }));
    await settled();
    task.cancel();
    await rejection(task);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });

  test("one clause may be in many selects at once", async () => {
    await withVirtualClock(async (clock) => {
      const soon = after(10);
      const first = watch(select({ soon }));
      await clock.advance(5);
      const second = watch(select({ soon }));
      await clock.advance(5);
      assert.deepEqual([first.state, second.state], ["fulfilled", "pending"]);
      await clock.advance(5);
      assert.equal(second.state, "fulfilled");
    });
  });

  test("what is no duration throws RangeError at once", () => {
    for (const ms of [-1, Number.NaN, "5" as never, undefined as never]) {
      assert.throws(() => after(ms), { name: "RangeError", message: /time of after/ });
    }
  });

  test("keeps the program alive while a select waits for it", async () => {
    const { stdout, code } = await program(`
      const { Channel, after, select } = brigade;
      const got = await select({ never: new Channel().receiving(), late: after(20) });
      console.log(got.key);
    `);
    assert.deepEqual([stdout.trim(), code], ["late", 0]);
  });
});

describe("a task", () => {
  test("gives its result when it succeeds", async () => {
    const hold = gate<number>();
    const task = coroutines.run(() => hold.promise);
    const chosen = watch(select({ task, never: null }));
    await settled();
    assert.equal(chosen.state, "pending");
    hold.open(42);
    assert.deepEqual(await chosen.promise, { key: "task", value: 42 });
  });

  test("one that has settled is ready at once", async () => {
    const task = coroutines.run(() => "done");
    await task;
    assert.deepEqual(trySelect({ task }), { key: "task", value: "done" });
    assert.deepEqual(await select({ task }), { key: "task", value: "done" });
  });

  test("one that has not settled is not ready for trySelect", async () => {
    const task = coroutines.run(() => 1);
    assert.equal(trySelect({ task }), undefined);
    await task;
  });

  test("its failure rejects the select, and counts as taken care of", async () => {
    const task = coroutines.run(() => Promise.reject(new RangeError("failed")));
    await assert.rejects(select({ task, late: after(10_000) }), RangeError);
    await assert.rejects(select({ task }), RangeError);
    assert.throws(() => trySelect({ task }), RangeError);
    await quiet();
  });

  test("a failure that nobody has seen yet is taken care of by a select in the same turn", async () => {
    const { stdout, code } = await program(`
      const { coroutines, trySelect } = brigade;
      const task = coroutines.run(async () => {
        void (async () => {
          // Later than the end of the task, and before the platform asks who looked.
          for (let hop = 0; hop < 50; hop++) await undefined;
          try { trySelect({ task }); } catch (error) { console.log(error.message); }
        })();
        throw new RangeError("failed");
      });
    `);
    assert.deepEqual([stdout.trim(), code], ["failed", 0]);
  });

  test("a cancelled one rejects the select with its CancelledError", async () => {
    const task = coroutines.run(forever);
    const chosen = watch(select({ task }));
    await settled();
    task.cancel("why");
    await settled();
    assert.ok(chosen.error instanceof CancelledError && chosen.error.cause === "why");
  });

  test("one that loses goes on, and its failure is its own", async () => {
    const hold = gate<number>();
    const task = coroutines.run(() => hold.promise);
    assert.equal((await select({ task, now: after(0) }, { biased: true })).key, "now");
    assert.ok(["waiting", "running"].includes(task.state));
    const channel = new Channel<number>();
    const chosen = select({ task, got: channel.receiving() });
    await settled();
    channel.trySend(1);
    await chosen;
    assert.equal(task.state, "running");
    hold.open(7);
    assert.equal(await task, 7);
  });

  test("a failure after the select has lost interest raises unhandledRejection", async () => {
    const { stderr, code } = await program(`
      const { coroutines, after, select, sleep } = brigade;
      const task = coroutines.run(async () => { await sleep(20); throw new RangeError("nobody looked"); });
      await select({ task, soon: after(1) });
      await sleep(100);
    `);
    assert.notEqual(code, 0);
    assert.match(stderr, /RangeError: nobody looked/);
  });

  test("one task may be in many selects, and twice in one", async () => {
    const hold = gate<number>();
    const task = coroutines.run(() => hold.promise);
    const all = [select({ task }), select({ a: task, b: task }), select({ task, never: null })];
    await settled();
    hold.open(1);
    assert.deepEqual(
      (await Promise.all(all)).map(({ value }) => value),
      [1, 1, 1],
    );
  });

  test("a value that is a promise in a task is awaited by the task, not by the select", async () => {
    const task = coroutines.run(async () => ({ inner: Promise.resolve(1) }));
    const got = await select({ task });
    assert.ok(got.value.inner instanceof Promise);
  });
});

describe("a signal", () => {
  test("gives its reason when it aborts", async () => {
    const controller = new AbortController();
    const chosen = watch(select({ stop: controller.signal, never: null }));
    await settled();
    assert.equal(chosen.state, "pending");
    controller.abort("enough");
    assert.deepEqual(await chosen.promise, { key: "stop", value: "enough" });
  });

  test("one that has aborted is ready at once", () => {
    assert.deepEqual(trySelect({ stop: AbortSignal.abort("before") }), { key: "stop", value: "before" });
    assert.equal(trySelect({ stop: new AbortController().signal }), undefined);
  });

  test("a clause is chosen, an option rejects", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const chosen = watch(select({ stop: signal }));
    const cancelled = watch(select({ never: null }, { signal }));
    controller.abort("enough");
    await settled();
    assert.equal(chosen.value?.value, "enough");
    assert.ok(cancelled.error instanceof CancelledError && cancelled.error.cause === "enough");
  });

  test("the signal of the own task as a clause: the select gives way once, later operations throw", async () => {
    const task = coroutines.run(async () => {
      const got = await select({ stop: currentTask().signal, never: null });
      const error = await rejection(select({ never: null }));
      return [got.key, (error as Error).name];
    });
    await settled();
    task.cancel();
    assert.deepEqual(await task, ["stop", "AbortError"]);
  });

  test("any number of selects share one listener", async () => {
    const controller = new AbortController();
    const all = Array.from({ length: 100 }, () => select({ stop: controller.signal }));
    assert.equal(getEventListeners(controller.signal, "abort").length, 1);
    controller.abort("all");
    for (const { value } of await Promise.all(all)) assert.equal(value, "all");
  });
});

describe("a lock", () => {
  test("that is free is acquired at once", async () => {
    const lock = new TestLock();
    const got = await select({ lock: lock.acquiring(), never: null });
    assert.equal(lock.held, true);
    (got.value as () => void)();
    assert.equal(lock.held, false);
  });

  test("that is held is acquired when it is released, and not at all when something else is chosen", async () => {
    const lock = new TestLock();
    const release = lock.take();
    const channel = new Channel<number>();
    const first = select({ lock: lock.acquiring(), got: channel.receiving() });
    channel.trySend(1);
    assert.equal((await first).key, "got");
    assert.equal(lock.line.length, 0);
    const second = select({ lock: lock.acquiring(), got: channel.receiving() });
    release();
    assert.equal((await second).key, "lock");
    assert.equal(lock.grants, 2);
    assert.equal(channel.statistics().waitingReceivers, 0);
  });

  test("is given to whoever stands in line first, select or not", async () => {
    const lock = new TestLock();
    const release = lock.take();
    const order: string[] = [];
    const waiting = ["a", "b", "c"].map(async (name) => {
      const { value } = await select({ lock: lock.acquiring() });
      order.push(name);
      (value as () => void)();
    });
    release();
    await Promise.all(waiting);
    assert.deepEqual(order, ["a", "b", "c"]);
  });

  test("a select that is cancelled leaves its line, and the next is told", async () => {
    const lock = new TestLock();
    lock.take();
    let told = 0;
    lock.onWithdrawn = () => {
      told++;
    };
    await assert.rejects(select({ lock: lock.acquiring() }, { timeout: 1 }));
    assert.equal(told, 1);
    assert.equal(lock.line.length, 0);
  });
});
