// Cancel scopes: the tree along which cancels and deadlines flow, what happens when a scope ends, and that nothing is left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { currentScope } from "../../../src/core/context.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { CancelScope, type ScopeWaiter } from "../../../src/core/scope.ts";
import { timers } from "../../../src/core/timers.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, rejection } from "./support.ts";

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
  assert.equal(await await begun.promise, "true");
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
