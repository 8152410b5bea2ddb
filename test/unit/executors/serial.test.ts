// The serial level: one at a time, in order of submission, and what a running task submits runs inside it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QueueFullError } from "../../../src/contract/errors.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { ExecutorFace } from "../../../src/executors/pool/face.ts";
import { SerialCore } from "../../../src/executors/serial/executor.ts";
import { coroutines, serial } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection, stubborn } from "../core/support.ts";

type Options = ConstructorParameters<typeof SerialCore>[1];
const openSerial = (options: Partial<Options> = {}) => {
  const core = new SerialCore("serial", { name: "own", size: 1, ...options });
  return new ExecutorFace(() => core);
};

/** Notes its begin and end. */
const noting = (log: string[]) => async (name: string, ms: number) => {
  log.push(`${name} begins`);
  await sleep(ms);
  log.push(`${name} ends`);
};

test("level, name, size", async () => {
  assert.deepEqual([serial.level, serial.name, serial.size], ["serial", "serial", 1]);
  const task = serial.run(() => 1);
  assert.deepEqual([task.level, task.state], ["serial", "waiting"]);
  assert.equal(await task, 1);
});

test("one at a time, in order of submission", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const work = noting(log);
    await Promise.all([serial.run(work, "a", 30), serial.run(work, "b", 10), serial.run(work, "c", 0)]);
    assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    assert.equal(clock.now, 40);
  });
});

test("what a running task submits runs inside it, in order, before what waits outside", async () => {
  await withVirtualClock(async () => {
    const log: string[] = [];
    const work = noting(log);
    const outer = serial.run(async () => {
      log.push("outer begins");
      await Promise.all([serial.run(work, "inner 1", 10), serial.run(work, "inner 2", 5)]);
      log.push("outer ends");
    });
    const next = serial.run(work, "next", 1);
    await Promise.all([outer, next]);
    assert.deepEqual(log, [
      "outer begins",
      "inner 1 begins",
      "inner 1 ends",
      "inner 2 begins",
      "inner 2 ends",
      "outer ends",
      "next begins",
      "next ends",
    ]);
  });
});

test("nested work that nobody waits for still comes before what waits outside", async () => {
  await withVirtualClock(async () => {
    const log: string[] = [];
    const work = noting(log);
    const left: PromiseLike<void>[] = [];
    const outer = serial.run(() => {
      left.push(serial.run(work, "left behind", 10));
      log.push("outer ends");
    });
    const next = serial.run(work, "next", 1);
    await Promise.all([outer, next, ...left]);
    assert.deepEqual(log, ["outer ends", "left behind begins", "left behind ends", "next begins", "next ends"]);
  });
});

test("submitted through a coroutine, a group or a map of a running task, it runs inside it as well", async () => {
  await withVirtualClock(async () => {
    const log: string[] = [];
    const work = noting(log);
    const outer = serial.run(async () => {
      await coroutines.run(() => serial.run(work, "by a coroutine", 1));
      await withTaskGroup((group) => {
        group.run(serial, work, "by a group", 1);
      });
      await serial.map((name: string) => work(name, 1), ["by a map"]);
    });
    const next = serial.run(work, "next", 1);
    await Promise.all([outer, next]);
    assert.deepEqual(
      log.filter((line) => line.endsWith("begins")),
      ["by a coroutine begins", "by a group begins", "by a map begins", "next begins"],
    );
  });
});

test("nesting goes as deep as the work does", async () => {
  const fibonacci = async (n: number): Promise<number> =>
    n < 2 ? n : (await serial.run(fibonacci, n - 1)) + (await serial.run(fibonacci, n - 2));
  assert.equal(await serial.run(fibonacci, 10), 55);
  const depth = 1_500;
  const nest = async (left: number): Promise<number> => (left === 0 ? 0 : 1 + (await serial.run(nest, left - 1)));
  assert.equal(await serial.run(nest, depth), depth);
});

