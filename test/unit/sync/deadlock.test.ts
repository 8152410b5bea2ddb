// Cycles of sections over several locks: what is certain is refused, by the one that would close it; what may end by itself is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeadlockError, TimeoutError } from "../../../src/contract/errors.ts";
import type { Guard } from "../../../src/contract/sync.ts";
import type { LazyClause } from "../../../src/core/clause.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { shield, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { CapacityLimiter } from "../../../src/sync/capacity-limiter.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, quiet, rejection } from "../core/support.ts";
import { TestCase } from "./driver.ts";

/** Two tasks that take two things in opposite order, each having the first before either asks for the second. */
async function crossing(first: (inner: () => unknown) => Promise<unknown>, second: (inner: () => unknown) => Promise<unknown>) {
  const met = gate();
  let inside = 0;
  const meet = async () => {
    if (++inside === 2) met.open();
    await met.promise;
  };
  const one = coroutines.with({ name: "one" }).run(function one() {
    return first(async () => {
      await meet();
      return second(() => "one");
    });
  });
  const two = coroutines.with({ name: "two" }).run(function two() {
    return second(async () => {
      await meet();
      return first(() => "two");
    });
  });
  const outcomes = await Promise.allSettled([one, two]);
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : outcome.reason));
}

const oneError = (outcomes: readonly unknown[]): DeadlockError => {
  const errors = outcomes.filter((outcome) => outcome instanceof DeadlockError);
  assert.equal(errors.length, 1, `one of them is refused: ${outcomes.map(String)}`);
  return errors[0] as DeadlockError;
};

test("two mutexes in opposite order: the one that closes the cycle is refused, the other goes on", async () => {
  const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
  const outcomes = await crossing(
    (inner) => a.with(inner),
    (inner) => b.with(inner),
  );
  assert.deepEqual(outcomes[0], "one");
  const error = oneError(outcomes);
  assert.match(error.message, /Waiting for the mutex "a" can never end: task two \(\S+\) holds the mutex "b" and waits for the mutex "a"/);
  assert.match(error.message, /task one \(\S+\) holds the mutex "a" and waits for the mutex "b"/);
  assert.deepEqual([a.locked, b.locked], [false, false]);
});

test("the cycle names both tasks, both locks and where each waits", async () => {
  const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
  const { cycle } = oneError(
    await crossing(
      (inner) => a.with(inner),
      (inner) => b.with(inner),
    ),
  );
  assert.equal(cycle.length, 2);
  assert.match(String(cycle[0]), /^task two \(\S+\) holds the mutex "b" and waits for the mutex "a"\n(\s+at .*\n?)+$/);
  assert.match(String(cycle[1]), /^task one \(\S+\) holds the mutex "a" and waits for the mutex "b"\n(\s+at .*\n?)+$/);
  // The stacks begin with the caller's code.
  for (const entry of cycle) assert.match(entry.split("\n")[1] ?? "", /deadlock\.test\.[jt]s/);
});

test("three locks, three tasks: the cycle is told in its order", async () => {
  const locks = ["a", "b", "c"].map((name) => new Mutex({ name }));
  const met = gate();
  let inside = 0;
  const outcomes = await Promise.allSettled(
    locks.map((own, index) =>
      own.with(async () => {
        if (++inside === 3) met.open();
        await met.promise;
        return locks[(index + 1) % 3]?.with(() => index);
      }),
    ),
  );
  const error = oneError(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : outcome.reason)));
  assert.deepEqual(
    error.cycle.map((entry) => entry.split("\n")[0]),
    [
      'main holds the mutex "c" and waits for the mutex "a"',
      'main holds the mutex "a" and waits for the mutex "b"',
      'main holds the mutex "b" and waits for the mutex "c"',
    ],
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
});

test("an acquire without a section closes a cycle of sections as well as a with does", async () => {
  const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
  const bare = (lock: Mutex) => async (inner: () => unknown) => {
    const guard = await lock.acquire();
    try {
      return await inner();
    } finally {
      guard.release();
    }
  };
  const outcomes = await crossing(
    (inner) => a.with(inner),
    (inner) => (b.locked ? bare(b)(inner) : b.with(inner)),
  );
  oneError(outcomes);
});

