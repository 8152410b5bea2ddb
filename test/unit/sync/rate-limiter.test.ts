// Rate limiter: strict windows, bursts, concurrency, pause, clear, drain; and what users of p-queue and Bottleneck asked for (own code,
// their ids).
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import fc from "fast-check";
import { CancelledError, DeadlockError, TimeoutError } from "../../../src/contract/errors.ts";
import { timers } from "../../../src/core/timers.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { RateLimiter, type RateLimiterOptions } from "../../../src/sync/rate-limiter.ts";
import { type VirtualClock, withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { begun, ends, forever, gate, quiet, rejection } from "./support.ts";

/** The instants at which `count` starts come that are all asked for now. */
async function startsOf(clock: VirtualClock, limiter: RateLimiter, count: number): Promise<number[]> {
  const starts: number[] = [];
  await Promise.all(
    Array.from({ length: count }, async () => {
      await limiter.acquire();
      starts.push(clock.now);
    }),
  );
  return starts;
}

test("as many start as the limit allows, the others an interval later, in order", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 3, interval: 100 });
    assert.deepEqual(await startsOf(clock, limiter, 8), [0, 0, 0, 100, 100, 100, 200, 200]);
  });
});

test("the window slides: what was used late comes back late", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 2, interval: 100 });
    await limiter.acquire();
    await clock.advance(90);
    await limiter.acquire();
    assert.equal(limiter.available, 0);
    assert.deepEqual(await startsOf(clock, limiter, 3), [100, 190, 200]);
  });
});

test("a burst spreads the starts, and the limit holds all the same", async () => {
  await withVirtualClock(async (clock) => {
    assert.deepEqual(await startsOf(clock, new RateLimiter({ limit: 4, interval: 100, burst: 1 }), 6), [0, 25, 50, 75, 100, 125]);
  });
  await withVirtualClock(async (clock) => {
    assert.deepEqual(await startsOf(clock, new RateLimiter({ limit: 4, interval: 100, burst: 2 }), 6), [0, 0, 50, 50, 100, 100]);
  });
});

test("available tells how many could start now", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 3, interval: 100, concurrency: 2 });
    assert.equal(limiter.available, 2);
    await limiter.acquire();
    await limiter.acquire();
    assert.equal(limiter.available, 1);
    const waiting = [limiter.acquire(), limiter.acquire()];
    assert.deepEqual([limiter.available, limiter.waitingCount], [0, 1]);
    await Promise.all(waiting);
    assert.equal(clock.now, 100);
    limiter.pause();
    assert.deepEqual([limiter.available, limiter.paused], [0, true]);
  });
});

test("run runs when its start has come, and passes value and error on", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1, interval: 10 });
    const runs = [
      limiter.run(() => `first at ${clock.now}`),
      limiter.run(async () => {
        throw new RangeError("second");
      }),
      limiter.run(async () => `third at ${clock.now}`),
    ];
    assert.deepEqual(await ends(runs), ["first at 0", "RangeError", "third at 20"]);
  });
});

test("concurrency limits what runs at once; a start is used only when there is room", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 10, interval: 100, concurrency: 2 });
    const log: string[] = [];
    await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        limiter.run(async () => {
          log.push(`${name}@${clock.now}`);
          assert.ok(limiter.activeCount <= 2);
          await sleep(30);
        }),
      ),
    );
    assert.deepEqual(log, ["a@0", "b@0", "c@30", "d@30"]);
  });
});

test("a wait that is cancelled, aborted or timed out has used no start", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1, interval: 100 });
    await limiter.acquire();
    const [task] = await begun(() => limiter.acquire());
    const controller = new AbortController();
    const aborted = rejection(limiter.acquire({ signal: controller.signal }));
    const late = rejection(limiter.run(() => 1, { timeout: 10 }));
    const kept = limiter.acquire();
    task.cancel();
    controller.abort();
    assert.deepEqual([(await rejection(task)) instanceof CancelledError, (await aborted) instanceof CancelledError], [true, true]);
    assert.equal((await late) instanceof TimeoutError, true);
    await kept;
    assert.equal(clock.now, 100);
    await assert.rejects(limiter.acquire({ timeout: -1 }), RangeError);
  });
});

