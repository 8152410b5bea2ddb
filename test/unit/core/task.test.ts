// Task: states, the start on the next tick, results, metrics, onDone, joinSync; what a task is to those who hold it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import type { TaskState } from "../../../src/contract/task.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { startSoon } from "../../../src/core/local-run.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, quiet, rejection } from "./support.ts";

test("a task starts on the next tick, never inside the call", async () => {
  let started = false;
  const task = coroutines.run(() => {
    started = true;
    return 1;
  });
  assert.equal(started, false);
  assert.equal(task.state, "waiting");
  assert.equal(await task, 1);
  assert.equal(started, true);
});

test("tasks of one tick start in the order of their submission", async () => {
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((n) => coroutines.run(() => order.push(n))));
  assert.deepEqual(order, [1, 2, 3]);
});

test("waiting, running, succeeded", async () => {
  const inside = gate();
  const hold = gate<string>();
  const task = coroutines.run(async () => {
    inside.open();
    return hold.promise;
  });
  assert.equal(task.state, "waiting");
  await inside.promise;
  assert.equal(task.state, "running");
  hold.open("done");
  assert.equal(await task, "done");
  assert.equal(task.state, "succeeded");
});

test("waiting, running, failed, by a throw at once and by one after an await", async () => {
  for (const fn of [
    () => {
      throw new RangeError("no");
    },
    async () => {
      await quiet(1);
      throw new RangeError("no");
    },
  ]) {
    const task = coroutines.run(fn);
    assert.equal((await rejection(task)) instanceof RangeError, true);
    assert.equal(task.state, "failed");
  }
});

test("waiting, running, cancelling, cancelled", async () => {
  const inside = gate();
  const seen: TaskState[] = [];
  const task = coroutines.run(async () => {
    inside.open();
    try {
      await sleep(Number.POSITIVE_INFINITY);
    } finally {
      seen.push(task.state);
    }
  });
  await inside.promise;
  task.cancel();
  seen.push(task.state);
  await rejection(task);
  seen.push(task.state);
  assert.deepEqual(seen, ["cancelling", "cancelling", "cancelled"]);
});

test("waiting, cancelled: what never started was never running", async () => {
  let started = false;
  const task = coroutines.run(() => {
    started = true;
  });
  task.cancel("not needed");
  assert.equal(task.state, "cancelled");
  const error = await rejection(task);
  assert.equal(error instanceof CancelledError && error.cause, "not needed");
  await quiet();
  assert.equal(started, false);
  assert.equal(task.metrics.runMs, 0);
});

test("whatever is thrown comes out as it is", async () => {
  const hostile = new Proxy(new Error("hidden"), {
    get() {
      throw new Error("trap");
    },
    getPrototypeOf() {
      throw new Error("trap");
    },
  });
  for (const thrown of [undefined, null, 0, "text", Symbol("s"), Object.create(null), () => {}, hostile]) {
    const task = coroutines.run(() => {
      throw thrown;
    });
    // In a list: a promise would look for a "then" in what it is resolved with.
    const caught = await task.then(
      () => [],
      (error: unknown) => [error],
    );
    assert.equal(caught.length === 1 && caught[0] === thrown, true);
    assert.equal(task.state, "failed");
  }
});

test("a thenable is adopted, also one that misbehaves", async () => {
  const twice = {
    // biome-ignore lint/suspicious/noThenProperty: the point of the test
    then(resolve: (value: number) => void, reject: (error: unknown) => void) {
      resolve(1);
      resolve(2);
      reject(new Error("late"));
    },
  };
  assert.equal(await coroutines.run(() => twice as unknown as PromiseLike<number>), 1);

  const throwing = {
    // biome-ignore lint/suspicious/noThenProperty: the point of the test
    get then(): never {
      throw new RangeError("no then");
    },
  };
  assert.equal((await rejection(coroutines.run(() => throwing as unknown))) instanceof RangeError, true);

  // A lazy promise begins when its own `then` is called; a promise whose own `then` throws must not break the others.
  class Lazy extends Promise<string> {
    // biome-ignore lint/suspicious/noThenProperty: the point of the test
    override then<U, V>(onOk?: ((value: string) => U | PromiseLike<U>) | null, onFail?: ((reason: unknown) => V | PromiseLike<V>) | null) {
      return Promise.resolve("lazy").then(onOk, onFail);
    }
  }
  assert.equal(await coroutines.run(() => new Lazy(() => {})), "lazy");
  const broken = Object.assign(Promise.resolve(1), {
    // biome-ignore lint/suspicious/noThenProperty: the point of the test
    then() {
      throw new RangeError("own then");
    },
  });
  const first = coroutines.run(() => broken as unknown);
  const second = coroutines.run(() => "unharmed");
  assert.equal((await rejection(first)) instanceof RangeError, true);
  assert.equal(await second, "unharmed");
});

