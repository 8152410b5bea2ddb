// Cancellation of one task: at every moment of its life, level-triggered, and never lost against a committed result.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection, stubborn } from "./support.ts";

test("cancel while waiting for a place: it leaves the queue at once and never runs", async () => {
  const narrow = openCoroutines({ size: 1 });
  const hold = gate();
  const first = narrow.run(stubborn(hold));
  let ran = false;
  const second = narrow.run(() => {
    ran = true;
  });
  const third = narrow.run(() => "third");
  await quiet();
  assert.equal(narrow.statistics().waiting, 2);
  second.cancel();
  assert.equal(second.state, "cancelled");
  assert.equal(narrow.statistics().waiting, 1);
  hold.open();
  await first;
  assert.equal(await third, "third");
  assert.equal(ran, false);
});

test("cancel while running wakes the parked operation; finally blocks run before the task settles", async () => {
  const inside = gate();
  const log: string[] = [];
  const task = coroutines.run(async () => {
    try {
      inside.open();
      await forever();
    } catch (error) {
      log.push(`caught ${(error as Error).name}`);
      throw error;
    } finally {
      log.push(`finally while ${task.state}`);
    }
  });
  await inside.promise;
  task.cancel();
  log.push(`asked: ${task.state}`);
  await rejection(task);
  log.push(task.state);
  assert.deepEqual(log, ["asked: cancelling", "caught AbortError", "finally while cancelling", "cancelled"]);
});

test("cancel after the end changes nothing", async () => {
  const task = coroutines.run(() => 1);
  await task;
  task.cancel("late");
  assert.deepEqual([task.state, await task], ["succeeded", 1]);
  const failing = coroutines.run(() => Promise.reject(new RangeError("no")));
  await rejection(failing);
  failing.cancel();
  assert.equal(failing.state, "failed");
});

test("cancel is synchronous and idempotent: the first reason stays", async () => {
  const task = coroutines.run(forever);
  await quiet();
  assert.equal(task.cancel("first"), undefined);
  task.cancel("second");
  const error = await rejection(task);
  task.cancel("third");
  assert.equal(error instanceof CancelledError && error.cause, "first");
  assert.match((error as Error).message, /was cancelled: first\.$/);
});

test("the reason: none, a text, an Error as cause, a CancelledError as itself; and anything else does no harm", async () => {
  const outcomeOf = async (reason?: unknown) => {
    const task = coroutines.run(forever);
    task.cancel(reason);
    return (await rejection(task)) as CancelledError;
  };
  const bare = await outcomeOf();
  assert.equal("cause" in bare, false);
  assert.equal(bare.name, "AbortError");
  assert.equal(bare.code, "ERR_BRIGADE_CANCELLED");
  const why = new Error("disk full.");
  const caused = await outcomeOf(why);
  assert.equal(caused.cause, why);
  assert.match(caused.message, /: disk full\.$/);
  const own = new CancelledError("mine");
  assert.equal(await outcomeOf(own), own);
  const odd = Object.assign(new Error("x"), { message: Symbol("not a text") });
  assert.equal((await outcomeOf(odd)).cause, odd);
  const trap = new Proxy(new Error("x"), {
    getPrototypeOf() {
      throw new Error("trap");
    },
  });
  assert.equal((await outcomeOf(null)).cause, null);
  assert.equal((await outcomeOf({ code: 7 })) instanceof CancelledError, true);
  assert.equal((await outcomeOf(trap)).cause === trap, true, "a value that cannot be looked at at all");
});

test("a committed result beats a cancel: what was returned after it stands", async () => {
  const inside = gate();
  const hold = gate<string>();
  const task = coroutines.run(async () => {
    inside.open();
    return hold.promise;
  });
  await inside.promise;
  task.cancel();
  assert.equal(task.state, "cancelling");
  hold.open("kept");
  assert.equal(await task, "kept");
  assert.equal(task.state, "succeeded");
});

test("an operation that was done when the cancel came is not undone; the next one throws", async () => {
  const log: string[] = [];
  await withVirtualClock(async (clock) => {
    const task = coroutines.run(async () => {
      await sleep(10);
      log.push("slept");
      await sleep(10);
      log.push("never");
    });
    // Wakes in the same instant as the task, before it: the sleep is over, its cancel comes second.
    await clock.advance(0);
    const canceller = coroutines.run(async () => {
      await sleep(10);
      task.cancel();
    });
    await canceller;
    await rejection(task);
  });
  assert.deepEqual(log, ["slept"]);
});

