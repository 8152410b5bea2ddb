// The explorer against programs whose bugs are known, and against their repaired twins.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeadlockError } from "../../../src/contract/errors.ts";
import { exploreShared, replayShared } from "../../../src/testing/explore-shared.ts";
import { parseSchedule } from "../../../src/testing/schedule.ts";

const words = (count: number) => () => new Int32Array(new SharedArrayBuffer(4 * count));
const holds = (index: number, expected: number) => (memory: Int32Array) => assert.equal(memory[index], expected);

/** Drepper, "Futexes Are Tricky": `again` is what a woken thread writes; 1 is the classic mistake. */
function lock(memory: Int32Array, again: number): void {
  let old = Atomics.compareExchange(memory, 0, 0, 1);
  while (old !== 0) {
    if (old === 2 || Atomics.compareExchange(memory, 0, 1, 2) !== 0) Atomics.wait(memory, 0, 2);
    old = Atomics.compareExchange(memory, 0, 0, again);
  }
}
function unlock(memory: Int32Array): void {
  if (Atomics.sub(memory, 0, 1) === 1) return;
  Atomics.store(memory, 0, 0);
  Atomics.notify(memory, 0, 1);
}
const countUnderLock = (again: number) => (memory: Int32Array) => {
  lock(memory, again);
  memory[1] = (memory[1] ?? 0) + 1;
  unlock(memory);
};

describe("what it finds", () => {
  test("a lost update, by plain accesses and by atomic ones", async () => {
    const plain = (memory: Int32Array) => {
      memory[0] = (memory[0] ?? 0) + 1;
    };
    const atomic = (memory: Int32Array) => Atomics.store(memory, 0, Atomics.load(memory, 0) + 1);
    for (const body of [plain, atomic]) {
      const { failure, complete } = await exploreShared(words(1), [body, body], holds(0, 2));
      assert.ok(failure?.error instanceof assert.AssertionError);
      assert.equal(complete, false);
    }
  });

  test("no lost update where the increment is atomic, and then the search is complete", async () => {
    const body = (memory: Int32Array) => void Atomics.add(memory, 0, 1);
    const found = await exploreShared(words(1), [body, body, body], holds(0, 3), { preemptions: Number.POSITIVE_INFINITY });
    assert.deepEqual({ ...found, states: found.states > 3 }, { runs: found.runs, states: true, complete: true, failure: undefined });
  });

  test("the lost wake-up of Drepper's second mutex needs one preemption, and the repaired mutex has none", async () => {
    const broken = Array.from({ length: 3 }, () => countUnderLock(1));
    assert.equal((await exploreShared(words(2), broken, holds(1, 3), { preemptions: 0 })).failure, undefined);
    const { failure } = await exploreShared(words(2), broken, holds(1, 3), { preemptions: 1 });
    assert.ok(failure?.error instanceof DeadlockError);
    assert.match(failure.error.message, /thread \d in wait\(Int32Array\[0\], 2\)/);
    const sound = Array.from({ length: 3 }, () => countUnderLock(2));
    assert.equal((await exploreShared(words(2), sound, holds(1, 3), { preemptions: 2 })).complete, true);
  });

  test("a deadlock of two locks taken in opposite order", async () => {
    const take = (memory: Int32Array, at: number) => {
      while (Atomics.compareExchange(memory, at, 0, 1) !== 0) Atomics.wait(memory, at, 1);
    };
    const both = (first: number, second: number) => (memory: Int32Array) => {
      take(memory, first);
      take(memory, second);
      for (const at of [second, first]) {
        Atomics.store(memory, at, 0);
        Atomics.notify(memory, at);
      }
    };
    const { failure } = await exploreShared(words(2), [both(0, 1), both(1, 0)], () => {});
    assert.ok(failure?.error instanceof DeadlockError);
    assert.equal(failure.error.cycle.length, 2);
    assert.equal((await exploreShared(words(2), [both(0, 1), both(0, 1)], () => {})).failure, undefined);
  });

  test("what a body throws", async () => {
    const thrown = new RangeError("found");
    const body = (memory: Int32Array) => {
      if (Atomics.add(memory, 0, 1) === 1) throw thrown;
    };
    assert.equal((await exploreShared(words(1), [body, body], () => {})).failure?.error, thrown);
  });
});

