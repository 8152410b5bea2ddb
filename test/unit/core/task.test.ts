// Task: states, the start on the next tick, results, metrics, onDone, joinSync; what a task is to those who hold it.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { CancelledError, TimeoutError, UnsupportedError } from "../../../src/contract/errors.ts";
import type { Outcome, TaskState } from "../../../src/contract/task.ts";
import { currentScope } from "../../../src/core/context.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { startSoon } from "../../../src/core/local-run.ts";
import { rootScope } from "../../../src/core/scope.ts";
import { ScopedTask, type TaskDriver } from "../../../src/core/task.ts";
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
    override then<U, V>(onOk?: ((value: string) => U | PromiseLike<U>) | null, onFail?: ((reason: unknown) => V | PromiseLike<V>) | null) {
      return Promise.resolve("lazy").then(onOk, onFail);
    }
  }
  assert.equal(await coroutines.run(() => new Lazy(() => {})), "lazy");
  const broken = Object.assign(Promise.resolve(1), {
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

test("onDone: once, on the next tick, with the outcome", async () => {
  const outcomes: Outcome<number>[] = [];
  const task = coroutines.run(() => 5);
  task.onDone((outcome) => outcomes.push(outcome));
  await task;
  await quiet(1);
  assert.deepEqual(outcomes, [{ state: "succeeded", value: 5 }]);

  const failure = new Error("no");
  const failing = coroutines.run(() => Promise.reject(failure));
  const failed = gate<Outcome<never>>();
  failing.onDone(failed.open);
  assert.deepEqual(await failed.promise, { state: "failed", error: failure });

  const cancelled = coroutines.run(() => {});
  const end = gate<Outcome<void>>();
  cancelled.onDone(end.open);
  cancelled.cancel();
  assert.equal((await end.promise).state, "cancelled");
});

test("onDone after the end calls back on the next tick, not inside the call", async () => {
  const task = coroutines.run(() => 5);
  await task;
  let called = 0;
  task.onDone(() => called++);
  assert.equal(called, 0);
  await undefined;
  assert.equal(called, 1);
});

test("onDone: a disposed subscription is not called, before or after the end", async () => {
  const task = coroutines.run(() => 5);
  let called = 0;
  const before = task.onDone(() => called++);
  before[Symbol.dispose]();
  await task;
  const after = task.onDone(() => called++);
  after[Symbol.dispose]();
  // Disposed in the tick between the end and the call.
  const ended = gate<number>();
  const between = coroutines.run(() => ended.promise);
  const inTime = between.onDone(() => called++);
  between.then(() => inTime[Symbol.dispose]());
  ended.open(1);
  await quiet();
  assert.equal(called, 0);
  assert.throws(() => task.onDone("no" as never), { name: "TypeError", message: /onDone needs a function/ });
});

test("onDone calls back where it was subscribed, not where the task came to its end", async () => {
  const tenant = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  await tenant.run("task", async () => {
    const task = coroutines.run(() => sleep(Number.POSITIVE_INFINITY));
    await tenant.run("subscriber", async () => {
      task.onDone(() => seen.push(tenant.getStore(), currentScope() === rootScope, currentTask().cancelled));
    });
    await quiet();
    await coroutines.run(() => tenant.run("canceller", () => task.cancel()));
    await quiet();
  });
  assert.deepEqual(seen, ["subscriber", true, false]);
});

test("joinSync of a coroutine is refused, and that does not count as looking after it", async () => {
  const task = coroutines.run(() => 1);
  assert.throws(
    () => task.joinSync(),
    (error: unknown) => error instanceof UnsupportedError && error.feature === "joinSync" && /await it instead/.test(error.message),
  );
  assert.throws(() => task.joinSync(-1), { name: "RangeError", message: /timeout of joinSync/ });
  await task;
  assert.equal(task.joinSync(), 1, "with a result there is nothing to wait for");
  const failing = coroutines.run(() => Promise.reject(new RangeError("no")));
  await rejection(failing);
  assert.throws(() => failing.joinSync(), RangeError);
});

const idleDriver: TaskDriver = { withdraw: () => true, onCancelling() {}, onSettled() {} };

test("a task settles once: all later ends are ignored", async () => {
  const ends: [name: string, (task: ScopedTask<number>) => void][] = [
    ["succeeded", (task) => task.succeed(1)],
    ["failed", (task) => task.fail(new Error("no"))],
    ["cancelled", (task) => task.cancel()],
  ];
  for (const [state, end] of ends) {
    let settlements = 0;
    const task = new ScopedTask<number>({ ...idleDriver, onSettled: () => settlements++ }, "coroutine", "one", rootScope);
    task.observe();
    end(task);
    const { outcome } = task;
    for (const [, again] of ends) again(task);
    task.abandon();
    assert.deepEqual([task.state, task.outcome, task.abandoned, settlements], [state, outcome, false, 1]);
  }
});

test("back in the queue for another attempt, a task is as before: state, running time, deadline", async () => {
  await withVirtualClock(async (clock) => {
    const task = new ScopedTask<number>(idleDriver, "thread", "retried", rootScope);
    task.observe();
    task.expireAfter(1_000, "too late");
    task.limitRunning(100);
    task.started("w1");
    assert.deepEqual([task.state, task.deadlineAtMs, task.metrics.worker], ["running", 100, "w1"]);
    await clock.advance(60);
    task.waitAgain();
    assert.deepEqual([task.state, task.deadlineAtMs, task.metrics.worker, task.metrics.runMs], ["waiting", 1_000, undefined, 0]);
    await clock.advance(100);
    assert.equal(task.state, "waiting", "the limit of the first attempt is gone");
    task.limitRunning(100);
    task.started("w2");
    await clock.advance(100);
    assert.equal(task.state, "cancelling");
    assert.match(String(task.error?.message), /ran longer than 100 ms/);
    task.fail(task.error);
    assert.equal(task.state, "failed", "an expiry is a failure, not a cancellation");
  });
});

test("while its code may be on the way in, a cancelled task waits for the answer", () => {
  const told: unknown[] = [];
  const task = new ScopedTask<number>(
    { withdraw: () => false, onCancelling: (_task, error) => told.push(error), onSettled() {} },
    "thread",
    "far",
    rootScope,
  );
  task.observe();
  task.cancel("enough");
  assert.equal(task.state, "cancelling");
  assert.deepEqual(told, [task.error]);
  task.started("w");
  assert.equal(task.state, "cancelling");
  task.succeed(7);
  assert.deepEqual(task.outcome, { state: "succeeded", value: 7 });
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
