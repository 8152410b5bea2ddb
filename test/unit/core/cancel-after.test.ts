// After a cancel: every later operation throws again, stop() waits, and what cannot be stopped is abandoned.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { checkpoint } from "../../../src/core/checkpoint.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection, stubborn } from "./support.ts";

test("level-triggered: every later operation throws again, so a finalizer that waits cannot hang", async () => {
  const names: string[] = [];
  const attempt = async (name: string, work: () => PromiseLike<unknown>) => {
    const error = await rejection(work());
    names.push(`${name}: ${(error as Error).name}`);
  };
  const ran: string[] = [];
  const note = () => {
    ran.push("ran");
  };
  const task = coroutines.run(async () => {
    try {
      await forever();
    } finally {
      await attempt("sleep", () => sleep(0));
      await attempt("sleep again", () => forever());
      await attempt("checkpoint", () => checkpoint());
      await attempt("timeout", () => timeout(1_000, note));
      await attempt("group", () => withTaskGroup(note));
      await attempt("map", () => map([1], note));
      await attempt("task", () => coroutines.run(note));
      await attempt("drain", () => coroutines.drain());
      await attempt("progress", async () => {
        for await (const _ of task.progress) note();
      });
      await shield(async () => {
        await sleep(0);
        names.push("shield: done");
      });
      await attempt("after the shield", () => sleep(0));
      await forever();
    }
  });
  await quiet();
  task.cancel();
  await task.stop();
  assert.equal(task.state, "cancelled");
  assert.deepEqual(names, [
    "sleep: AbortError",
    "sleep again: AbortError",
    "checkpoint: AbortError",
    "timeout: AbortError",
    "group: AbortError",
    "map: AbortError",
    "task: AbortError",
    "drain: AbortError",
    "progress: AbortError",
    "shield: done",
    "after the shield: AbortError",
  ]);
  assert.deepEqual(ran, []);
});

test("code that catches everything is stopped by the next operation, and may still return a value", async () => {
  let caught = 0;
  const task = coroutines.run(async () => {
    for (let round = 0; round < 3; round++) {
      try {
        await forever();
      } catch {
        caught++;
      }
    }
    return "it swallowed the cancel";
  });
  await quiet();
  task.cancel();
  assert.equal(await task, "it swallowed the cancel");
  assert.equal(caught, 3);
});

test("stop resolves after every finalizer has run and never rejects", async () => {
  const finalizer = gate();
  const log: string[] = [];
  const task = coroutines.run(async () => {
    try {
      await forever();
    } finally {
      log.push("finalizer begins");
      await finalizer.promise;
      log.push("finalizer ends");
    }
  });
  await quiet();
  const stopped = task.stop().then(() => log.push("stopped"));
  await quiet();
  assert.deepEqual(log, ["finalizer begins"]);
  finalizer.open();
  await stopped;
  assert.deepEqual(log, ["finalizer begins", "finalizer ends", "stopped"]);
  assert.equal(task.state, "cancelled");
});

test("stop: before the start, after the end, twice at once, of a task that fails on its way out", async () => {
  const waiting = coroutines.run(() => 1);
  assert.equal(await waiting.stop(), undefined);
  assert.equal(waiting.state, "cancelled");

  const done = coroutines.run(() => 1);
  await done;
  await done.stop();
  assert.equal(done.state, "succeeded");

  const running = coroutines.run(forever);
  await quiet();
  await Promise.all([running.stop(), running.stop()]);
  assert.equal(running.state, "cancelled");

  const failing = coroutines.run(async () => {
    await rejection(forever());
    throw new RangeError("on the way out");
  });
  await quiet();
  assert.equal(await failing.stop(), undefined);
  assert.equal(failing.state, "failed");
});

test("await using stops the task", async () => {
  let ended = false;
  {
    await using task = coroutines.run(async () => {
      try {
        await forever();
      } finally {
        ended = true;
      }
    });
    await quiet();
    assert.equal(task.state, "running");
  }
  assert.equal(ended, true);
});

test("abandoned: with a finite grace, code that ignores the cancel gives its task up; it stays counted until it returns", async () => {
  await withVirtualClock(async (clock) => {
    const own = openCoroutines({ size: 1 });
    const hold = gate();
    const task = own.with({ grace: 50 }).run(stubborn(hold));
    const next = own.run(() => "next");
    await clock.idle();
    task.cancel("enough");
    await clock.advance(49);
    assert.deepEqual([task.state, task.abandoned], ["cancelling", false]);
    await clock.advance(1);
    assert.deepEqual([task.state, task.abandoned], ["cancelled", true]);
    assert.equal(((await rejection(task)) as CancelledError).cause, "enough");
    assert.equal(await next, "next", "its place was given to another");
    assert.equal(own.statistics().running, 1);
    hold.open();
    await clock.idle();
    assert.equal(own.statistics().running, 0);
    assert.equal(task.state, "cancelled");
    assert.deepEqual([own.statistics().succeeded, own.statistics().cancelled], [1, 1]);
  });
});

test("abandoned at an expiry: it fails with the TimeoutError", async () => {
  await withVirtualClock(async () => {
    const hold = gate();
    const task = coroutines.with({ timeout: 10, grace: 5 }).run(stubborn(hold));
    assert.equal((await rejection(task)) instanceof TimeoutError, true);
    assert.deepEqual([task.state, task.abandoned, task.metrics.runMs], ["failed", true, 15]);
    hold.open();
  });
});

test("code that ends within its grace is not abandoned; a grace of 0 does not wait for it", async () => {
  await withVirtualClock(async () => {
    const task = coroutines.with({ grace: 50 }).run(async () => {
      await rejection(forever());
      await shield(() => sleep(30));
      await forever();
    });
    await sleep(1);
    await task.stop();
    assert.deepEqual([task.state, task.abandoned, task.metrics.runMs], ["cancelled", false, 31]);
    const hold = gate();
    const hasty = coroutines.with({ grace: 0 }).run(stubborn(hold));
    await sleep(1);
    await hasty.stop();
    assert.deepEqual([hasty.state, hasty.abandoned], ["cancelled", true]);
    hold.open();
  });
});

test("in abandoned code every operation throws, and what it starts is cancelled", async () => {
  await withVirtualClock(async () => {
    const hold = gate();
    const after = gate<string[]>();
    const task = coroutines.with({ grace: 10 }).run(async () => {
      await hold.promise;
      const inner = coroutines.run(() => "no");
      const errors = [await rejection(sleep(1)), await rejection(inner)];
      after.open(errors.map((error) => (error as Error).name));
    });
    await sleep(1);
    await task.stop();
    assert.equal(task.abandoned, true);
    hold.open();
    assert.deepEqual(await after.promise, ["AbortError", "AbortError"]);
  });
});
