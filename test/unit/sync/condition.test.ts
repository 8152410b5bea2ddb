// Condition: what it gives away and gets back, whose it is, which notify is whose; and the cases of other people's suites (own code,
// their ids).
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CancelledError, NotOwnerError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Task } from "../../../src/contract/task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, gate, quiet, rejection } from "./support.ts";

/** A task that waits inside a section of its own, and says so in the log. */
function waiter(condition: Condition, log: string[], name: string): () => Promise<string> {
  return () =>
    condition.mutex.with(async () => {
      await condition.wait();
      log.push(name);
      return name;
    });
}

const notify = (condition: Condition, n?: number) => condition.mutex.with(() => condition.notify(n));

test("a condition has a mutex of its own, or the one it is given, and takes nothing else", () => {
  const mutex = new Mutex();
  assert.equal(new Condition(mutex).mutex, mutex);
  assert.equal(new Condition().mutex instanceof Mutex, true);
  assert.throws(() => new Condition({} as Mutex), { name: "TypeError", message: /Condition needs a Mutex/ });
});

test("wait releases the mutex, and has it again when it returns", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const section = mutex.with(async () => {
    await condition.wait();
    assert.equal(mutex.locked, true);
    assert.equal(mutex.tryAcquire(), undefined);
  });
  await quiet();
  assert.equal(mutex.locked, false);
  await notify(condition);
  await section;
  assert.equal(mutex.locked, false);
});

test("the same guard is held again after the wait", async () => {
  const condition = new Condition();
  const guard = await condition.mutex.acquire();
  const waiting = condition.wait();
  assert.equal(guard.held, false);
  await notify(condition);
  await waiting;
  assert.equal(guard.held, true);
  guard.release();
  assert.equal(condition.mutex.locked, false);
});

test("everything but the mutex needs it to be held", async () => {
  const condition = new Condition(new Mutex({ name: "m" }));
  const expected = { name: "NotOwnerError", message: /needs the mutex "m" to be held by the caller/ };
  await assert.rejects(condition.wait(), expected);
  await assert.rejects(
    condition.waitFor(() => true),
    expected,
  );
  assert.throws(() => condition.notify(), expected);
  assert.throws(() => condition.notifyAll(), expected);
});

test("a section belongs to the code inside it: its children and helpers, not to others", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const hold = gate();
  const section = mutex.with(async () => {
    await withTaskGroup((group) => {
      group.run(async () => condition.notify());
    });
    await hold.promise;
  });
  await quiet();
  assert.throws(() => condition.notify(), NotOwnerError);
  await assert.rejects(
    coroutines.run(() => condition.wait()),
    NotOwnerError,
  );
  hold.open();
  await section;
});

test("a bare guard counts as everybody's", async () => {
  const condition = new Condition();
  const guard = await condition.mutex.acquire();
  await coroutines.run(() => condition.notify());
  condition.notifyAll();
  guard.release();
});

test("a section that waits is nobody's: a second wait in another of its branches is refused", async () => {
  const condition = new Condition();
  const section = condition.mutex.with(async () => {
    const first = condition.wait();
    await assert.rejects(condition.wait(), NotOwnerError);
    await first;
  });
  await quiet();
  await notify(condition);
  await section;
});

test("notify wakes those who have waited longest, as many as it says", async () => {
  const condition = new Condition();
  const log: string[] = [];
  const tasks = [];
  for (const name of ["a", "b", "c", "d", "e"]) tasks.push(...(await begun(waiter(condition, log, name))));
  await notify(condition);
  await quiet();
  assert.deepEqual(log, ["a"]);
  await notify(condition, 2);
  await quiet();
  assert.deepEqual(log, ["a", "b", "c"]);
  await notify(condition, 0);
  await quiet();
  assert.equal(log.length, 3);
  await condition.mutex.with(() => condition.notifyAll());
  await Promise.all(tasks);
  assert.deepEqual(log, ["a", "b", "c", "d", "e"]);
});