test("a cycle through bare guards is not refused: anybody may release them", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const [first, second] = [await a.acquire(), await b.acquire()];
  const waiting = [coroutines.run(() => b.acquire()), coroutines.run(() => a.acquire())];
  await quiet();
  assert.deepEqual(
    waiting.map(({ state }) => state),
    ["running", "running"],
  );
  first.release();
  second.release();
  for (const guard of await Promise.all(waiting)) guard.release();
});

test("a section that waits for a bare guard is not refused, nor is one that waits for a section with a bare guard in it", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const guard = await b.acquire();
  const one = a.with(() => b.with(() => "one"));
  // The holder of b wants a: a deadlock, if nobody else releases the guard.
  const two = a.acquire();
  await quiet();
  guard.release();
  assert.equal(await one, "one");
  (await two).release();
});

const bounds: Record<string, (work: (options?: object) => Promise<unknown>) => Promise<unknown>> = {
  "a timeout": (work) => work({ timeout: 10 }),
  "a signal": async (work) => {
    const controller = new AbortController();
    const waiting = work({ signal: controller.signal });
    await quiet();
    controller.abort();
    return waiting;
  },
  "a timeout around it": (work) => timeout(10, () => work()),
};

for (const [name, bounded] of Object.entries(bounds)) {
  test(`a wait that ${name} may end is no certain deadlock, whoever comes last`, async () => {
    for (const last of [true, false]) {
      await withVirtualClock(async () => {
        const [a, b] = [new Mutex(), new Mutex()];
        const hold = gate();
        const one = a.with(async () => {
          await hold.promise;
          if (last) await quiet();
          return bounded((options) => b.with(() => "one", options)).catch((error) => error.name);
        });
        const two = b.with(async () => {
          await hold.promise;
          if (!last) await quiet();
          return a.with(() => "two");
        });
        hold.open();
        assert.equal(/Error/.test(String(await one)), true);
        assert.equal(await two, "two");
      });
    }
  });
}

test("a deadline over the whole task makes its waits uncertain too", async () => {
  await withVirtualClock(async () => {
    const [a, b] = [new Mutex(), new Mutex()];
    const one = coroutines.with({ deadline: 50 }).run(() =>
      a.with(async () => {
        await quiet();
        return b.with(() => "one");
      }),
    );
    const two = coroutines.run(() =>
      b.with(async () => {
        await quiet();
        return a.with(() => "two");
      }),
    );
    const [first, second] = await Promise.allSettled([one, two]);
    assert.equal(first.status === "rejected" && first.reason instanceof TimeoutError, true);
    assert.equal(second.status === "fulfilled" && second.value, "two");
  });
});

test("a shield cuts off the deadline, so its waits are certain", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const outcomes = await timeout(60_000, () =>
    crossing(
      (inner) => shield(() => a.with(inner)),
      (inner) => shield(() => b.with(inner)),
    ),
  );
  oneError(outcomes);
});

test("the case of a select is no certain wait", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const hold = gate();
  let node: TestCase<Guard> | undefined;
  const one = a.with(async () => {
    await hold.promise;
    node = new TestCase(b.acquiring() as LazyClause<Guard>);
    (await node.promise).release();
    return "one";
  });
  const two = b.with(async () => {
    await hold.promise;
    await quiet();
    return a.with(() => "two");
  });
  hold.open();
  await quiet();
  // The select commits to something else.
  (b.acquiring() as LazyClause<Guard>).delist(node as TestCase<Guard>);
  node?.settle({ release() {} });
  assert.deepEqual(await Promise.all([one, two]), ["one", "two"]);
});

test("children that a section waits for count as the section", async () => {
  const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
  const outcomes = await crossing(
    (inner) =>
      a.with(() =>
        withTaskGroup(
          async (group) => {
            const child = group.run(inner);
            return await child;
          },
          { errors: "first" },
        ),
      ),
    (inner) => b.with(inner),
  );
  oneError(outcomes);
});

test("a task that nobody has to wait for is no part of the section that started it", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const hold = gate();
  let loose: Promise<unknown> | undefined;
  const one = a.with(async () => {
    loose = coroutines.run(() => b.with(() => "loose")).then((value) => value);
    await hold.promise;
  });
  const two = b.with(async () => {
    await quiet();
    return a.with(() => "two");
  });
  await quiet();
  hold.open();
  await one;
  assert.deepEqual([await two, await loose], ["two", "loose"]);
});