test("tasks that are not asynchronous follow each other in one go", async () => {
  const order: number[] = [];
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => serial.run(() => order.push(n))));
  assert.deepEqual(
    order,
    Array.from({ length: 1_000 }, (_, n) => n),
  );
});

test("a failure or a cancel does not stop the line", async () => {
  const own = openSerial();
  const log: string[] = [];
  const failing = own.run(() => Promise.reject(new RangeError("no")));
  const thrown = own.run(() => {
    throw new RangeError("at once");
  });
  const running = own.run(async () => {
    log.push("running");
    await forever();
  });
  const waiting = own.run(() => log.push("never"));
  const last = own.run(() => log.push("last"));
  await rejection(failing);
  await rejection(thrown);
  waiting.cancel();
  await quiet();
  running.cancel();
  await last;
  await rejection(running);
  await rejection(waiting);
  assert.deepEqual(log, ["running", "last"]);
});

test("a cancelled outer task: what it submitted is cancelled, and the line goes on when it has returned", async () => {
  const own = openSerial();
  const log: string[] = [];
  let inner: { readonly state: string } | undefined;
  const outer = own.run(async () => {
    const task = own.run(forever);
    inner = task;
    try {
      await task;
    } finally {
      await quiet(2);
      log.push("outer returned");
    }
  });
  const next = own.run(() => log.push("next"));
  await quiet();
  outer.cancel();
  await rejection(outer);
  await next;
  assert.deepEqual([inner?.state, log], ["cancelled", ["outer returned", "next"]]);
});

test("abandoned code gives its turn up, and stays counted", async () => {
  await withVirtualClock(async (clock) => {
    const own = openSerial();
    const hold = gate();
    const task = own.with({ grace: 10 }).run(stubborn(hold));
    const next = own.run(() => "next");
    await clock.idle();
    task.cancel();
    assert.equal(await next, "next");
    assert.deepEqual([task.abandoned, own.statistics().running], [true, 1]);
    hold.open();
    await clock.idle();
    assert.equal(own.statistics().running, 0);
  });
});

test("statistics and the bound of the queue count what waits at every depth, in the tick of the submission too", async () => {
  const own = openSerial({ queue: { capacity: 2, full: "reject" } });
  const hold = gate();
  const tasks = [own.run(stubborn(hold)), own.run(() => 1), own.run(() => 2)];
  assert.equal(own.statistics().waiting, 3);
  assert.equal((await rejection(own.run(() => 3))) instanceof QueueFullError, true);
  assert.deepEqual([own.statistics().waiting, own.statistics().running], [2, 1]);
  tasks[1]?.cancel();
  assert.equal(own.statistics().waiting, 1);
  await own.ready();
  tasks.push(own.run(() => 4));
  hold.open();
  await Promise.all(tasks.filter((_, index) => index !== 1));
  assert.deepEqual([own.statistics().waiting, own.statistics().succeeded], [0, 3]);
});

test("priority among those that wait", async () => {
  const own = openSerial();
  const order: string[] = [];
  const tasks = [own.run(() => order.push("a")), own.with({ priority: 1 }).run(() => order.push("urgent")), own.run(() => order.push("b"))];
  await Promise.all(tasks);
  assert.deepEqual(order, ["urgent", "a", "b"]);
});

test("drain, and close with tasks waiting at every depth", async () => {
  const own = openSerial();
  const states: string[] = [];
  const outer = own.run(async () => {
    const inner = [own.run(forever), own.run(() => 1)];
    await Promise.allSettled(inner);
    states.push(...inner.map((task) => task.state));
    await forever();
  });
  const next = own.run(() => 1);
  await quiet();
  await own.close();
  await own.drain();
  assert.deepEqual([outer.state, next.state, states], ["cancelled", "cancelled", ["cancelled", "cancelled"]]);
  await rejection(own.run(() => 1));
});