test("a notify that nobody waits for is no ticket for later", async () => {
  const condition = new Condition();
  const log: string[] = [];
  await notify(condition);
  const [task] = await begun(waiter(condition, log, "late"));
  assert.deepEqual(log, []);
  await notify(condition);
  await task;
});

test("notify takes a whole number", async () => {
  const condition = new Condition();
  await condition.mutex.with(() => {
    for (const wrong of [-1, 1.5, Number.NaN, "1", null]) {
      assert.throws(() => condition.notify(wrong as never), { name: "RangeError", message: /The number to notify/ });
    }
    condition.notify(Number.POSITIVE_INFINITY);
  });
});

test("what is notified queues for the mutex: whoever waited for it before goes first", async () => {
  const condition = new Condition();
  const log: string[] = [];
  const [task] = await begun(waiter(condition, log, "notified"));
  const hold = gate();
  const section = condition.mutex.with(async () => {
    await hold.promise;
    condition.notify();
  });
  const other = condition.mutex.with(() => log.push("in line before"));
  hold.open();
  await Promise.all([section, other, task]);
  assert.deepEqual(log, ["in line before", "notified"]);
});

test("a timeout ends the wait, with the mutex held", async () => {
  await withVirtualClock(async (clock) => {
    const condition = new Condition();
    const { mutex } = condition;
    await mutex.with(async () => {
      assert.equal((await rejection(condition.wait({ timeout: 20 }))) instanceof TimeoutError, true);
      assert.deepEqual([mutex.locked, clock.now], [true, 20]);
    });
    assert.equal(mutex.locked, false);
  });
});

test("a timeout that expires while the mutex is elsewhere is thrown once the mutex is back", async () => {
  await withVirtualClock(async (clock) => {
    const condition = new Condition();
    const { mutex } = condition;
    const section = mutex.with(async () => {
      const error = await rejection(condition.wait({ timeout: 20 }));
      return [(error as Error).name, mutex.locked, clock.now];
    });
    const other = mutex.with(() => sleep(100));
    assert.deepEqual(await section, ["TimeoutError", true, 100]);
    await other;
  });
});

test("bad options and a pending cancel reject before the mutex is given away", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  await mutex.with(async () => {
    const failing = condition.wait({ timeout: -1 });
    assert.equal(mutex.locked, true);
    await assert.rejects(failing, RangeError);
    await assert.rejects(condition.wait({ signal: AbortSignal.abort() }), CancelledError);
    await assert.rejects(
      condition.waitFor(() => false, { timeout: Number.NaN }),
      RangeError,
    );
    assert.equal(mutex.locked, true);
  });
});

test("a guard that is released while it waits stays released, and the wait says so", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const guard = await mutex.acquire();
  const waiting = condition.wait();
  guard.release();
  await notify(condition);
  await assert.rejects(waiting, { name: "NotOwnerError", message: /was released while it waited for a condition/ });
  assert.deepEqual([guard.held, mutex.locked], [false, false]);
});

test("so does one that is released on the way back, and its notify goes to the next", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const guard = await mutex.acquire();
  const first = rejection(condition.wait());
  const log: string[] = [];
  const [second] = await begun(waiter(condition, log, "second"));
  const hold = gate();
  const section = mutex.with(async () => {
    condition.notify();
    await hold.promise;
  });
  await quiet();
  guard.release();
  hold.open();
  await section;
  assert.equal((await first) instanceof NotOwnerError, true);
  assert.equal(await second, "second");
  assert.equal(mutex.locked, false);
});

test("waitFor goes on when the predicate holds, and asks it with the mutex held", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  let value = 0;
  const seen: boolean[] = [];
  const task = mutex.with(() =>
    condition.waitFor(() => {
      seen.push(mutex.locked);
      return value === 2;
    }),
  );
  for (let n = 0; n < 2; n++) {
    await mutex.with(() => {
      value++;
      condition.notifyAll();
    });
  }
  await task;
  assert.deepEqual(seen, [true, true, true]);
});