describe("what it understands", () => {
  test("a spinning thread stands back for the one it waits for", async () => {
    const spin = (memory: Int32Array) => {
      while (Atomics.load(memory, 0) === 0);
    };
    const set = (memory: Int32Array) => void Atomics.store(memory, 0, 1);
    assert.equal((await exploreShared(words(1), [spin, set], () => {})).complete, true);
    const { failure } = await exploreShared(words(1), [spin, () => {}], () => {});
    assert.ok(failure?.error instanceof DeadlockError);
    assert.match(failure.error.message, /goes on without end/);
  });

  test("waiters are woken in order, as many as asked", async () => {
    const wait = (me: number) => (memory: Int32Array) => {
      Atomics.wait(memory, 0, 0);
      Atomics.store(memory, 1 + Atomics.add(memory, 4, 1), me);
    };
    const wake = (memory: Int32Array) => {
      Atomics.store(memory, 0, 1);
      while (Atomics.notify(memory, 0, 1) > 0);
    };
    const { complete } = await exploreShared(words(5), [wait(1), wait(2), wake], (memory) => {
      assert.deepEqual([memory[1], memory[2]].sort(), [1, 2]);
      assert.equal(memory[4], 2);
    });
    assert.equal(complete, true);
  });

  test("a wait with a limit may end either way, and only then does the clock move", async () => {
    const ends = new Set<string>();
    const waiter = (memory: Int32Array) => {
      const startMs = performance.now();
      const end = Atomics.wait(memory, 0, 0, 30);
      ends.add(end);
      assert.equal(performance.now() - startMs, end === "timed-out" ? 30 : 0);
      assert.equal(Date.now(), performance.now());
    };
    const waker = (memory: Int32Array) => {
      Atomics.store(memory, 0, 1);
      Atomics.notify(memory, 0);
    };
    const { failure } = await exploreShared(words(1), [waiter, waker], () => {});
    assert.equal(failure, undefined);
    assert.deepEqual([...ends].sort(), ["not-equal", "ok", "timed-out"]);
  });

  test("objects of a state belong to one body, memory to all; views of all kinds, parts and 64-bit words", async () => {
    const setup = () => {
      const buffer = new SharedArrayBuffer(32);
      return { seen: [] as number[], bytes: new Uint8Array(buffer, 0, 8), long: new BigInt64Array(buffer, 8, 2) };
    };
    const body = (state: ReturnType<typeof setup>) => {
      state.seen.push(1);
      assert.equal(state.seen.length, 1);
      state.bytes.subarray(4).fill(7);
      Atomics.add(state.long, 1, 1n);
    };
    const { failure, complete } = await exploreShared(setup, [body, body], ({ seen, bytes, long }) => {
      assert.deepEqual(seen, []);
      assert.deepEqual([...bytes], [0, 0, 0, 0, 7, 7, 7, 7]);
      assert.equal(long[1], 2n);
    });
    assert.deepEqual([failure, complete], [undefined, true]);
  });

  test("memory that a body makes is its own, and code that catches everything is stopped all the same", async () => {
    const body = (memory: Int32Array) => {
      const own = new Int32Array(new SharedArrayBuffer(4));
      Atomics.add(own, 0, 1);
      assert.equal(Atomics.wait(own, 0, 1, 5), "timed-out");
      try {
        Atomics.add(memory, 0, 1);
      } catch {
        Atomics.store(memory, 0, 99);
      }
    };
    const { failure } = await exploreShared(words(1), [body, body], holds(0, 2));
    assert.equal(failure, undefined);
  });

  test("a body that does not do the same each time is told so, and one that is asynchronous", async () => {
    let times = 0;
    const moody = (memory: Int32Array) => {
      Atomics.load(memory, times++ % 2);
      Atomics.load(memory, 0);
    };
    const { failure } = await exploreShared(words(2), [moody], () => {});
    assert.match(String(failure?.error), /must do the same each time/);
    const later = await exploreShared(words(1), [(async () => {}) as () => void], () => {});
    assert.match(String(later.failure?.error), /returned a promise/);
  });
});

describe("schedules", () => {
  const body = (memory: Int32Array) => {
    memory[0] = (memory[0] ?? 0) + 1;
  };

  test("the schedule of a failure fails again, another one does not", async () => {
    const { failure } = await exploreShared(words(1), [body, body], holds(0, 2));
    const schedule = parseSchedule(failure?.schedule ?? "");
    assert.throws(() => replayShared(words(1), [body, body], holds(0, 2), schedule), assert.AssertionError);
    replayShared(words(1), [body, body], holds(0, 2), parseSchedule("brg1:0x2.1x2"));
    assert.throws(() => replayShared(words(1), [body], holds(0, 1), parseSchedule("brg1:0x2.1")), /does not fit/);
  });

  test("a text that is no schedule is refused", () => {
    for (const text of ["", "0x4", "brg1:x", "brg1:0..1", "brg1:0x", "brg1:~~1"]) assert.throws(() => parseSchedule(text), TypeError, text);
    assert.equal(parseSchedule("brg1:~0.12x3"), "brg1:~0.12x3");
  });
});

describe("bounds", () => {
  test("maxRuns ends the search incomplete; bad options and functions are refused", async () => {
    const body = (memory: Int32Array) => void Atomics.add(memory, 0, 1);
    const found = await exploreShared(words(1), [body, body], () => {}, { maxRuns: 1 });
    assert.deepEqual([found.runs, found.complete, found.failure], [1, false, undefined]);
    await assert.rejects(
      exploreShared(words(1), [body], () => {}, { preemptions: -1 }),
      RangeError,
    );
    await assert.rejects(
      exploreShared(words(1), [body], () => {}, { maxRuns: 0 }),
      RangeError,
    );
    await assert.rejects(
      exploreShared(words(1), [body, 1 as never], () => {}),
      TypeError,
    );
  });

  test("the globals are back after it, and while the event loop turns", async () => {
    const before = [globalThis.Atomics, globalThis.SharedArrayBuffer, globalThis.Int32Array, Date.now, performance.now];
    const now = () => [globalThis.Atomics, globalThis.SharedArrayBuffer, globalThis.Int32Array, Date.now, performance.now];
    const exploring = exploreShared(words(2), [countUnderLock(2), countUnderLock(2)], holds(1, 2));
    assert.deepEqual(now(), before);
    await exploring;
    assert.deepEqual(now(), before);
  });
});