test("a chain of sections that ends in one that runs is no deadlock, however long it is", async () => {
  const locks = Array.from({ length: 5 }, () => new Mutex());
  const hold = gate();
  const last = locks[4]?.with(() => hold.promise);
  // Each waits for the one before; the first to come waits for one that runs.
  const chain = [3, 2, 1, 0].map((index) => locks[index]?.with(() => locks[index + 1]?.with(() => index)));
  await quiet();
  hold.open();
  assert.deepEqual(await Promise.all([last, ...chain]), [undefined, 3, 2, 1, 0]);
});

test("a semaphore with a holder that can go on is no deadlock; when all its holders are stuck, it is", async () => {
  for (const stuck of [false, true]) {
    const [semaphore, mutex] = [new Semaphore(2, { name: "permits" }), new Mutex({ name: "m" })];
    const hold = gate();
    const holder = semaphore.with(async () => {
      await quiet(1);
      return stuck ? mutex.with(() => "holder") : hold.promise.then(() => "holder");
    });
    const one = semaphore.with(async () => {
      await quiet(1);
      return mutex.with(() => "one");
    });
    const two = mutex.with(async () => {
      await quiet(8);
      return semaphore.with(() => "two");
    });
    const settled = Promise.allSettled([holder, one, two]);
    await quiet(12);
    hold.open();
    const outcomes = await settled;
    const ends = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : outcome.reason.name));
    assert.deepEqual(ends, ["holder", "one", stuck ? "DeadlockError" : "two"]);
    if (stuck) oneError(outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : undefined)));
    assert.deepEqual([semaphore.available, mutex.locked], [2, false]);
  }
});

test("two that hold one permit each and want one more: the second is refused, and both are told of", async () => {
  const semaphore = new Semaphore(2, { name: "permits" });
  const outcomes = await crossing(
    (inner) => semaphore.with(inner),
    (inner) => semaphore.with(inner),
  );
  const error = oneError(outcomes);
  assert.equal(error.cycle.length, 2);
  for (const entry of error.cycle) assert.match(entry, /holds the semaphore "permits" and waits for more of it/);
  assert.equal(semaphore.available, 2);
});

test("a request behind a larger one that waits for its own section could never be granted", async () => {
  const semaphore = new Semaphore(2, { name: "permits" });
  const hold = gate();
  const one = semaphore.with(async () => {
    await hold.promise;
    return semaphore.with(() => "inner");
  });
  const large = semaphore.with(() => "large", { permits: 2 });
  hold.open();
  assert.equal((await rejection(one)) instanceof DeadlockError, true);
  assert.equal(await large, "large");
  // With a bound on the larger one it is only a wait.
  await withVirtualClock(async () => {
    const next = gate();
    const two = semaphore.with(async () => {
      await next.promise;
      return semaphore.with(() => "inner");
    });
    const bounded = semaphore.with(() => "large", { permits: 2, timeout: 10 });
    next.open();
    assert.equal((await rejection(bounded)) instanceof TimeoutError, true);
    assert.equal(await two, "inner");
  });
});

test("a reader behind a waiting writer: the cycle goes through the line", async () => {
  const [lock, mutex] = [new RWLock({ name: "rw" }), new Mutex({ name: "m" })];
  const met = gate();
  const reader = lock.withRead(async () => {
    await met.promise;
    return mutex.with(() => "reader");
  });
  const writer = lock.withWrite(() => "writer");
  const other = mutex.with(async () => {
    met.open();
    await quiet();
    // The reader waits for the mutex, the writer for the reader, and this for the writer.
    return lock.withRead(() => "other");
  });
  const [first, second, third] = await Promise.allSettled([reader, writer, other]);
  assert.deepEqual([first.status, second.status], ["fulfilled", "fulfilled"]);
  assert.equal(third.status === "rejected" && third.reason instanceof DeadlockError, true);
});

test("a waiting writer and a reader inside its own read section: the reader is let past, outside it is not", async () => {
  const lock = new RWLock();
  const log: string[] = [];
  const hold = gate();
  const outer = lock.withRead(async () => {
    await hold.promise;
    const tried = lock.tryAcquireRead();
    assert.equal(tried?.held, true);
    tried?.release();
    await lock.withRead(async () => {
      await undefined;
      log.push("inner reader");
    });
    log.push("outer reader");
  });
  const writer = lock.withWrite(() => {
    log.push("writer");
  });
  assert.equal(lock.tryAcquireRead(), undefined);
  const late = lock.withRead(() => {
    log.push("late reader");
  });
  hold.open();
  await Promise.all([outer, writer, late]);
  assert.deepEqual(log, ["inner reader", "outer reader", "writer", "late reader"]);
});