test("waitFor does not wait for what holds already", async () => {
  const condition = new Condition();
  await condition.mutex.with(() => condition.waitFor(() => true, { timeout: 0 }));
});

test("the timeout of waitFor is for the whole, and a predicate that holds in the end is enough", async () => {
  await withVirtualClock(async (clock) => {
    const condition = new Condition();
    const { mutex } = condition;
    const never = mutex.with(() => condition.waitFor(() => false, { timeout: 50 }));
    const end = rejection(never);
    for (let n = 0; n < 3; n++) {
      await clock.advance(20);
      await mutex.with(() => condition.notifyAll());
    }
    assert.equal((await end) instanceof TimeoutError, true);
    assert.equal(clock.now, 60);
    let ready = false;
    const quietly = mutex.with(() => condition.waitFor(() => ready, { timeout: 50 }));
    await clock.advance(10);
    ready = true; // And nobody notifies.
    await quietly;
    assert.equal(clock.now, 110);
  });
});

test("when the task itself has run out of time, a predicate that holds is not enough", async () => {
  await withVirtualClock(async () => {
    const condition = new Condition();
    let ready = false;
    const late = timeout(50, () => condition.mutex.with(() => condition.waitFor(() => ready)));
    await quiet(1);
    ready = true;
    assert.equal((await rejection(late)) instanceof TimeoutError, true);
    assert.equal(condition.mutex.locked, false);
  });
});

test("a predicate that throws ends waitFor with the mutex held; what is no function is refused", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  await mutex.with(async () => {
    const error = await rejection(
      condition.waitFor(() => {
        throw new RangeError("predicate");
      }),
    );
    assert.deepEqual([(error as Error).message, mutex.locked], ["predicate", true]);
    await assert.rejects(condition.waitFor(1 as never), { name: "TypeError", message: /waitFor needs a function/ });
  });
});

test("a ping-pong of notifies gives the event loop its turns", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  let over = false;
  let whose = 0;
  setImmediate(() => setImmediate(() => (over = true)));
  const player = (own: number) =>
    mutex.with(async () => {
      while (!over) {
        await condition.waitFor(() => whose === own || over);
        whose = 1 - own;
        condition.notifyAll();
      }
    });
  await Promise.all([player(0), player(1)]);
});

// ---- CPython, Lib/test/test_asyncio/test_locks.py ----

test("cpython ConditionTests.test_wait_cancel: a cancelled wait rejects, and the condition is usable", async () => {
  const condition = new Condition();
  const log: string[] = [];
  const [task] = await begun(waiter(condition, log, "cancelled"));
  task.cancel();
  assert.equal((await rejection(task)) instanceof CancelledError, true);
  assert.deepEqual([log, condition.mutex.locked], [[], false]);
});

test("cpython ConditionTests.test_wait_cancel_contested: the cancel is thrown once the mutex is back", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  let held: boolean | undefined;
  const [task] = await begun(() =>
    mutex.with(async () => {
      try {
        await condition.wait();
      } finally {
        held = mutex.locked;
      }
    }),
  );
  const hold = gate();
  const other = mutex.with(() => hold.promise);
  task.cancel();
  await quiet();
  assert.deepEqual([task.state, held], ["cancelling", undefined]);
  hold.open();
  await ends([other, task]);
  assert.deepEqual([task.state, held, mutex.locked], ["cancelled", true, false]);
});

test("cpython ConditionTests.test_wait_cancel_after_notify, python/cpython#112202, agronholm/anyio#1075: the notify is passed on", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const log: string[] = [];
  const [first] = await begun(waiter(condition, log, "first"));
  const [second] = await begun(waiter(condition, log, "second"));
  await mutex.with(() => {
    condition.notify();
    first.cancel();
  });
  assert.equal((await rejection(first)) instanceof CancelledError, true);
  assert.equal(await second, "second");
  assert.deepEqual([log, mutex.locked], [["second"], false]);
});

