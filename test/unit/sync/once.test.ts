// Once: one initialiser, its failure, its cancel; and the cases of other people's suites (own code, their ids).
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, DeadlockError, TimeoutError } from "../../../src/contract/errors.ts";
import { currentTask } from "../../../src/core/current-task.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { Once } from "../../../src/sync/once.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, forever, gate, quiet, rejection } from "./support.ts";

test("the first caller's initialiser runs, once, and everybody gets its value", async () => {
  const once = new Once<number>();
  let runs = 0;
  const hold = gate();
  const init = async () => {
    runs++;
    await hold.promise;
    return 42;
  };
  const calls = [once.run(init), once.run(init), coroutines.run(() => once.run(init))];
  await quiet();
  assert.deepEqual([runs, once.done], [1, false]);
  hold.open();
  assert.deepEqual(await Promise.all(calls), [42, 42, 42]);
  assert.deepEqual([once.done, await once.run(() => 7), runs], [true, 42, 1]);
});

test("undefined is a value like any other", async () => {
  const once = new Once<undefined>();
  await once.run(() => undefined);
  assert.deepEqual([once.done, await once.run(() => assert.fail("ran again"))], [true, undefined]);
});

test("a failure is shared by those who wait, and the next call tries again", async () => {
  const once = new Once<string>();
  const hold = gate();
  const error = new RangeError("no network");
  const first = once.run(async () => {
    await hold.promise;
    throw error;
  });
  const others = [once.run(() => "never"), once.run(() => "never")];
  const all = Promise.allSettled([first, ...others]);
  hold.open();
  assert.deepEqual(
    (await all).map((outcome) => outcome.status === "rejected" && outcome.reason),
    [error, error, error],
  );
  assert.equal(once.done, false);
  assert.equal(await once.run(() => "again"), "again");
});

test("an initialiser that throws inside the call fails in the same way", async () => {
  const once = new Once<number>();
  const error = await rejection(
    once.run(() => {
      throw new RangeError("at once");
    }),
  );
  assert.equal((error as Error).message, "at once");
  assert.equal(await once.run(() => 1), 1);
});

test("a call in the tick of the failure is a new attempt", async () => {
  const once = new Once<string>();
  const failing = once.run(() => Promise.reject(new RangeError("first")));
  const second = failing.catch(() => once.run(() => "second"));
  assert.equal(await second, "second");
});

test("a cancelled initialiser hands over to the one that has waited longest, who runs its own in its own task", async () => {
  const once = new Once<string>();
  const log: string[] = [];
  const [leader] = await begun(() => once.run(() => forever().then(() => "leader")));
  const join = (name: string) => () =>
    once.run(async () => {
      log.push(`${name} ran in ${currentTask().name}`);
      return name;
    });
  const second = coroutines.with({ name: "second" }).run(join("second"));
  const third = coroutines.with({ name: "third" }).run(join("third"));
  await quiet();
  leader.cancel();
  assert.equal((await rejection(leader)) instanceof CancelledError, true);
  assert.deepEqual([await second, await third, log], ["second", "second", ["second ran in second"]]);
});

test("handed over, then cancelled, in one tick: the lead goes on to the next", async () => {
  const once = new Once<string>();
  const [leader] = await begun(() => once.run(() => forever().then(() => "leader")));
  const [second] = await begun(() => once.run(() => "second"));
  const [third] = await begun(() => once.run(() => "third"));
  leader.cancel();
  second.cancel();
  assert.deepEqual(await ends([leader, second, third]), ["AbortError", "AbortError", "third"]);
});

test("between the hand-over and the new leader's turn nobody else begins", async () => {
  // A newcomer after 0, 1, 2, … microtasks, of which some lie in between.
  for (let ticks = 0; ticks < 12; ticks++) {
    const once = new Once<string>();
    const log: string[] = [];
    const note = (name: string) => async () => {
      log.push(name);
      await quiet(1);
      return name;
    };
    const [leader] = await begun(() => once.run(() => forever().then(() => "leader")));
    const [second] = await begun(() => once.run(note("second")));
    leader.cancel();
    for (let tick = 0; tick < ticks; tick++) await undefined;
    const values = await Promise.all([second, once.run(note("newcomer"))]);
    assert.deepEqual([values, log], [["second", "second"], ["second"]], `after ${ticks} microtasks`);
    await rejection(leader);
  }
});

test("the last to be cancelled leaves it as it was: the next call begins", async () => {
  const once = new Once<string>();
  const [leader] = await begun(() => once.run(() => forever().then(() => "leader")));
  leader.cancel();
  await rejection(leader);
  assert.deepEqual([once.done, await once.run(() => "next")], [false, "next"]);
});

test("a cancelled leader that returns a value all the same has initialised", async () => {
  const once = new Once<string>();
  const hold = gate<string>();
  const [leader] = await begun(() => once.run(() => hold.promise));
  const waiting = once.run(() => "other");
  leader.cancel();
  hold.open("value");
  assert.deepEqual(await ends([leader, waiting]), ["value", "value"]);
});

