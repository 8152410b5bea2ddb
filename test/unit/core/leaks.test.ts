// Nothing is left: scopes leave their parents, signals keep one listener, timers are cleared, parked operations end once.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { all } from "../../../src/core/combinators.ts";
import { currentScope, runInScope } from "../../../src/core/context.ts";
import { openTaskGroup, withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { enterOperation, Parked } from "../../../src/core/parked.ts";
import { CancelScope } from "../../../src/core/scope.ts";
import { timers } from "../../../src/core/timers.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, quiet, rejection } from "./support.ts";

const newScope = (parent?: CancelScope) => new CancelScope(parent, undefined);

/** Whether something is collected once nobody holds it. */
async function isCollected(make: () => Promise<WeakRef<object>>): Promise<boolean> {
  // Switched on at run time, so that the test needs no option of the runner.
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const ref = await make();
  for (let round = 0; round < 10; round++) {
    await quiet();
    gc();
    if (ref.deref() === undefined) return true;
  }
  return false;
}

test("scopes leave their parents: a long-lived task does not hold what has ended inside it", async () => {
  const scopes: Record<string, (note: (scope: CancelScope) => void) => Promise<unknown>> = {
    task: async (note) => await coroutines.run(() => note(currentScope())),
    "cancelled task": async (note) => {
      const task = coroutines.run(async () => {
        note(currentScope());
        await forever();
      });
      await quiet();
      await task.stop();
    },
    timeout: (note) => timeout(60_000, async () => note(currentScope())),
    "expired timeout": async (note) =>
      await rejection(
        timeout(1, async () => {
          note(currentScope());
          await forever();
        }),
      ),
    shield: (note) => shield(async () => note(currentScope())),
    group: (note) =>
      withTaskGroup(async (group) => {
        note(currentScope());
        group.run(() => {});
      }),
    "open group": async (note) => {
      const group = openTaskGroup();
      group.run(() => note(currentScope()));
      await group.join();
    },
    all: (note) => all([() => note(currentScope())]),
    map: async (note) => await map([1], () => note(currentScope())),
    "map that nobody reads": async (note) => {
      map([1], () => note(currentScope()));
      await quiet();
    },
  };
  await coroutines.run(async () => {
    for (const [name, run] of Object.entries(scopes)) {
      const collected = await isCollected(async () => {
        let ref: WeakRef<object> | undefined;
        await run((scope) => {
          ref = new WeakRef(scope);
        });
        return ref as WeakRef<object>;
      });
      assert.equal(collected, true, name);
    }
  });
});

test("one listener on a shared AbortSignal, however many wait on it", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const sleeps = Array.from({ length: 100 }, () => rejection(sleep(60_000, { signal })));
  const tasks = Array.from({ length: 100 }, () => coroutines.with({ signal }).run(forever));
  const groups = Array.from({ length: 10 }, () => openTaskGroup({ signal }));
  const maps = Array.from({ length: 10 }, () => map([1, 2, 3], () => 1, { signal }));
  const races = Array.from({ length: 10 }, () => all([() => 1], { signal }));
  assert.equal(getEventListeners(signal, "abort").length, 1);
  for (const group of groups) await group.join();
  for (const each of maps) await each;
  for (const each of races) await each;
  for (const task of tasks) await task.stop();
  assert.equal(getEventListeners(signal, "abort").length, 1);
  controller.abort();
  await Promise.all(sleeps);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a signal that aborts reaches everybody who still waits, once, and nobody who has left", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const log: string[] = [];
  const wait = async (name: string, work: PromiseLike<unknown>) => {
    log.push(`${name} ${((await rejection(work)) as Error).name}`);
  };
  const done = coroutines.with({ signal }).run(() => "done");
  await done;
  const waiting = [
    wait("sleep", sleep(60_000, { signal })),
    wait("task", coroutines.with({ signal }).run(forever)),
    wait("group", withTaskGroup(forever, { signal })),
    wait("all", all([forever], { signal })),
    wait("map", map([1], forever, { signal })),
  ];
  await quiet();
  controller.abort("stop all");
  await Promise.all(waiting);
  assert.deepEqual(log.sort(), ["all AbortError", "group AbortError", "map AbortError", "sleep AbortError", "task AbortError"]);
  assert.equal(done.state, "succeeded");
});