test("every other way of acquiring an RWLock inside its own section is refused", async () => {
  const lock = new RWLock();
  await lock.withRead(async () => {
    assert.equal((await rejection(lock.acquireWrite())) instanceof DeadlockError, true);
    assert.equal(lock.tryAcquireWrite(), undefined);
    await lock.withRead(async () => {
      assert.equal((await rejection(lock.withWrite(() => {}))) instanceof DeadlockError, true);
    });
  });
  await lock.withWrite(async () => {
    assert.equal((await rejection(lock.acquireRead())) instanceof DeadlockError, true);
    assert.equal((await rejection(lock.withWrite(() => {}))) instanceof DeadlockError, true);
    assert.deepEqual([lock.tryAcquireRead(), lock.tryAcquireWrite()], [undefined, undefined]);
  });
  lock.tryAcquireWrite()?.release();
});

test("a semaphore counts what the sections around a request hold of it, and nothing else", async () => {
  const semaphore = new Semaphore(5);
  await semaphore.with(
    async () => {
      await semaphore.with(
        async () => {
          assert.equal((await rejection(semaphore.acquire({ permits: 2 }))) instanceof DeadlockError, true);
          (await semaphore.acquire({ permits: 1 })).release();
        },
        { permits: 2 },
      );
      // A bare guard inside a section may be released by anybody.
      const guard = await semaphore.acquire({ permits: 3 });
      const waiting = semaphore.acquire({ permits: 3 });
      guard.release();
      (await waiting).release();
    },
    { permits: 2 },
  );
  assert.equal(semaphore.available, 5);
});

test("a capacity limiter is judged by the largest total that it has had", async () => {
  const limiter = new CapacityLimiter(2);
  await limiter.with(async () => {
    limiter.total = 0;
    const waiting = limiter.acquire();
    await quiet();
    limiter.total = 2;
    (await waiting).release();
  });
  const narrow = new CapacityLimiter(1);
  await narrow.with(async () => {
    assert.equal((await rejection(narrow.acquire())) instanceof DeadlockError, true);
    narrow.total = 2;
    (await narrow.acquire()).release();
  });
});

test("a wait that was withdrawn closes no cycle", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  const [hold, cancelled] = [gate(), gate()];
  const one = a.with(async () => {
    const task = coroutines.run(() => b.with(() => {}));
    const inner = withTaskGroup(async (group) => {
      const child = group.run(() => b.with(() => {}));
      await hold.promise;
      child.cancel();
      await rejection(child);
    });
    await inner.catch(() => {});
    cancelled.open();
    await quiet();
    task.cancel();
    await rejection(task);
    return "one";
  });
  const two = b.with(async () => {
    hold.open();
    await cancelled.promise;
    return a.with(() => "two");
  });
  assert.deepEqual(await Promise.all([one, two]), ["one", "two"]);
});

test("a section that waits for a condition holds nothing, and is no owner meanwhile", async () => {
  const [outer, condition] = [new Mutex({ name: "outer" }), new Condition(new Mutex({ name: "inner" }))];
  const { mutex } = condition;
  const waiting = mutex.with(() => condition.wait());
  await quiet();
  const notifying = outer.with(() => mutex.with(() => condition.notify()));
  await Promise.all([waiting, notifying]);
  assert.deepEqual([outer.locked, mutex.locked], [false, false]);
});

test("the way back from a condition is never refused; whoever closes the cycle then is", async () => {
  const [outer, condition] = [new Mutex({ name: "outer" }), new Condition(new Mutex({ name: "inner" }))];
  const { mutex } = condition;
  const waiting = outer.with(() => mutex.with(() => condition.wait()));
  await quiet();
  const hold = gate();
  const other = mutex.with(async () => {
    condition.notify();
    await hold.promise;
    return outer.with(() => {});
  });
  await quiet();
  hold.open();
  assert.equal((await rejection(other)) instanceof DeadlockError, true);
  await waiting;
  assert.deepEqual([outer.locked, mutex.locked], [false, false]);
});

test("a deadlock that was refused leaves locks and lines whole", async () => {
  const [a, b] = [new Mutex(), new Mutex()];
  for (let round = 0; round < 3; round++) {
    oneError(
      await crossing(
        (inner) => a.with(inner),
        (inner) => b.with(inner),
      ),
    );
    assert.deepEqual([a.locked, b.locked], [false, false]);
  }
});
