// Nothing is left: scopes leave their parents, signals keep one listener and hold nobody, timers are cleared.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { all, race } from "../../../src/core/combinators.ts";
import { currentScope } from "../../../src/core/context.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { openTaskGroup, withTaskGroup } from "../../../src/core/group.ts";
import { map } from "../../../src/core/map.ts";
import type { CancelScope } from "../../../src/core/scope.ts";
import { timers } from "../../../src/core/timers.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, gate, quiet, rejection } from "./support.ts";

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
  /** The scope around a child: the group's, the map's. */
  const around = () => currentScope().parent as CancelScope;
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
      group.run(() => note(around()));
      await group.join();
    },
    "child of a group": (note) =>
      withTaskGroup((group) => {
        group.run(() => note(currentScope()));
      }),
    all: (note) => all([() => note(around())]),
    race: (note) => race([forever, () => note(around())]),
    map: async (note) => await map([1], () => note(around())),
    "map that is left": async (note) => {
      for await (const _ of map([1, 2], () => note(around()), { concurrency: 1 })) break;
    },
    "map that fails": async (note) =>
      await rejection(
        map([1, 2], () => {
          note(around());
          throw new Error("no");
        }),
      ),
    "map that nobody reads": async (note) => {
      map([1], () => note(around()));
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

test("a long-lived signal does not hold what has left it", async () => {
  const { signal } = new AbortController();
  // In lists: a task or a map that is returned would be awaited.
  const users: Record<string, () => Promise<[object]>> = {
    task: async () => {
      const task = coroutines.with({ signal }).run(() => {});
      await task;
      return [task];
    },
    group: async () => {
      const group = openTaskGroup({ signal });
      await group.join();
      return [group];
    },
    map: async () => {
      const results = map([1], (n) => n, { signal });
      await results;
      return [results];
    },
  };
  for (const [name, use] of Object.entries(users)) {
    const collected = await isCollected(async () => {
      const [used] = await use();
      return new WeakRef(used);
    });
    assert.equal(collected, true, name);
  }
  assert.equal(signal.aborted, false);
});

test("a reader of progress that has left is given nothing more to hold", async () => {
  const hold = gate();
  const reports = gate<(value: unknown) => void>();
  const task = coroutines.run(async () => {
    const current = currentTask();
    reports.open((value) => current.report(value));
    await hold.promise;
  });
  const report = await reports.promise;
  const reading = (async () => {
    for await (const _ of task.progress) break;
  })();
  await quiet();
  report(1);
  await reading;
  const collected = await isCollected(async () => {
    const value = {};
    report(value);
    return new WeakRef(value);
  });
  assert.equal(collected, true);
  hold.open();
  await task;
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