test("the timeout of run is for both waits together, and not for the run", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1, interval: 100, concurrency: 1 });
    const slow = limiter.run(() => sleep(60), { timeout: 10 });
    const late = limiter.run(() => "late", { timeout: 80 });
    assert.equal((await rejection(late)) instanceof TimeoutError, true);
    assert.equal(clock.now, 80);
    await slow;
  });
});

test("pause lets nothing start, resume lets go on what may; what runs goes on", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 2, interval: 100 });
    const log: string[] = [];
    const running = limiter.run(async () => {
      await sleep(50);
      log.push("ran through");
    });
    limiter.pause();
    const waiting = [1, 2, 3].map((n) => limiter.run(() => log.push(`${n}@${clock.now}`)));
    await clock.advance(500);
    assert.deepEqual(log, ["ran through"]);
    limiter.resume();
    await Promise.all([running, ...waiting]);
    assert.deepEqual(log, ["ran through", "1@500", "2@500", "3@600"]);
  });
});

test("clear rejects all that wait, in either line, and leaves what runs", async () => {
  await withVirtualClock(async () => {
    const limiter = new RateLimiter({ limit: 1, interval: 100, concurrency: 2, name: "api" });
    const hold = gate<string>();
    const running = limiter.run(() => hold.promise);
    const forStart = limiter.run(() => "start");
    const forRoom = limiter.run(() => "room");
    const bare = limiter.acquire();
    await quiet(1);
    assert.equal(limiter.waitingCount, 3);
    const outcomes = [forStart, forRoom, bare].map(rejection);
    limiter.clear();
    for (const error of await Promise.all(outcomes)) {
      assert.equal(error instanceof CancelledError, true);
      assert.match((error as Error).message, /the rate limiter "api" was cleared before this could start/);
    }
    assert.deepEqual([limiter.waitingCount, limiter.activeCount], [0, 1]);
    hold.open("ran");
    assert.equal(await running, "ran");
    await limiter.drain();
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });
});

test("drain resolves when nothing waits or runs", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1, interval: 100 });
    await limiter.drain();
    const all = [limiter.run(() => sleep(10)), limiter.run(() => sleep(10)), limiter.acquire()];
    await limiter.drain();
    assert.equal(clock.now, 200);
    await Promise.all(all);
    assert.deepEqual([limiter.activeCount, limiter.waitingCount], [0, 0]);
    const again = limiter.acquire();
    assert.equal((await rejection(limiter.drain({ timeout: 5 }))) instanceof TimeoutError, true);
    await again;
    await limiter.drain();
  });
});

test("a run inside a run that leaves no room is refused; with room it waits for its start", async () => {
  await withVirtualClock(async (clock) => {
    const narrow = new RateLimiter({ limit: 10, interval: 100, concurrency: 1 });
    await narrow.run(async () => {
      assert.equal((await rejection(narrow.run(() => 1))) instanceof DeadlockError, true);
    });
    const limiter = new RateLimiter({ limit: 1, interval: 100 });
    assert.equal(await limiter.run(() => limiter.run(() => clock.now)), 100);
  });
});

test("settings and functions are checked", async () => {
  const wrong: readonly [Partial<RateLimiterOptions>, RegExp][] = [
    [{ limit: 0 }, /option limit/],
    [{ limit: 1.5 }, /option limit/],
    [{ limit: "1" as never }, /option limit/],
    [{ interval: -1 }, /option interval/],
    [{ interval: Number.NaN }, /option interval/],
    [{ concurrency: 0 }, /option concurrency/],
    [{ burst: 0 }, /option burst/],
  ];
  for (const [settings, message] of wrong) {
    assert.throws(() => new RateLimiter({ limit: 1, interval: 1, ...settings }), { name: "RangeError", message });
  }
  await assert.rejects(new RateLimiter({ limit: 1, interval: 1 }).run(1 as never), { name: "TypeError", message: /run needs a function/ });
});

