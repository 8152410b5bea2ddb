// The virtual clock: time that stands still while anything can run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../src/core/random.ts";
import { timers } from "../../../src/core/timers.ts";
import { sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { forever, quiet, rejection } from "./support.ts";

test("time begins at 0 and jumps to the next timer when all is parked", async () => {
  const begun = performance.now();
  const instants = await withVirtualClock(async (clock) => {
    const seen = [clock.now];
    await sleep(60_000);
    seen.push(clock.now);
    await Promise.all([sleep(3_600_000), sleep(1_000)]);
    seen.push(clock.now);
    return seen;
  });
  assert.deepEqual(instants, [0, 60_000, 3_660_000]);
  assert.equal(performance.now() - begun < 30_000, true, "an hour takes less than half a minute");
});

test("time does not jump while something can run: microtasks, and a chain of a few immediates", async () => {
  await withVirtualClock(async (clock) => {
    const slept = sleep(10);
    for (let n = 0; n < 1_000; n++) await undefined;
    assert.equal(clock.now, 0);
    await quiet(2);
    assert.equal(clock.now, 0);
    await slept;
    assert.equal(clock.now, 10);
  });
});

test("advance fires what is due on the way, each at its own instant, and what that sets going", async () => {
  await withVirtualClock(async (clock) => {
    const log: string[] = [];
    const task = coroutines.run(async () => {
      await sleep(10);
      log.push(`a@${clock.now}`);
      await sleep(10);
      log.push(`b@${clock.now}`);
      await sleep(10);
      log.push(`c@${clock.now}`);
    });
    await clock.advance(25);
    assert.deepEqual([log, clock.now], [["a@10", "b@20"], 25]);
    await clock.advance(0);
    assert.deepEqual([log.length, clock.now], [2, 25]);
    await clock.advance(5);
    assert.deepEqual(log, ["a@10", "b@20", "c@30"]);
    await task;
  });
});

test("advance needs a time that comes to an end", async () => {
  await withVirtualClock(async (clock) => {
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, "10" as never]) {
      await assert.rejects(clock.advance(wrong), { name: "RangeError", message: /advance needs a finite number of milliseconds/ });
    }
    assert.equal(clock.now, 0);
    await sleep(5);
    assert.equal(clock.now, 5);
  });
});

test("idle lets everything run that can, without time passing, time and again", async () => {
  await withVirtualClock(async (clock) => {
    const log: number[] = [];
    const task = coroutines.run(async () => {
      await quiet(2);
      log.push(clock.now);
      await sleep(10);
      log.push(clock.now);
    });
    for (let n = 0; n < 20; n++) await clock.idle();
    assert.deepEqual([log, clock.now, task.state], [[0], 0, "running"]);
    await task;
    assert.deepEqual(log, [0, 10]);
  });
});

test("a look at a quiet moment leaves room to act before time goes on", async () => {
  await withVirtualClock(async (clock) => {
    for (let n = 0; n < 10; n++) {
      const task = coroutines.run(() => sleep(10));
      await clock.idle();
      await quiet(2);
      assert.equal(task.state, "running");
      await task.stop();
      assert.equal(clock.now, 0);
    }
  });
});

test("brigade's times follow it; a deadline is an instant on it", async () => {
  await withVirtualClock(async (clock) => {
    const error = await rejection(timeout(500, forever));
    assert.match((error as Error).message, /500 ms/);
    const task = coroutines.with({ deadline: 250 }).run(forever);
    await rejection(task);
    assert.deepEqual([clock.now, task.metrics.runMs, timers.now()], [750, 250, 750]);
  });
});

test("seed makes brigade's random choices repeatable, and gives the source back", async () => {
  const draw = (seed: number) => withVirtualClock(() => Array.from({ length: 5 }, random), { seed });
  const first = await draw(42);
  assert.deepEqual(await draw(42), first);
  assert.notDeepEqual(await draw(43), first);
  assert.equal(
    first.every((n) => n >= 0 && n < 1),
    true,
  );
  const after = Array.from({ length: 5 }, random);
  assert.notDeepEqual(after, first);
  await assert.rejects(
    withVirtualClock(() => 1, { seed: Number.NaN }),
    { name: "RangeError", message: /option seed/ },
  );
});

test("what fn throws comes out, and the system's clock is back", async () => {
  const failure = new RangeError("inside");
  assert.equal(
    await rejection(
      withVirtualClock(async () => {
        await sleep(1_000);
        throw failure;
      }),
    ),
    failure,
  );
  assert.equal(
    await rejection(
      withVirtualClock(() => {
        throw failure;
      }),
    ),
    failure,
  );
  // Wide margin: the machine's clock cannot have been turned back by hours.
  assert.equal(Math.abs(timers.now() - performance.now()) < 10_000, true);
  await sleep(1);
});

test("one virtual time at once", async () => {
  await withVirtualClock(async () => {
    await assert.rejects(
      withVirtualClock(() => 1),
      { name: "TypeError", message: /already active on this thread/ },
    );
    await sleep(1);
  });
  assert.equal(await withVirtualClock(() => "again"), "again");
  await assert.rejects(withVirtualClock(7 as never), { name: "TypeError", message: /withVirtualClock needs a function/ });
  assert.equal(await withVirtualClock(() => "and again"), "and again");
});

test("what is left pending when the clock goes keeps its remaining time on the other one", async () => {
  let left: Promise<void> | undefined;
  await withVirtualClock(async (clock) => {
    left = sleep(1_000_000);
    await clock.advance(999_995);
  });
  await left;
});
