// The coroutine level as an executor: size, queue, policies, views, closing; what every local level shares.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ExecutorClosedError } from "../../../src/contract/errors.ts";
import type { Task } from "../../../src/contract/task.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines, openCoroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection, stubborn } from "../core/support.ts";

test("the default executor: name, level, size", () => {
  assert.deepEqual([coroutines.level, coroutines.name, coroutines.size], ["coroutine", "coroutines", Number.POSITIVE_INFINITY]);
  assert.equal(Object.prototype.toString.call(coroutines), "[object Executor(coroutines)]");
  const own = openCoroutines({ name: "mine", size: 3 });
  assert.deepEqual([own.level, own.name, own.size], ["coroutine", "mine", 3]);
});

test("size bounds what runs at once; the rest waits in order of submission", async () => {
  await withVirtualClock(async (clock) => {
    const own = openCoroutines({ size: 2 });
    const log: string[] = [];
    const work = async (name: string) => {
      log.push(`${name}@${clock.now}`);
      await sleep(10);
    };
    const tasks = ["a", "b", "c", "d", "e"].map((name) => own.run(work, name));
    await clock.idle();
    assert.deepEqual([own.statistics().running, own.statistics().waiting, own.statistics().idle], [2, 3, 0]);
    await Promise.all(tasks);
    assert.deepEqual(log, ["a@0", "b@0", "c@10", "d@10", "e@20"]);
  });
});

test("priority: larger starts sooner, equal ones in order of submission", async () => {
  const own = openCoroutines({ size: 1 });
  const order: string[] = [];
  const hold = gate();
  const tasks = [own.run(stubborn(hold))];
  await quiet();
  for (const [name, priority] of [
    ["low", -1],
    ["a", undefined],
    ["high", 5],
    ["b", 0],
    ["higher", 9],
  ] as const) {
    tasks.push(own.with({ priority }).run(async () => void order.push(name)));
  }
  hold.open();
  await Promise.all(tasks);
  assert.deepEqual(order, ["higher", "high", "a", "b", "low"]);
});

test("spawn does not count: it waits for nobody and takes no place", async () => {
  const own = openCoroutines({ size: 1, queue: { capacity: 0, full: "reject" } });
  const hold = gate();
  const pooled = own.run(stubborn(hold));
  await quiet();
  assert.equal(await own.spawn(() => "at once"), "at once");
  const service = own.spawn(forever);
  await quiet();
  assert.equal(own.statistics().running, 2);
  await service.stop();
  hold.open();
  await pooled;
  const cancelled = own.spawn(() => assert.fail("it never ran"));
  cancelled.cancel();
  await rejection(cancelled);
});

test("values are passed by reference on a local level", async () => {
  const value = { list: [1] };
  assert.equal(await coroutines.run((given: typeof value) => given, value), value);
});

test("what is not a function fails the task, not the call", async () => {
  for (const wrong of [undefined, null, 7, "fn", {}]) {
    await assert.rejects(Promise.resolve(coroutines.run(wrong as never)), { name: "TypeError", message: /run needs a function, not / });
  }
});

test("broadcast calls once: there is one worker, this thread", async () => {
  let calls = 0;
  assert.deepEqual(await coroutines.broadcast((n: number) => ++calls + n, 10), [11]);
  await assert.rejects(
    coroutines.broadcast(() => {
      throw new RangeError("no");
    }),
    RangeError,
  );
});

test("statistics count every end", async () => {
  const own = openCoroutines({ size: 1 });
  assert.deepEqual(own.statistics(), {
    workers: 1,
    idle: 1,
    waiting: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    lost: 0,
    perWorker: [],
  });
  await own.run(() => 1);
  await rejection(own.run(() => Promise.reject(new Error("no"))));
  const cancelled = own.run(() => 1);
  cancelled.cancel();
  await rejection(cancelled);
  await rejection(own.with({ signal: AbortSignal.abort() }).run(() => 1));
  assert.deepEqual(own.statistics(), {
    workers: 1,
    idle: 1,
    waiting: 0,
    running: 0,
    succeeded: 1,
    failed: 1,
    cancelled: 2,
    lost: 0,
    perWorker: [],
  });
});

test("drain resolves when nothing waits or runs, and accepts new work meanwhile", async () => {
  const own = openCoroutines({ size: 1 });
  await own.drain();
  const hold = gate();
  own.run(stubborn(hold));
  let drained = false;
  const draining = own.drain().then(() => {
    drained = true;
  });
  await quiet();
  const late = own.run(() => "late");
  hold.open();
  await late;
  await draining;
  assert.equal(drained, true);
  assert.equal(own.statistics().waiting + own.statistics().running, 0);
});

test("warm has nothing to start, and says so of what is no count", async () => {
  await coroutines.warm();
  await coroutines.warm(3);
  await assert.rejects(coroutines.warm(-1), { name: "RangeError", message: /number of workers to warm/ });
});

