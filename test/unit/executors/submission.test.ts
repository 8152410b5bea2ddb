// What goes with a submission on every local level: settings of views, the bound of the queue, copies in place of another level, chunks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CancelledError, NotPortableError, QueueFullError, TimeoutError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { CoroutineCore } from "../../../src/executors/coroutine/executor.ts";
import { AdaptiveChunk } from "../../../src/executors/pool/chunk.ts";
import { copiesFor } from "../../../src/executors/pool/copies.ts";
import { coreOf, ExecutorFace } from "../../../src/executors/pool/face.ts";
import { mergeSettings, noSettings } from "../../../src/executors/pool/settings.ts";
import { coroutines, openCoroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { portable } from "../../../src/wire/portable.ts";
import { forever, gate, quiet, rejection, stubborn } from "../core/support.ts";

const double = portable("double", (value: { n: number }) => ({ n: value.n * 2, same: value }));

const refuse = portable("refuse", (value: unknown) => {
  throw Object.assign(new RangeError("no"), { value });
});

const passSignal = portable("passSignal", (signal: AbortSignal) => signal instanceof AbortSignal && !signal.aborted);

test("queue.full reject: beyond the free places and the capacity a task fails with QueueFullError", async () => {
  const own = openCoroutines({ size: 1, name: "small", queue: { capacity: 1, full: "reject" } });
  const hold = gate();
  const running = own.run(stubborn(hold));
  const waiting = own.run(() => "waited");
  const refused = own.run(() => assert.fail("it never ran"));
  const error = await rejection(refused);
  assert.equal(error instanceof QueueFullError && error.capacity, 1);
  assert.match((error as Error).message, /The queue of small is full \(1 waiting\): await small\.ready\(\)/);
  hold.open();
  await running;
  assert.equal(await waiting, "waited");
  assert.equal(await own.run(() => "again"), "again");
});

test("queue.full wait: the task holds back; ready resolves when there is room, and is a wait like any other", async () => {
  await withVirtualClock(async (clock) => {
    const own = openCoroutines({ size: 1, queue: { capacity: 1 } });
    await own.ready();
    const tasks = Array.from({ length: 4 }, () => own.run(() => sleep(10)));
    assert.equal(own.statistics().waiting, 4);
    await own.ready();
    assert.equal(clock.now, 30);
    await Promise.all(tasks);
    const full = [own.run(() => sleep(100)), own.run(() => sleep(1))];
    assert.equal((await rejection(timeout(5, () => own.ready()))) instanceof TimeoutError, true);
    full[1]?.cancel();
    await own.ready();
    await full[0];
  });
});

test("queue.full run-here: what finds no room runs at once", async () => {
  const own = openCoroutines({ size: 1, queue: { capacity: 1, full: "run-here" } });
  const hold = gate();
  const tasks = [own.run(stubborn(hold)), own.run(() => "waits")];
  assert.equal(await own.run(() => "here"), "here");
  assert.equal(tasks[1]?.state, "waiting");
  hold.open();
  await Promise.all(tasks);
});

test("queue options are checked", () => {
  for (const [queue, message] of [
    [{ capacity: -1 }, /queue\.capacity must be a whole number of at least 0/],
    [{ capacity: 1.5 }, /queue\.capacity/],
    [{}, /queue\.capacity/],
    [{ capacity: 1, full: "explode" }, /queue\.full must be one of wait, reject, run-here, not "explode"/],
  ] as const) {
    assert.throws(() => openCoroutines({ queue: queue as never }), { name: "RangeError", message });
  }
  for (const size of [0, -1, 1.5, "2", Number.NaN]) {
    assert.throws(() => openCoroutines({ size: size as never }), {
      name: "RangeError",
      message: /option size must be a whole number of at least 1/,
    });
  }
});

test("views nest: signals add up, the shorter deadline wins, the rest is replaced; they share the executor", async () => {
  for (const aborted of ["outer", "inner"] as const) {
    const controllers = { outer: new AbortController(), inner: new AbortController() };
    const { outer, inner } = controllers;
    const view = coroutines.with({ signal: outer.signal, name: "outer" }).with({ signal: inner.signal, name: undefined });
    const task = view.run(forever);
    assert.equal(task.name, "outer", "undefined changes nothing");
    await quiet();
    controllers[aborted].abort(`by the ${aborted} one`);
    assert.equal(((await rejection(task)) as CancelledError).cause, `by the ${aborted} one`);
  }
  await withVirtualClock(async () => {
    const deadlines = async (a: number, b: number) =>
      coroutines
        .with({ deadline: a })
        .with({ deadline: b })
        .run(() => currentTask().deadline);
    assert.deepEqual([await deadlines(10, 20), await deadlines(20, 10)], [10, 10]);
  });
  const own = openCoroutines();
  await own.with({ name: "x" }).run(() => 1);
  assert.equal(own.statistics().succeeded, 1);
});

test("the settings of a view are checked where it is made", () => {
  const wrong: [options: object | null, name: string, message: RegExp][] = [
    [null, "TypeError", /with needs an object of options/],
    [{ signal: {} }, "TypeError", /option signal/],
    [{ timeout: Number.NaN }, "RangeError", /option timeout/],
    [{ deadline: -1 }, "RangeError", /option deadline/],
    [{ grace: "1" }, "RangeError", /option grace/],
    [{ priority: Number.POSITIVE_INFINITY }, "RangeError", /option priority/],
    [{ key: {} }, "TypeError", /option key/],
    [{ name: 7 }, "TypeError", /option name/],
    [{ transfer: {} }, "TypeError", /option transfer/],
    [{ retry: -1 }, "RangeError", /option retry/],
    [{ retry: "x" }, "TypeError", /option retry/],
    [{ retry: { retries: 1, when: 1 } }, "TypeError", /option retry\.when/],
    [{ retry: { retries: 1, backoff: 1 } }, "TypeError", /option retry\.backoff/],
    [{ retry: { retries: 1, backoff: { initial: -1 } } }, "RangeError", /backoff\.initial/],
    [{ retry: { retries: 1, backoff: { max: Number.NaN } } }, "RangeError", /backoff\.max/],
    [{ retry: { retries: 1, backoff: { factor: 0 } } }, "RangeError", /backoff\.factor/],
    [{ retry: { retries: 1, backoff: { jitter: 2 } } }, "RangeError", /backoff\.jitter/],
  ];
  for (const [options, name, message] of wrong) assert.throws(() => coroutines.with(options as never), { name, message });
  const merged = mergeSettings(noSettings, {
    retry: { retries: 2, backoff: { initial: 10, factor: 2, max: 100, jitter: 0.5 } },
    timeout: 5,
  });
  assert.deepEqual([merged.retry?.retries, merged.timeout, merged.signals], [2, 5, []]);
});

test("the core behind an executor is found; of anything else there is none", () => {
  assert.equal(coreOf(coroutines) instanceof CoroutineCore, true);
  assert.equal(coreOf(coroutines.with({ name: "x" })), coreOf(coroutines));
  for (const other of [undefined, null, 7, {}, () => {}]) assert.equal(coreOf(other), undefined);
});

test("in place of threads values are copied in and out, and what could not travel does not run", async () => {
  const core = new CoroutineCore("thread", { name: "threads", size: 2, copies: copiesFor("thread") });
  const stand = new ExecutorFace(() => core);
  const given = { n: 2 };
  const task = stand.run(double, given);
  given.n = 100;
  const result = await task;
  assert.deepEqual([result.n, result.same.n, result.same === given], [4, 2, false], "copied when it was submitted");
  assert.deepEqual([stand.level, task.level], ["thread", "coroutine"]);
  const failure = await rejection(stand.run(refuse, given));
  assert.equal(failure instanceof RangeError, true);
  assert.notEqual((failure as { value?: unknown }).value, given);
  const closure = await rejection(stand.run((() => given) as unknown as typeof double, given));
  assert.equal(closure instanceof NotPortableError, true);
  const { signal } = new AbortController();
  const back = await stand.run(passSignal, signal);
  assert.equal(back, true);
});

test("chunks: chosen ones are kept to, adapted ones grow with quick items, none exceeds the window", () => {
  const remote = { size: 4, isLocal: false };
  const fixed = new AdaptiveChunk({ ...remote, chunk: 10 });
  assert.deepEqual([fixed.limit, fixed.chunk()], [40, 10]);
  const narrow = new AdaptiveChunk({ ...remote, concurrency: 3, chunk: 10 });
  assert.deepEqual([narrow.limit, narrow.chunk()], [3, 3]);
  const adaptive = new AdaptiveChunk({ ...remote, concurrency: 400 });
  assert.equal(adaptive.chunk(), 1);
  adaptive.measured(1, 0.01);
  assert.equal(adaptive.chunk(), 2, "twice what was measured");
  for (const items of [2, 4, 8, 16, 32, 64]) adaptive.measured(items, 0.01 * items);
  assert.equal(adaptive.chunk(), 50, "two trips for each worker in the window");
  assert.equal(adaptive.chunk(24), 3, "small ones at the end");
  adaptive.measured(1, 100);
  assert.equal(adaptive.chunk(), 1);
  for (const here of [
    new AdaptiveChunk({ size: Number.POSITIVE_INFINITY, isLocal: true }),
    new AdaptiveChunk({ size: 7, isLocal: true }),
  ]) {
    const { limit } = here;
    for (let n = 0; n < 9; n++) here.measured(1, 0.001);
    assert.deepEqual([here.limit, here.chunk()], [limit, 1], "a trip is no way on this thread");
  }
});

test("chunks: the default window is one item for each worker, and four trips for each when they are short", () => {
  const window = new AdaptiveChunk({ size: 4, isLocal: false });
  assert.deepEqual([window.limit, window.isDivisible], [4, true]);
  for (let items = 1; items <= 64; items *= 2) window.measured(items, 0.1 * items);
  assert.deepEqual([window.chunk(), window.limit], [100, 4 * 100 * 4], "10 ms a trip");
  for (let n = 0; n < 8; n++) window.measured(1, 50);
  assert.deepEqual([window.chunk(), window.limit], [1, 4]);
  assert.equal(new AdaptiveChunk({ size: 1, isLocal: false }).isDivisible, false, "the order of the calls is the order of the items");
  assert.equal(new AdaptiveChunk({ size: 4, isLocal: false, chunk: 9 }).isDivisible, false, "as chosen");
});