test("python/cpython#112202: also when the cancel comes while the mutex is on its way back", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const log: string[] = [];
  const [first] = await begun(waiter(condition, log, "first"));
  const [second] = await begun(waiter(condition, log, "second"));
  const hold = gate();
  const section = mutex.with(async () => {
    condition.notify();
    await hold.promise;
  });
  await quiet();
  first.cancel();
  await quiet();
  hold.open();
  assert.deepEqual(await ends([section, first, second]), [undefined, "AbortError", "second"]);
  assert.equal(mutex.locked, false);
});

test("python/cpython#111693: a notify goes to one that can use it, however many were cancelled before", async () => {
  const condition = new Condition();
  const log: string[] = [];
  const tasks: Task<string>[] = [];
  for (const name of ["a", "b", "c", "d"]) tasks.push(...(await begun(waiter(condition, log, name))));
  await condition.mutex.with(() => {
    condition.notify();
    for (const task of tasks.slice(0, 3)) task.cancel();
  });
  assert.deepEqual(await ends(tasks), ["AbortError", "AbortError", "AbortError", "d"]);
});

test("python/cpython#77819, #86766: cancelled in the wait, the mutex comes back before the error does, and is released once", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  const log: string[] = [];
  const [task] = await begun(() =>
    mutex.with(async () => {
      try {
        await condition.wait();
      } catch (error) {
        log.push(`${(error as Error).name} ${mutex.locked}`);
        throw error;
      }
    }),
  );
  const next = mutex.with(async () => {
    await quiet(1);
    log.push("next");
  });
  task.cancel();
  await ends([task, next]);
  assert.deepEqual([log, mutex.locked], [["next", "AbortError true"], false]);
});

test("python/cpython#77022: a cancel on the way back is neither swallowed nor does it cut the way back short", async () => {
  const condition = new Condition();
  const { mutex } = condition;
  let returned = false;
  const [task] = await begun(() =>
    mutex.with(async () => {
      try {
        await condition.wait();
        returned = true;
      } finally {
        // Throws unless this section has the mutex.
        condition.notify(0);
      }
    }),
  );
  const hold = gate();
  const section = mutex.with(async () => {
    condition.notifyAll();
    await hold.promise;
  });
  await quiet();
  task.cancel();
  await quiet();
  assert.equal(task.state, "cancelling", "it waits for the mutex all the same");
  hold.open();
  assert.deepEqual([await ends([section, task]), returned, mutex.locked], [[undefined, "AbortError"], false, false]);
});

test("cpython ConditionTests.test_wait_for: the value is waited for", async () => {
  const condition = new Condition();
  let presult = false;
  const result: number[] = [];
  const [task] = await begun(() =>
    condition.mutex.with(async () => {
      await condition.waitFor(() => presult);
      result.push(1);
    }),
  );
  await notify(condition);
  await quiet();
  assert.deepEqual(result, []);
  await condition.mutex.with(() => {
    presult = true;
    condition.notify();
  });
  await task;
  assert.deepEqual(result, [1]);
});

test("cpython ConditionTests.test_notify, test_notify_all", async () => {
  const condition = new Condition();
  const log: string[] = [];
  const tasks = [];
  for (const name of ["1", "2", "3"]) tasks.push(...(await begun(waiter(condition, log, name))));
  await notify(condition, 1);
  await quiet();
  assert.deepEqual(log, ["1"]);
  await notify(condition, 1);
  await notify(condition, 2048);
  await Promise.all(tasks);
  assert.deepEqual(log, ["1", "2", "3"]);
});

test("cpython ConditionTests.test_explicit_lock: conditions share a mutex, their waiters stay apart", async () => {
  const mutex = new Mutex();
  const [full, empty] = [new Condition(mutex), new Condition(mutex)];
  const log: string[] = [];
  const [one] = await begun(waiter(full, log, "full"));
  const [two] = await begun(waiter(empty, log, "empty"));
  await notify(empty);
  await two;
  assert.deepEqual(log, ["empty"]);
  await notify(full);
  await one;
});