test("close cancels what waits and runs, waits for the finalizers, and refuses new work", async () => {
  const own = openCoroutines({ size: 1, name: "own" });
  const log: string[] = [];
  const running = own.run(async () => {
    try {
      await forever();
    } finally {
      await quiet(2);
      log.push("finalizer");
    }
  });
  const waiting = own.run(() => assert.fail("it never ran"));
  const service = own.spawn(forever);
  await quiet();
  await own.close();
  log.push("closed");
  assert.deepEqual([running.state, waiting.state, service.state, log], ["cancelled", "cancelled", "cancelled", ["finalizer", "closed"]]);
  assert.match(((await rejection(running)) as Error).message, /its executor was closed/);
  const late = await rejection(own.run(() => 1));
  assert.equal(late instanceof ExecutorClosedError, true);
  assert.match((late as Error).message, /The executor own is closed/);
  await own.close();
});

test("close with a grace lets tasks finish for that long; a second close without one does not wait for it", async () => {
  await withVirtualClock(async (clock) => {
    const own = openCoroutines();
    const quick = own.run(async () => {
      await sleep(20);
      return "finished";
    });
    const slow = own.run(() => sleep(500));
    await clock.idle();
    await own.close({ grace: 50 });
    assert.deepEqual([await quick, slow.state, clock.now], ["finished", "cancelled", 50]);

    const other = openCoroutines();
    const task = other.run(forever);
    await clock.idle();
    const first = other.close({ grace: 1_000 });
    await other.close();
    await first;
    assert.deepEqual([task.state, clock.now], ["cancelled", 50]);
    await assert.rejects(other.close({ grace: -1 }), { name: "RangeError", message: /option grace/ });
  });
});

test("await using closes; also in a task that is cancelled, where the tasks are waited for all the same", async () => {
  let inner: { readonly state: string } | undefined;
  let ended = false;
  const task = coroutines.run(async () => {
    await using own = openCoroutines();
    inner = own.run(async () => {
      try {
        await forever();
      } finally {
        await quiet(2);
        ended = true;
      }
    });
    await forever();
  });
  await quiet();
  task.cancel();
  await rejection(task);
  assert.deepEqual([inner?.state, ended, task.state], ["cancelled", true, "cancelled"]);
});

test("a task that submits to its own full executor and waits lends its place, as deep as it goes", async () => {
  const own = openCoroutines({ size: 1 });
  const nest = async (left: number): Promise<number> => (left === 0 ? 0 : 1 + (await own.run(nest, left - 1)));
  assert.equal(await own.run(nest, 200), 200);
  const log: string[] = [];
  const outer = own.run(async () => {
    const inner = ["a", "b"].map((name) =>
      own.run(async () => {
        log.push(`${name} begins`);
        await quiet(1);
        log.push(`${name} ends`);
      }),
    );
    await Promise.all(inner);
  });
  const next = own.run(() => log.push("next"));
  await Promise.all([outer, next]);
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "next"]);
  assert.deepEqual([own.statistics().running, own.statistics().waiting], [0, 0]);
});

test("a place that was lent and left behind goes on to its borrower: never more places than there are", async () => {
  const own = openCoroutines({ size: 1 });
  const hold = gate();
  let inner: PromiseLike<void> | undefined;
  await own.run(async () => {
    inner = own.run(stubborn(hold));
    await quiet(2);
  });
  const next = own.run(() => "next");
  await quiet();
  assert.deepEqual([own.statistics().running, next.state], [1, "waiting"]);
  hold.open();
  await inner;
  assert.equal(await next, "next");
  assert.deepEqual([own.statistics().running, own.statistics().idle], [0, 1]);
});

test("what waits for the next tick counts as waiting, and no longer once it runs or is cancelled", async () => {
  const own = openCoroutines();
  const door = gate();
  const first = own.run(() => door.promise);
  const second = own.run(() => assert.fail("it never ran"));
  const { waiting, running } = own.statistics();
  assert.deepEqual([waiting, running], [2, 0]);
  second.cancel();
  assert.equal(own.statistics().waiting, 1);
  await quiet();
  assert.deepEqual([own.statistics().waiting, own.statistics().running], [0, 1]);
  door.open();
  await first;
  await own.drain();
  const { succeeded, cancelled } = own.statistics();
  assert.deepEqual([own.statistics().running, succeeded, cancelled], [0, 1, 1]);
});

test("close reaches tasks that were submitted inside tasks, also when these have ended", async () => {
  const own = openCoroutines();
  const inner: Task<void>[] = [];
  const outer = own.run(async () => {
    inner.push(own.run(forever), own.run(forever));
  });
  await outer;
  await quiet();
  assert.deepEqual(
    inner.map(({ state }) => state),
    ["running", "running"],
  );
  await own.close();
  assert.deepEqual(
    inner.map(({ state }) => state),
    ["cancelled", "cancelled"],
  );
});