test("a run that was cancelled between its start and its code does not begin", async () => {
  await withVirtualClock(async () => {
    const limiter = new RateLimiter({ limit: 1, interval: 100 });
    let ran = false;
    limiter.pause();
    const [task] = await begun(() =>
      limiter.run(() => {
        ran = true;
      }),
    );
    limiter.resume();
    task.cancel();
    assert.equal((await rejection(task)) instanceof CancelledError, true);
    assert.deepEqual([ran, limiter.activeCount], [false, 0]);
    await limiter.drain();
  });
});

test("it works on the machine's clock too, and keeps the program alive while somebody waits", async () => {
  const limiter = new RateLimiter({ limit: 1, interval: 20 });
  const begunAtMs = performance.now();
  for (let n = 0; n < 3; n++) await limiter.acquire();
  // Two intervals of 20 ms, less what a coarse clock may hide.
  assert.ok(performance.now() - begunAtMs >= 39);
});

test("a loop over a limiter that always lets through gives the event loop its turns", async () => {
  const limiter = new RateLimiter({ limit: 1_000_000, interval: 0 });
  let over = false;
  setImmediate(() => setImmediate(() => (over = true)));
  while (!over) await limiter.acquire();
});

test("a clock that was exchanged does not hold anybody up", async () => {
  const limiter = new RateLimiter({ limit: 1, interval: 60_000 });
  await limiter.acquire();
  await withVirtualClock(async (clock) => {
    await limiter.acquire();
    assert.equal(clock.now, 0);
  });
});

test("the ring of instants grows with what lies in the window, and forgets what does not", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1_000, interval: 10 });
    for (let round = 0; round < 5; round++) {
      const starts = await startsOf(clock, limiter, 900);
      assert.equal(new Set(starts).size, 1, "all at once");
      assert.equal(limiter.available, 100);
      await clock.advance(10);
      assert.equal(limiter.available, 1_000);
    }
  });
});

// ---- sindresorhus/p-queue, test/rate-limit.ts, strict.ts, and its issues ----

test("p-queue rate-limit, strict: never a double burst at the edge of an interval", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 5, interval: 1_000 });
    await clock.advance(990);
    assert.deepEqual(await startsOf(clock, limiter, 10), [990, 990, 990, 990, 990, 1_990, 1_990, 1_990, 1_990, 1_990]);
  });
});

test("p-queue#219: a signal takes what waits out at once, and its start goes to the next", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1, interval: 100 });
    await limiter.acquire();
    const controller = new AbortController();
    const aborted = rejection(limiter.run(() => assert.fail("ran"), { signal: controller.signal }));
    const next = limiter.run(() => clock.now);
    controller.abort();
    assert.equal((await aborted) instanceof CancelledError, true);
    assert.equal(await next, 100);
  });
});

test("p-queue#200: the context of whoever submitted is kept over the wait", async () => {
  await withVirtualClock(async () => {
    const storage = new AsyncLocalStorage<string>();
    const limiter = new RateLimiter({ limit: 1, interval: 10, concurrency: 1 });
    const names = ["ann", "ben", "cid"];
    assert.deepEqual(await Promise.all(names.map((name) => storage.run(name, () => limiter.run(async () => storage.getStore())))), names);
  });
});

test("p-queue#29: errors do not stop the line", async () => {
  await withVirtualClock(async () => {
    const limiter = new RateLimiter({ limit: 2, interval: 10, concurrency: 1 });
    const runs = [0, 1, 2, 3].map((n) =>
      limiter.run(() => {
        if (n % 2 === 0) throw new RangeError("no");
        return n;
      }),
    );
    assert.deepEqual(await ends(runs), ["RangeError", 1, "RangeError", 3]);
  });
});

test("p-queue#235: a shared signal keeps no listener for each wait, and no timer is left", async () => {
  await withVirtualClock(async () => {
    const { signal } = new AbortController();
    const limiter = new RateLimiter({ limit: 5, interval: 10 });
    await Promise.all(Array.from({ length: 40 }, () => limiter.acquire({ signal, timeout: 1_000 })));
    assert.ok(getEventListeners(signal, "abort").length <= 1);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });
});