test("cpython ConditionTests.test_timeout_in_block", async () => {
  await withVirtualClock(async () => {
    const condition = new Condition();
    await condition.mutex.with(async () => {
      assert.equal((await rejection(condition.wait({ timeout: 1 }))) instanceof TimeoutError, true);
    });
    assert.equal(condition.mutex.locked, false);
  });
});

test("cpython ConditionTests.test_cancelled_error_wakeup, test_cancelled_error_re_aquire: the reason of the cancel arrives", async () => {
  for (const during of ["wait", "way back"]) {
    const condition = new Condition();
    const { mutex } = condition;
    let raised: unknown;
    const [task] = await begun(() =>
      mutex.with(async () => {
        try {
          await condition.wait();
        } catch (error) {
          raised = error;
          // Held by this very section, or this would throw.
          condition.notify(0);
          throw error;
        }
      }),
    );
    await mutex.with(async () => {
      if (during === "way back") {
        condition.notify();
        await quiet();
      }
      task.cancel("foo");
      await quiet();
    });
    assert.equal(await rejection(task), raised);
    assert.equal((raised as CancelledError).cause, "foo");
  }
});

// ---- anyio, trio ----

test("anyio TestCondition.test_contextmanager: producer and consumer", async () => {
  const condition = new Condition();
  const events: string[] = [];
  const [consumer] = await begun(() =>
    condition.mutex.with(async () => {
      events.push("waiting");
      await condition.wait();
      events.push("woken");
    }),
  );
  await condition.mutex.with(() => {
    events.push("notifying");
    condition.notify();
  });
  await consumer;
  assert.deepEqual(events, ["waiting", "notifying", "woken"]);
});

test("trio test_Condition: cancelled waiters leave the line, notified ones come out one at a time", async () => {
  const condition = new Condition();
  const log: string[] = [];
  const tasks = [];
  for (const name of ["0", "1", "2", "3", "4", "5"]) tasks.push(...(await begun(waiter(condition, log, name))));
  tasks[1]?.cancel();
  tasks[4]?.cancel();
  await quiet();
  await notify(condition, 2);
  await quiet();
  assert.deepEqual(log, ["0", "2"]);
  await condition.mutex.with(() => condition.notifyAll());
  assert.deepEqual(await ends(tasks), ["0", "AbortError", "2", "3", "AbortError", "5"]);
});

// ---- no notify is lost ----

test("as many go on as there were notifies and waiters, whoever is cancelled when", { timeout: 60_000 }, async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), which: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("notify" as const), which: fc.nat({ max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("turn" as const), which: fc.nat({ max: 3 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const condition = new Condition();
      const { mutex } = condition;
      const guarded: Task<void>[] = [];
      let [tokens, taken] = [0, 0];
      for (const { kind, which } of steps) {
        if (kind === "wait") {
          // Each takes one token: the classic use. A token that is there must not stay while somebody waits for it.
          guarded.push(
            coroutines.run(() =>
              mutex.with(async () => {
                await condition.waitFor(() => tokens > 0);
                tokens--;
                taken++;
              }),
            ),
          );
        } else if (kind === "notify") {
          void mutex.with(() => {
            tokens += which;
            condition.notify(which);
          });
        } else if (kind === "cancel") guarded[which % Math.max(1, guarded.length)]?.cancel();
        else await quiet(which);
      }
      await quiet();
      const waiting = guarded.filter(({ state }) => state === "running" || state === "waiting").length;
      assert.ok(waiting === 0 || tokens === 0, `${waiting} wait while there are ${tokens} tokens`);
      assert.equal(guarded.filter(({ state }) => state === "succeeded").length, taken);
      for (const task of guarded) task.cancel();
      await ends(guarded);
      assert.equal(mutex.locked, false);
    }),
    { numRuns: 200 },
  );
});
