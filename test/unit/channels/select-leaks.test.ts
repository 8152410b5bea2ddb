// A select that is over, whatever its end, leaves nothing in any line, at any signal, at any task, in the timers: ten thousand of them
// over things that live long (Go's chan/select2.go; nodejs/node#17469 is what Promise.race does instead).
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { queryObjects } from "node:v8";
import { Channel } from "../../../src/channels/channel.ts";
import { after, Countdown } from "../../../src/channels/clauses/after.ts";
import { SignalClause } from "../../../src/channels/clauses/signal.ts";
import { TaskClause } from "../../../src/channels/clauses/task.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { select } from "../../../src/channels/select.ts";
import { SelectCase } from "../../../src/channels/select-case.ts";
import { Parked } from "../../../src/core/parked.ts";
import { timers } from "../../../src/core/timers.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { forever, quiet } from "../core/support.ts";
import { TestLock, watch } from "./support.ts";

const rounds = 10_000;
/** Of the less usual ends. */
const fewRounds = 2_000;

/** How many objects of these classes are alive; counting them collects garbage first. */
function alive(): Map<string, number> {
  const classes = { SelectCase, SignalClause, TaskClause, Countdown, Parked };
  return new Map(Object.entries(classes).map(([name, counted]) => [name, queryObjects(counted, { format: "count" }) as number]));
}

/** No more than before, or a few that the engine itself still holds: each end leaves seven cases if it leaves any. */
function assertNoMore(before: ReadonlyMap<string, number>): void {
  for (const [kind, count] of alive()) {
    const then = before.get(kind) ?? 0;
    assert.ok(count <= then + 50, `${kind}: ${then} before, ${count} after`);
  }
}

// Not there before Node 20.13; nothing to fall back on.
const skip = typeof queryObjects === "function" ? false : "this runtime cannot count objects";

describe("thousands of selects over what lives long leave nothing", { skip }, () => {
  const channel = new Channel<number>();
  const full = new Channel<number>(1);
  full.trySend(0);
  const controller = new AbortController();
  const lock = new TestLock();
  lock.take();
  const wake = new Channel<number>();

  const clauses = (task: ReturnType<typeof coroutines.run>) => ({
    got: channel.receiving(),
    sent: full.sending(1),
    stop: controller.signal,
    task,
    lock: lock.acquiring(),
    late: after(60_000),
    wake: wake.receiving(),
  });

  const ends: Record<string, (task: ReturnType<typeof coroutines.run>) => Promise<unknown>> = {
    "that commit": async (task) => {
      const chosen = select(clauses(task));
      wake.trySend(1);
      await chosen;
    },
    "that are cancelled": async (task) => {
      const own = new AbortController();
      const { promise } = watch(select(clauses(task), { signal: own.signal }));
      own.abort();
      await promise.catch(() => {});
    },
    "that fail": async (task) => {
      const failing = new Channel<number>();
      const { promise } = watch(select({ ...clauses(task), failing: failing.receiving() }));
      failing.close("over");
      await promise.catch(() => {});
    },
  };

  for (const [name, end] of Object.entries(ends)) {
    test(name, async () => {
      const task = coroutines.run(forever);
      await end(task);
      await quiet();
      const before = alive();
      for (let n = 0; n < (name === "that commit" ? rounds : fewRounds); n++) await end(task);
      await quiet();
      assertNoMore(before);
      assert.deepEqual([channel.statistics().waitingReceivers, full.statistics().waitingSenders], [0, 0]);
      assert.equal(lock.line.length, 0);
      assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
      assert.equal(getEventListeners(controller.signal, "abort").length, 1);
      task.cancel();
      await task.catch(() => {});
    });
  }

  test("that time out (a thousand)", async () => {
    const task = coroutines.run(forever);
    const before = alive();
    await Promise.all(Array.from({ length: 1000 }, () => select(clauses(task), { timeout: 0 }).catch(() => {})));
    await quiet();
    assertNoMore(before);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    task.cancel();
    await task.catch(() => {});
  });

  test("rounds of one Select", async () => {
    const task = coroutines.run(forever);
    const loop = new Select(clauses(task));
    const round = async () => {
      const chosen = loop.next();
      wake.trySend(1);
      await chosen;
    };
    await round();
    await quiet();
    const before = alive();
    for (let n = 0; n < rounds; n++) await round();
    await quiet();
    assertNoMore(before);
    loop[Symbol.dispose]();
    assert.equal(lock.line.length, 0);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    // Nothing of it is left in the lines: what is sent finds nobody.
    assert.equal(channel.trySend(1), false);
    task.cancel();
    await task.catch(() => {});
  });
});
