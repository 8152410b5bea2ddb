// Checkpoints: they throw what is due, and give the event loop its turn by time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { checkpoint, checkpointSync, setSyncPoll } from "../../../src/core/checkpoint.ts";
import { currentScope } from "../../../src/core/context.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, quiet, rejection } from "./support.ts";

test("outside any task and in a task that is not cancelled they do nothing", async () => {
  assert.equal(await checkpoint(), undefined);
  assert.equal(checkpointSync(), undefined);
  const task = coroutines.run(async () => {
    await checkpoint();
    checkpointSync();
    return "done";
  });
  assert.equal(await task, "done");
});

test("checkpoint throws the pending cancel every time; checkpointSync too", async () => {
  const task = coroutines.run(async () => {
    await rejection(sleep(Number.POSITIVE_INFINITY));
    const errors = [await rejection(checkpoint()), await rejection(checkpoint())];
    for (let n = 0; n < 2; n++) {
      try {
        checkpointSync();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  });
  await quiet();
  task.cancel("why");
  const errors = await task;
  assert.equal(errors.length, 4);
  for (const error of errors) assert.equal(error instanceof CancelledError && error.cause, "why");
});

test("a loop of checkpoints lets timers, immediates and other tasks have their turn, and can be cancelled by them", async () => {
  const turned = gate();
  const limit = gate();
  // The widest margin there is: the loop ends only when the event loop has come round, with a real timer as well.
  setImmediate(turned.open);
  setTimeout(limit.open, 1);
  let over = false;
  void Promise.all([turned.promise, limit.promise]).then(() => {
    over = true;
  });
  const task = coroutines.run(async () => {
    while (!over) await checkpoint();
    for (;;) await checkpoint();
  });
  setTimeout(() => task.cancel("enough"), 10);
  const error = await rejection(task);
  assert.equal((error as Error).cause, "enough");
});

test("most checkpoints cost no turn: at most one in 64 does", async () => {
  const checkpoints = 64 * 100;
  let turns = 0;
  let over = false;
  const count = () => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  for (let n = 0; n < checkpoints; n++) await checkpoint();
  over = true;
  assert.equal(turns <= 101, true, `${turns} turns`);
});

test("tasks that are over their slice share one turn", async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    for (let n = 0; n < 500; n++) await checkpoint();
    order.push(name);
  };
  await Promise.all([coroutines.run(work, "a"), coroutines.run(work, "b"), coroutines.run(work, "c")]);
  assert.deepEqual(order.toSorted(), ["a", "b", "c"]);
});

test("a cancel that comes during the turn is thrown by that checkpoint", async () => {
  const inside = gate();
  let after = false;
  const task = coroutines.run(async () => {
    inside.open();
    // One of these takes a turn, as the clock stands still; the task is cancelled in it.
    for (let n = 0; n < 256; n++) await checkpoint();
    after = true;
  });
  await withVirtualClock(async () => {
    await inside.promise;
    setImmediate(() => task.cancel());
    await rejection(task);
  });
  assert.deepEqual([task.state, after], ["cancelled", false]);
});

test("with a clock that stands still a loop of checkpoints does not hold up time", async () => {
  await withVirtualClock(async (clock) => {
    const error = await rejection(
      timeout(50, async () => {
        for (;;) await checkpoint();
      }),
    );
    assert.equal(error instanceof TimeoutError, true);
    assert.equal(clock.now, 50);
  });
});

test("checkpointSync sees deadlines that pass while no timer can fire", async () => {
  const task = coroutines.with({ timeout: 20 }).run(() => {
    const begun = performance.now();
    // Wide margin: ten seconds for something that takes twenty milliseconds.
    while (performance.now() - begun < 10_000) checkpointSync();
  });
  assert.equal((await rejection(task)) instanceof TimeoutError, true);
});

test("checkpointSync runs what is due for others as well, and they go on at the next turn", async () => {
  const log: string[] = [];
  // Both start in this tick, so no turn of the event loop comes between them.
  const other = coroutines.with({ timeout: 5 }).run(async () => {
    await rejection(sleep(Number.POSITIVE_INFINITY));
    log.push("the other goes on");
  });
  await coroutines.run(() => {
    const begun = performance.now();
    // Wide margin: ten seconds for something that takes five milliseconds.
    while (other.state === "running" && performance.now() - begun < 10_000) checkpointSync();
    log.push(`the other is ${other.state}`);
  });
  await other;
  assert.deepEqual(log, ["the other is cancelling", "the other goes on"]);
});

test("in a worker checkpointSync looks for a cancel each time", async () => {
  let polls = 0;
  try {
    const task = coroutines.run(() => {
      setSyncPoll(() => {
        if (++polls === 3) currentScope().cancelWith(new CancelledError("from the other side"));
      });
      for (;;) checkpointSync();
    });
    assert.equal(((await rejection(task)) as Error).message, "from the other side");
    assert.equal(polls, 3);
  } finally {
    setSyncPoll(undefined);
  }
});