test("another error of a cancelled leader is a failure, and shared", async () => {
  const once = new Once<string>();
  const hold = gate();
  const [leader] = await begun(() =>
    once.run(async () => {
      await hold.promise;
      throw new RangeError("its own");
    }),
  );
  const waiting = rejection(once.run(() => "other"));
  leader.cancel();
  hold.open();
  assert.equal(((await rejection(leader)) as Error).message, "its own");
  assert.equal(((await waiting) as Error).message, "its own");
});

test("a deadline of the leader hands over too", async () => {
  await withVirtualClock(async () => {
    const once = new Once<string>();
    const leader = timeout(10, () => once.run(() => forever().then(() => "leader")));
    const waiting = once.run(() => "other");
    assert.deepEqual(await ends([leader, waiting]), ["TimeoutError", "other"]);
  });
});

test("an AbortError of the initialiser's own is a failure as long as nobody cancelled the leader", async () => {
  const once = new Once<string>();
  const abort = () => AbortSignal.abort(new CancelledError("of its own")).throwIfAborted() as never;
  const failing = once.run(async () => abort());
  const waiting = once.run(() => "other");
  assert.deepEqual(await ends([failing, waiting]), ["AbortError", "AbortError"]);
});

test("a waiter may be cancelled, aborted or timed out; the initialiser goes on", async () => {
  await withVirtualClock(async (clock) => {
    const once = new Once<string>({ name: "config" });
    const hold = gate<string>();
    const leader = once.run(() => hold.promise);
    const [task] = await begun(() => once.run(() => "x"));
    task.cancel();
    const late = rejection(once.run(() => "x", { timeout: 10 }));
    await clock.advance(10);
    const error = await late;
    assert.deepEqual(
      [error instanceof TimeoutError, (error as Error).message],
      [true, 'Waiting for the initialiser "config" took longer than 10 ms.'],
    );
    await assert.rejects(
      once.run(() => "x", { signal: AbortSignal.abort() }),
      CancelledError,
    );
    hold.open("value");
    assert.deepEqual(await ends([leader, task]), ["value", "AbortError"]);
  });
});

test("running it inside its own initialiser is refused, not waited for", async () => {
  const once = new Once<string>({ name: "config" });
  const value = await once.run(async () => {
    const errors = [
      await rejection(once.run(() => "inner")),
      await rejection(withTaskGroup(() => once.run(() => "inner"), { errors: "first" })),
    ];
    for (const error of errors) {
      assert.equal(error instanceof DeadlockError, true);
      assert.match((error as Error).message, /the initialiser "config" inside itself/);
    }
    return "outer";
  });
  assert.equal(value, "outer");
});

test("what an initialiser left behind may run it later", async () => {
  const once = new Once<string>();
  const later = gate();
  let left: Promise<string> | undefined;
  await rejection(
    once.run(() => {
      left = later.promise.then(() => once.run(() => "left behind"));
      throw new RangeError("failed");
    }),
  );
  const hold = gate<string>();
  const second = once.run(() => hold.promise);
  later.open();
  await quiet();
  hold.open("second");
  assert.deepEqual([await second, await left], ["second", "second"]);
});

test("what is no function is refused, also when there is a value", async () => {
  const once = new Once<number>();
  await assert.rejects(once.run(1 as never), { name: "TypeError", message: /run needs a function/ });
  assert.equal(once.done, false);
});

test("in a cancelled task even a value that is there throws", async () => {
  const once = new Once<number>();
  await once.run(() => 1);
  const [task] = await begun(async () => {
    await quiet();
    return rejection(once.run(() => 2));
  });
  task.cancel();
  assert.equal((await task) instanceof CancelledError, true);
});

test("a loop over a value that is there gives the event loop its turns", async () => {
  const once = new Once<number>();
  let over = false;
  setImmediate(() => setImmediate(() => (over = true)));
  while (!over) await once.run(() => 1);
});

// ---- tokio, tokio/tests/sync_once_cell.rs; go, src/sync/once_test.go ----

test("tokio sync_once_cell get_or_init, get_or_init_panic: concurrent callers share one value", async () => {
  const once = new Once<number>();
  const values = await Promise.all([once.run(async () => 5), once.run(async () => 10)]);
  assert.deepEqual(values, [5, 5]);
});

test("tokio sync_once_cell get_or_try_init: after an error the next one's value counts", async () => {
  const once = new Once<number>();
  const hold = gate();
  const failing = once.run(async () => {
    await hold.promise;
    throw new RangeError("first");
  });
  const end = rejection(failing);
  hold.open();
  await end;
  const waiting = once.run(async () => {
    await quiet();
    return 10;
  });
  assert.deepEqual(await Promise.all([once.run(() => 20), waiting]), [10, 10]);
});

test("go once TestOnce: ten callers, one run", async () => {
  const once = new Once<void>();
  let runs = 0;
  await Promise.all(
    Array.from({ length: 10 }, () =>
      coroutines.run(() =>
        once.run(() => {
          runs++;
        }),
      ),
    ),
  );
  assert.equal(runs, 1);
});

test("go once TestOncePanic has another outcome here: a failed run does not count", async () => {
  const once = new Once<number>();
  await rejection(
    once.run(() => {
      throw new Error("failed");
    }),
  );
  let ran = false;
  await once.run(() => {
    ran = true;
    return 1;
  });
  assert.equal(ran, true);
});