test("a start that throws does not take the other starts of its tick with it", async () => {
  const fault = gate<unknown>();
  const previous = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.once("uncaughtException", fault.open);
  const after = gate<string>();
  startSoon(() => {
    throw new RangeError("a bug");
  });
  startSoon(() => after.open("started"));
  assert.equal(await after.promise, "started");
  assert.equal((await fault.promise) instanceof RangeError, true);
  for (const listener of previous) process.on("uncaughtException", listener);
});

test("then, catch and finally behave as a promise's, as often as asked", async () => {
  const task = coroutines.run(async () => 2);
  assert.equal(await task.then((n) => n * 2), 4);
  assert.equal(await task.then(), 2);
  let finished = 0;
  assert.equal(await task.finally(() => finished++), 2);
  assert.equal(finished, 1);
  const failing = coroutines.run(() => Promise.reject(new RangeError("no")));
  assert.equal(await failing.catch((error: unknown) => (error as RangeError).message), "no");
  assert.equal(await failing.catch(() => "again"), "again");
  assert.equal(Object.prototype.toString.call(task), "[object Task]");
  assert.deepEqual(await Promise.all([task, task]), [2, 2]);
});

test("ids differ, are given once and name the task from inside", async () => {
  const one = coroutines.run(() => currentTask().id);
  const other = coroutines.run(() => currentTask().id);
  assert.notEqual(one.id, other.id);
  assert.equal(await one, one.id);
  assert.equal(await other, other.id);
});

test("the name comes from the view, else from the function", async () => {
  function weigh() {
    return currentTask().name;
  }
  assert.equal(await coroutines.run(weigh), "weigh");
  assert.equal(await coroutines.with({ name: "scales" }).run(weigh), "scales");
  assert.equal(coroutines.run((() => () => {})()).name, "anonymous");
});

test("currentTask: id, name, level, signal, cancelled, deadline; outside a task one that is never cancelled", async () => {
  const outside = currentTask();
  assert.deepEqual([outside.name, outside.cancelled, outside.deadline, outside.signal.aborted], ["main", false, undefined, false]);
  outside.report("nobody listens");
  await withVirtualClock(async () => {
    const task = coroutines.with({ deadline: 100, name: "inner" }).run(async () => {
      const current = currentTask();
      assert.deepEqual([current.name, current.level, current.cancelled, current.deadline], ["inner", "coroutine", false, 100]);
      await rejection(sleep(Number.POSITIVE_INFINITY));
      assert.equal(current.cancelled, true);
      assert.equal(current.signal.aborted, true);
      assert.equal(current.signal.reason instanceof TimeoutError, true);
    });
    await task;
  });
});

test("metrics: queued and running time, from waiting to the end", async () => {
  await withVirtualClock(async (clock) => {
    const narrow = openCoroutines({ size: 1 });
    const first = narrow.run(() => sleep(30));
    const second = narrow.run(() => sleep(20));
    await clock.advance(10);
    assert.equal(first.metrics.runMs, 10);
    assert.deepEqual([second.metrics.queuedMs, second.metrics.runMs, second.metrics.worker], [10, 0, undefined]);
    await second;
    assert.equal(first.metrics.runMs, 30);
    assert.deepEqual([second.metrics.queuedMs, second.metrics.runMs], [30, 20]);
    await sleep(100);
    assert.deepEqual([second.metrics.queuedMs, second.metrics.runMs], [30, 20], "final once settled");
    assert.deepEqual([second.metrics.bytesIn, second.metrics.bytesOut, second.metrics.cpuMs], [0, 0, undefined]);
  });
});

test("100,000 coroutines suspended at once", async () => {
  await withVirtualClock(async (clock) => {
    const count = 100_000;
    let running = 0;
    const tasks = Array.from({ length: count }, (_, n) =>
      coroutines.run(async () => {
        running++;
        await sleep(1_000);
        return n;
      }),
    );
    await clock.idle();
    assert.equal(running, count);
    assert.equal(coroutines.statistics().running >= count, true);
    let sum = 0;
    for (const task of tasks) sum += await task;
    assert.equal(sum, (count * (count - 1)) / 2);
    assert.equal(clock.now, 1_000);
  });
});