test("an aborted signal rejects before anything is taken", async () => {
  const signal = AbortSignal.abort("too late");
  let ran = 0;
  const count = () => {
    ran++;
  };
  const taken = {
    *[Symbol.iterator]() {
      ran++;
      yield 1;
    },
  };
  for (const work of [
    () => sleep(0, { signal }),
    () => coroutines.with({ signal }).run(count),
    () => withTaskGroup(count, { signal }),
    () => all([count], { signal }),
    () => map(taken, count, { signal }),
  ]) {
    const error = await rejection(work());
    assert.equal(error instanceof CancelledError && error.cause, "too late");
  }
  const group = openTaskGroup({ signal });
  assert.equal(group.cancelled, true);
  await rejection(group.run(count));
  await rejection(group.join());
  assert.equal(ran, 0);
  await assert.rejects(sleep(0, { signal: {} as AbortSignal }), {
    name: "TypeError",
    message: /option signal must be an AbortSignal, not object/,
  });
});

test("timers are cleared when what they would have ended is over", async () => {
  await withVirtualClock(async (clock) => {
    await timeout(1_000, () => 1);
    await shield(() => 1, { timeout: 1_000 });
    await withTaskGroup(() => 1, { deadline: 1_000 });
    await coroutines.with({ deadline: 1_000, timeout: 500, grace: 700 }).run(() => 1);
    const controller = new AbortController();
    const slept = sleep(1_000, { signal: controller.signal });
    controller.abort();
    await rejection(slept);
    const task = coroutines.with({ grace: 700 }).run(forever);
    await clock.idle();
    await task.stop();
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    assert.equal(clock.now, 0);
  });
});

test("a parked operation ends in exactly one way and withdraws only when it did not happen", async () => {
  await withVirtualClock(async (clock) => {
    const scope = newScope();
    const outcomes: string[] = [];
    const park = (name: string, options?: { signal?: AbortSignal; timeout?: number }) => {
      const parked = new Parked<string>(
        runInScope(scope, () => enterOperation(options)),
        options,
        () => outcomes.push(`${name} withdrawn`),
      );
      parked.promise.then(
        (value) => outcomes.push(`${name} ${value}`),
        (error: Error) => outcomes.push(`${name} ${error.name}`),
      );
      return parked;
    };
    const settled = park("settled", { timeout: 10 });
    settled.settle("yes");
    settled.settle("twice");
    settled.fail(new Error("late"));
    assert.equal(settled.waiting, false);
    const failed = park("failed");
    failed.fail(new RangeError("no"));
    failed.settle("late");
    park("timed out", { timeout: 10 });
    const controller = new AbortController();
    park("aborted", { signal: controller.signal });
    controller.abort();
    park("cancelled", { signal: new AbortController().signal, timeout: 1_000 });
    await clock.advance(20);
    scope.cancelWith(new CancelledError());
    await clock.idle();
    assert.deepEqual(outcomes, [
      "failed withdrawn",
      "aborted withdrawn",
      "settled yes",
      "failed RangeError",
      "aborted AbortError",
      "timed out withdrawn",
      "timed out TimeoutError",
      "cancelled withdrawn",
      "cancelled AbortError",
    ]);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });
});

test("an operation begins with its checks: bad options throw, a pending cancel and an aborted signal reject", () => {
  assert.throws(() => enterOperation({ timeout: -1 }), { name: "RangeError", message: /option timeout must be a number of milliseconds/ });
  assert.throws(() => enterOperation({ timeout: Number.NaN }), RangeError);
  assert.throws(() => enterOperation({ signal: AbortSignal.abort() }), CancelledError);
  const scope = newScope();
  scope.cancelWith(new TimeoutError("out of time"));
  assert.throws(() => runInScope(scope, () => enterOperation()), { message: "out of time" });
});