test("a cancel before the timer of the same instant: the sleep did not happen", async () => {
  const log: string[] = [];
  await withVirtualClock(async () => {
    const task = coroutines.run(async () => {
      await sleep(10);
      log.push("slept");
    });
    await sleep(5);
    task.cancel();
    await rejection(task);
    await sleep(100);
  });
  assert.deepEqual(log, []);
});

test("another error that the code throws after a cancel is its outcome", async () => {
  const task = coroutines.run(async () => {
    try {
      await forever();
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: what a failing finalizer does
      throw new RangeError("the finalizer failed");
    }
  });
  await quiet();
  task.cancel();
  assert.equal((await rejection(task)) instanceof RangeError, true);
  assert.equal(task.state, "failed");
});

test("what the platform calls aborted, thrown after a cancel, is the cancel", async () => {
  const inside = gate();
  const task = coroutines.run(async () => {
    const { signal } = currentTask();
    inside.open();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))));
  });
  await inside.promise;
  task.cancel("enough");
  const error = await rejection(task);
  assert.equal(task.state, "cancelled");
  assert.equal(error instanceof CancelledError && error.cause, "enough");
});

test("an AbortError in a task that nobody cancelled is a failure", async () => {
  const task = coroutines.run(() => Promise.reject(new DOMException("aborted", "AbortError")));
  await rejection(task);
  assert.equal(task.state, "failed");
});

test("the signal of the task aborts with its error, also when asked for after the cancel", async () => {
  const inside = gate();
  const seen: unknown[] = [];
  const task = coroutines.run(async () => {
    const early = currentTask().signal;
    early.addEventListener("abort", () => seen.push(early.reason));
    inside.open();
    await rejection(forever());
    const late = currentTask().signal;
    seen.push(late.aborted, late === early, late.reason);
  });
  await inside.promise;
  task.cancel();
  await task;
  const reason = seen[0];
  assert.equal(reason instanceof CancelledError, true);
  assert.deepEqual(seen.slice(1), [true, true, reason]);
});

test("a task that waits for one that somebody else cancelled has failed, unless it is cancelled itself", async () => {
  const inner = coroutines.run(forever);
  const waiter = coroutines.run(async () => await inner);
  const cancelledToo = coroutines.run(async () => await inner);
  await quiet();
  inner.cancel("by hand");
  cancelledToo.cancel("as well");
  const error = await rejection(waiter);
  assert.equal(waiter.state, "failed");
  assert.equal(error instanceof CancelledError && error.cause, "by hand");
  await rejection(cancelledToo);
  assert.equal(cancelledToo.state, "cancelled");
});

test("a cancel reaches the tasks and scopes that a task has begun", async () => {
  const inside = gate();
  const states: string[] = [];
  const task = coroutines.run(async () => {
    const child = coroutines.run(async () => {
      const grandchild = coroutines.run(() => timeout(60_000, forever));
      await quiet();
      inside.open();
      await rejection(grandchild);
      states.push(`grandchild ${grandchild.state}`);
      await forever();
    });
    await rejection(child);
    states.push(`child ${child.state}`);
  });
  await inside.promise;
  task.cancel();
  await task;
  assert.deepEqual(states, ["grandchild cancelled", "child cancelled"]);
});

test("two siblings cancelled separately inside a shared function, after a native await, each see their own cancel", async () => {
  const gates = { a: gate(), b: gate() };
  const shared = async (name: "a" | "b") => {
    await gates[name].promise;
    const current = currentTask();
    const before = current.cancelled;
    try {
      await sleep(Number.POSITIVE_INFINITY);
    } catch (error) {
      return [current.name, before, (error as CancelledError).cause, current.cancelled];
    }
    return [];
  };
  const a = coroutines.with({ name: "a" }).run(shared, "a");
  const b = coroutines.with({ name: "b" }).run(shared, "b");
  await quiet();
  gates.a.open();
  gates.b.open();
  await quiet();
  a.cancel("only a");
  assert.deepEqual(await a, ["a", false, "only a", true]);
  await quiet();
  assert.deepEqual([b.state, a.state], ["running", "succeeded"]);
  b.cancel("only b");
  assert.deepEqual(await b, ["b", false, "only b", true]);
});

test("a cancel flows down a chain of thousands of nested tasks", async () => {
  const depth = 20_000;
  const bottom = gate();
  const nest = async (left: number): Promise<void> => {
    if (left > 0) return coroutines.run(nest, left - 1);
    bottom.open();
    await forever();
  };
  const top = coroutines.run(nest, depth);
  await bottom.promise;
  top.cancel();
  await top.stop();
  assert.equal(top.state, "cancelled");
});
