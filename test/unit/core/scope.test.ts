// Cancel scopes: the tree along which cancels and deadlines flow, what happens when a scope ends, and that nothing is left.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { all } from "../../../src/core/combinators.ts";
import { currentScope, runInScope } from "../../../src/core/context.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { openTaskGroup, withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import { enterOperation, Parked } from "../../../src/core/parked.ts";
import { CancelScope, type ScopeWaiter } from "../../../src/core/scope.ts";
import { timers } from "../../../src/core/timers.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

const newScope = (parent?: CancelScope) => new CancelScope(parent, undefined);

/** A waiter that writes down what it is told. */
function listener(log: unknown[], name: string): ScopeWaiter {
  return { nextWaiter: undefined, previousWaiter: undefined, onCancel: (error) => log.push([name, error]) };
}

test("a cancel reaches every descendant and every waiter, once", () => {
  const top = newScope();
  const left = newScope(top);
  const right = newScope(top);
  const deep = newScope(left);
  const log: unknown[] = [];
  for (const [name, scope] of Object.entries({ top, left, right, deep })) scope.addWaiter(listener(log, name));
  const error = new CancelledError("enough");
  top.cancelWith(error);
  top.cancelWith(new CancelledError("again"));
  left.cancelWith(new CancelledError("again"));
  assert.deepEqual(new Set(log.map((entry) => (entry as [string])[0])), new Set(["top", "left", "right", "deep"]));
  assert.equal(log.length, 4);
  assert.deepEqual([top.error, left.error, right.error, deep.error], [error, error, error, error]);
  assert.throws(() => deep.check(), error);
});

test("a cancel does not go up or sideways", () => {
  const top = newScope();
  const left = newScope(top);
  const right = newScope(top);
  left.cancelWith(new CancelledError());
  assert.deepEqual([top.error, right.error], [undefined, undefined]);
  top.check();
});

test("whoever is told of a cancel finds every scope below cancelled already, and what is begun there then too", () => {
  const top = newScope();
  const child = newScope(top);
  const seen: unknown[] = [];
  top.signal.addEventListener("abort", () => {
    seen.push(child.error === top.error);
    seen.push(newScope(child).error === top.error);
  });
  top.cancelWith(new CancelledError());
  assert.deepEqual(seen, [true, true]);
});

test("a scope below a cancelled one is cancelled from the start; a shielded one is not", () => {
  const top = newScope();
  const error = new TimeoutError();
  top.cancelWith(error);
  assert.equal(newScope(top).error, error);
  const shielded = new CancelScope(top, undefined, true);
  assert.equal(shielded.error, undefined);
  assert.equal(newScope(shielded).error, undefined);
});

test("waiters leave the list from any place in it, and one that has left is not told", () => {
  for (const leaving of [0, 1, 2]) {
    const scope = newScope();
    const log: unknown[] = [];
    const waiters = ["a", "b", "c"].map((name) => listener(log, name));
    for (const waiter of waiters) scope.addWaiter(waiter);
    scope.removeWaiter(waiters[leaving] as ScopeWaiter);
    scope.removeWaiter(waiters[leaving] as ScopeWaiter);
    scope.cancelWith(new CancelledError());
    assert.deepEqual(
      log.map((entry) => (entry as [string])[0]).sort(),
      ["a", "b", "c"].filter((_, index) => index !== leaving),
    );
  }
});

test("the signal: made once, aborted with the error, and read late it is aborted already", () => {
  const scope = newScope();
  const { signal } = scope;
  assert.equal(scope.signal, signal);
  const error = new CancelledError();
  scope.cancelWith(error);
  assert.deepEqual([signal.aborted, signal.reason], [true, error]);
  const late = newScope(scope);
  assert.deepEqual([late.signal.aborted, late.signal.reason], [true, error]);
});

test("deadlines are inherited and never extended", async () => {
  await withVirtualClock(async (clock) => {
    const top = newScope();
    const expiry = top.expireAfter(100, "top");
    assert.equal(expiry instanceof TimeoutError, true);
    const child = newScope(top);
    assert.equal(child.deadlineAtMs, 100);
    assert.equal(child.expireAfter(200, "longer"), undefined, "the one above comes first");
    assert.equal(child.expireAfter(100, "equal"), undefined);
    assert.equal(child.expireAfter(Number.POSITIVE_INFINITY, "never"), undefined);
    const sooner = child.expireAfter(50, "sooner");
    assert.equal(child.deadlineAtMs, 50);
    await clock.advance(50);
    assert.deepEqual([child.error, top.error], [sooner, undefined]);
    await clock.advance(50);
    assert.equal(top.error, expiry);
    assert.equal(child.error, sooner, "the first cancel stays");
  });
});