test("p-queue#239: what clear removes is settled, also while paused", async () => {
  const limiter = new RateLimiter({ limit: 1, interval: 10 });
  limiter.pause();
  const waiting = [limiter.run(() => 1), limiter.acquire()];
  await quiet(1);
  limiter.clear();
  assert.deepEqual(await ends(waiting), ["AbortError", "AbortError"]);
  await limiter.drain();
});

test("Bottleneck minTime is a burst of 1: starts keep their distance, also after a pause in the calls", async () => {
  await withVirtualClock(async (clock) => {
    const limiter = new RateLimiter({ limit: 1, interval: 20 });
    assert.deepEqual(await startsOf(clock, limiter, 3), [0, 20, 40]);
    await clock.advance(45);
    assert.deepEqual(await startsOf(clock, limiter, 2), [85, 105]);
  });
});

test("a cancelled run that waits for room or start frees both", async () => {
  await withVirtualClock(async () => {
    const limiter = new RateLimiter({ limit: 1, interval: 50, concurrency: 1 });
    const [running] = await begun(() => limiter.run(forever));
    const [waiting] = await begun(() => limiter.run(() => "waiting"));
    running.cancel();
    waiting.cancel();
    await ends([running, waiting]);
    assert.deepEqual([limiter.waitingCount, limiter.activeCount], [0, 0]);
    assert.equal(await limiter.run(() => "free"), "free");
  });
});

// ---- the promise ----

test("in no window of the interval are there more starts than the limit, and none comes later than it must", {
  timeout: 60_000,
}, async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("ask" as const), n: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), n: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), n: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("abort" as const), n: fc.nat() }) },
  );
  const settings = fc.record({
    limit: fc.integer({ min: 1, max: 7 }),
    interval: fc.integer({ min: 1, max: 120 }),
    burst: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 30 }), async (given, steps) => {
      await withVirtualClock(async (clock) => {
        const limiter = new RateLimiter(given);
        const starts: number[] = [];
        const asked: number[] = [];
        const controllers: AbortController[] = [];
        const pending: Promise<unknown>[] = [];
        let paused = false;
        for (const { kind, n } of steps) {
          if (kind === "ask") {
            for (let index = 0; index < n; index++) {
              const controller = new AbortController();
              controllers.push(controller);
              const askedAtMs = clock.now;
              const started = limiter.acquire({ signal: controller.signal }).then(
                () => {
                  starts.push(clock.now);
                  asked.push(askedAtMs);
                },
                () => {},
              );
              pending.push(started);
            }
          } else if (kind === "pass") await clock.advance(n);
          else if (kind === "abort") controllers[n % Math.max(1, controllers.length)]?.abort();
          else {
            limiter.pause();
            paused = true;
            await clock.advance(n);
            limiter.resume();
          }
        }
        await Promise.all(pending);
        const { limit, interval } = given;
        const burst = Math.min(given.burst ?? limit, limit);
        // A window is half open: what starts at t and at t + interval is in different ones. A timer may be off by the last bit.
        const within = (count: number, ms: number) => {
          for (let index = count; index < starts.length; index++) {
            const span = (starts[index] as number) - (starts[index - count] as number);
            assert.ok(span >= ms - 1e-6, `${count + 1} starts in ${span} ms, of ${ms}: ${starts}`);
          }
        };
        within(limit, interval);
        if (burst < limit) within(burst, (interval * burst) / limit);
        assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
        if (paused) return;
        for (const [index, start] of starts.entries()) {
          const before = (count: number, ms: number) => (index >= count ? (starts[index - count] as number) + ms : 0);
          const earliest = Math.max(
            asked[index] as number,
            before(1, 0),
            before(limit, interval),
            before(burst, (interval * burst) / limit),
          );
          assert.ok(Math.abs(start - earliest) < 1e-6, `start ${index} at ${start}, and not at ${earliest}`);
        }
      });
    }),
    { numRuns: 120 },
  );
});