test("a shield cuts deadlines too, and may have one of its own that is later", async () => {
  await withVirtualClock(async (clock) => {
    const top = newScope();
    top.expireAfter(10, "top");
    const shielded = new CancelScope(top, undefined, true);
    assert.equal(shielded.deadlineAtMs, Number.POSITIVE_INFINITY);
    const own = shielded.expireAfter(30, "own");
    await clock.advance(29);
    assert.deepEqual([top.error === undefined, shielded.error], [false, undefined]);
    await clock.advance(1);
    assert.equal(shielded.error, own);
  });
});

test("a deadline that has passed already cancels at once", () => {
  const scope = newScope();
  const expiry = scope.expireAfter(0, "no time");
  assert.equal(scope.error, expiry);
});

test("an ended scope floats its children free: no cancel from above reaches them, and it cannot be cancelled itself", () => {
  const top = newScope();
  const middle = newScope(top);
  const child = newScope(middle);
  middle.end();
  middle.end();
  middle.cancelWith(new CancelledError());
  top.cancelWith(new CancelledError());
  assert.deepEqual([middle.error, child.error], [undefined, undefined]);
});

test("what outlives its scope keeps the deadline it was begun under, and its own limits work", async () => {
  await withVirtualClock(async () => {
    const ends: string[] = [];
    const note = async (name: string, work: () => Promise<unknown>) => {
      const begun = timers.now();
      const error = await rejection(work());
      ends.push(`${name} ${(error as Error).name} after ${timers.now() - begun}`);
    };
    const left: Promise<void>[] = [];
    await timeout(100, async () => {
      // A task, and code without one, that nobody here waits for.
      left.push(note("task", async () => await coroutines.run(forever)));
      left.push(note("task with a limit", async () => await coroutines.run(() => timeout(30, forever))));
      left.push(note("task with a longer limit", async () => await coroutines.run(() => timeout(5_000, forever))));
      left.push(
        note("loose code", async () => {
          await sleep(20);
          await timeout(40, forever);
        }),
      );
      left.push(
        note("loose code with a longer limit", async () => {
          await sleep(20);
          await timeout(5_000, forever);
        }),
      );
      await sleep(10);
    });
    assert.equal(timers.now(), 10);
    await Promise.all(left);
    assert.deepEqual(ends.sort(), [
      "loose code TimeoutError after 60",
      "loose code with a longer limit TimeoutError after 100",
      "task TimeoutError after 100",
      "task with a limit TimeoutError after 30",
      "task with a longer limit TimeoutError after 100",
    ]);
  });
});

test("a child that outlives the running time of its parent keeps that limit", async () => {
  await withVirtualClock(async (clock) => {
    let child: PromiseLike<unknown> | undefined;
    await coroutines.with({ timeout: 50 }).run(async () => {
      child = coroutines.run(forever);
      await sleep(10);
    });
    const error = await rejection(child as PromiseLike<unknown>);
    assert.equal(error instanceof TimeoutError, true);
    assert.equal(clock.now, 50);
  });
});

test("a task begun by what a task left behind belongs to nobody above, without a word from it", async () => {
  const begun = gate<PromiseLike<string>>();
  const go = gate();
  const parent = coroutines.run(() => {
    void (async () => {
      await go.promise;
      begun.open(coroutines.run(async () => `${currentScope().parent?.parent === undefined}`));
    })();
  });
  await parent;
  go.open();
  assert.equal(await (await begun.promise), "true");
});

// ---- nothing is left ----

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
  await assert.rejects(sleep(0, { signal: {} as AbortSignal }), { name: "TypeError", message: /option signal must be an AbortSignal, not object/ });
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

// ---- parked operations: the one way to wait that later structures are built from ----

test("a parked operation ends in exactly one way and withdraws only when it did not happen", async () => {
  await withVirtualClock(async (clock) => {
    const scope = newScope();
    const outcomes: string[] = [];
    const park = (name: string, options?: { signal?: AbortSignal; timeout?: number }) => {
      const parked = new Parked<string>(runInScope(scope, () => enterOperation(options)), options, () => outcomes.push(`${name} withdrawn`));
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

test("currentTask inside a scope of a task shows that scope, and the task's name", async () => {
  await withVirtualClock(async () => {
    await coroutines.with({ name: "outer", deadline: 500 }).run(async () => {
      assert.equal(currentTask().deadline, 500);
      await timeout(100, async () => {
        const inner = currentTask();
        assert.deepEqual([inner.name, inner.deadline], ["outer", 100]);
        await rejection(forever());
        assert.equal(inner.cancelled, true);
      });
      assert.equal(currentTask().cancelled, false);
    });
  });
});
