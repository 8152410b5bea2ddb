// Cancel XOR effect on channels: what is cancelled did not happen, what happened is not cancelled. Most of these are bugs that other
// runtimes had.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { timers } from "../../../src/core/timers.ts";
import { shield, sleep, timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, quiet, rejection } from "../core/support.ts";
import { settled, watch } from "./support.ts";

test("Effect-TS/effect#6584: a later send skips a receiver that was cancelled and reaches the next one", async () => {
  const channel = new Channel<string>();
  const dead = coroutines.run(() => channel.receive());
  const alive = coroutines.run(() => channel.receive());
  await settled();
  dead.cancel();
  await channel.send("kept");
  assert.equal(await alive, "kept");
  assert.equal(dead.state, "cancelled");
});

test("python/asyncio#256: a value sent to a receiver whose task is cancelled at once is received all the same", async () => {
  const channel = new Channel<string>();
  const task = coroutines.run(() => channel.receive());
  await settled();
  assert.equal(channel.trySend("a"), true);
  task.cancel();
  assert.equal(await task, "a");
  assert.equal(task.state, "succeeded");
});

test("tornadoweb/tornado#2826: the same with a timeout that ends in the same turn", async () => {
  await withVirtualClock(async (clock) => {
    const channel = new Channel<string>();
    const got = watch(channel.receive({ timeout: 10 }));
    void sleep(10).then(() => channel.trySend("too late"));
    await clock.advance(10);
    // Whichever came first: never both, never neither.
    const left = channel.tryReceive();
    assert.equal(got.state === "rejected" ? channel.statistics().buffered : got.value, got.state === "rejected" ? 0 : "too late");
    assert.equal(left, undefined);
    assert.equal(channel.statistics().waitingReceivers, 0);
  });
});

test("python/asyncio#201: a consumer that gives up now and then loses nothing", async () => {
  await withVirtualClock(async () => {
    const channel = new Channel<number>(1);
    const got: number[] = [];
    let gaveUp = 0;
    await withTaskGroup((group) => {
      group.run(async () => {
        for (let n = 0; n < 100; n++) {
          if (n % 5 === 0) await sleep(7);
          await channel.send(n);
        }
        channel.close();
      });
      group.run(async () => {
        for (;;) {
          try {
            const value = await channel.receive({ timeout: 3 });
            if (value === undefined) return;
            got.push(value);
          } catch (error) {
            assert.ok(error instanceof TimeoutError);
            gaveUp++;
          }
        }
      });
    });
    assert.ok(gaveUp > 10);
    assert.deepEqual(got, [...Array(100).keys()]);
  });
});

test("python/cpython#108042: cancelling the sender at the head of the line lets the next one be served", async () => {
  const channel = new Channel<string>(1);
  channel.trySend("first");
  const head = coroutines.run(() => channel.send("never"));
  const next = coroutines.run(() => channel.send("second"));
  await settled();
  assert.equal(channel.tryReceive(), "first");
  // The head has been served by now: its result stands.
  head.cancel();
  await head;
  assert.equal(channel.tryReceive(), "never");
  await next;
  assert.equal(channel.tryReceive(), "second");
});

test("cpython test_queues test_cancelled_getters_not_being_held: a hundred receives that time out leave the line empty", async () => {
  const channel = new Channel<number>();
  for (let n = 0; n < 100; n++) await assert.rejects(channel.receive({ timeout: 0 }), TimeoutError);
  assert.equal(channel.statistics().waitingReceivers, 0);
});

test("cpython test_queues test_cancelled_put_silence_value_error: a cancelled sender does not disturb those around it", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const [two, three] = [coroutines.run(() => channel.send(2)), coroutines.run(() => channel.send(3))];
  await settled();
  two.cancel();
  three.cancel();
  await assert.rejects(two, CancelledError);
  await assert.rejects(three, CancelledError);
  assert.equal(channel.tryReceive(), 1);
  assert.equal(channel.tryReceive(), undefined);
});

test("cpython test_queues test_why_are_putters_waiting: all senders get through when many receivers come and go", async () => {
  const channel = new Channel<number>(2);
  const got: (number | undefined)[] = [];
  await withTaskGroup((group) => {
    for (let n = 0; n < 4; n++) group.run(() => channel.send(n));
    group.run(async () => {
      for (let n = 0; n < 4; n++) got.push(await channel.receive());
    });
  });
  assert.deepEqual(got, [0, 1, 2, 3]);
});

test("cpython test_queues test_get_cancelled_race: of two receivers one is cancelled in the turn of the send", async () => {
  const channel = new Channel<string>();
  const [one, two] = [coroutines.run(() => channel.receive()), coroutines.run(() => channel.receive())];
  await settled();
  one.cancel();
  channel.trySend("a");
  await assert.rejects(one, CancelledError);
  assert.equal(await two, "a");
});

test("cpython test_queues test_put_cancelled_race: of three senders the middle one is cancelled", async () => {
  const channel = new Channel<string>(1);
  channel.trySend("a");
  const [b, c, d] = ["b", "c", "d"].map((value) => coroutines.run(() => channel.send(value)));
  await settled();
  c?.cancel();
  const got = [channel.tryReceive(), channel.tryReceive(), channel.tryReceive(), channel.tryReceive()];
  assert.deepEqual(got, ["a", "b", "d", undefined]);
  await b;
  await d;
  await assert.rejects(c as NonNullable<typeof c>, CancelledError);
});

test("Kotlin/kotlinx.coroutines#2276: what was taken is never dropped by a cancel that comes before the code goes on", async () => {
  const channel = new Channel<string>(1);
  await channel.send("resource");
  const task = coroutines.run(async () => {
    const value = await channel.receive();
    return `closed ${value}`;
  });
  await quiet(1);
  task.cancel();
  assert.equal(await task, "closed resource");
});

test("python-trio/trio#1626: with a deadline that has passed trySend still works, and send does not", async () => {
  const channel = new Channel<string>(2);
  const error = await rejection(
    timeout(0, async () => {
      channel.trySend("never called");
    }),
  );
  assert.ok(error instanceof TimeoutError);
  const task = coroutines.run(async () => {
    await rejection(sleep(Number.POSITIVE_INFINITY));
    assert.equal(channel.trySend("goodbye"), true);
    await channel.send("not sent");
  });
  await settled();
  task.cancel();
  await assert.rejects(task, CancelledError);
  assert.deepEqual([channel.tryReceive(), channel.tryReceive()], ["goodbye", undefined]);
});

test("a cancelled task says goodbye under a shield", async () => {
  const channel = new Channel<string>();
  const task = coroutines.run(async () => {
    try {
      await channel.receive();
    } finally {
      await shield(() => channel.send("goodbye"), { timeout: 10_000 });
    }
  });
  await settled();
  task.cancel();
  assert.equal(await channel.receive(), "goodbye");
  await assert.rejects(task, CancelledError);
});

test("a timeout around a receive cancels it and leaves no trace", async () => {
  const channel = new Channel<string>();
  await assert.rejects(
    timeout(1, () => channel.receive()),
    TimeoutError,
  );
  assert.equal(channel.statistics().waitingReceivers, 0);
  assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
});

test("a timer that is not needed any more is gone as soon as the operation is served", async () => {
  const channel = new Channel<string>();
  const got = channel.receive({ timeout: 60_000 });
  assert.notEqual(timers.nextAtMs, Number.POSITIVE_INFINITY);
  channel.trySend("a");
  assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  assert.equal(await got, "a");
});

test("a shared signal ends all who wait with it, on many channels, and nobody else", async () => {
  const controller = new AbortController();
  const channels = Array.from({ length: 5 }, () => new Channel<number>());
  const ended = channels.map((channel) => watch(channel.receive({ signal: controller.signal })));
  const others = channels.map((channel) => watch(channel.receive()));
  controller.abort();
  await settled();
  assert.ok(ended.every(({ error }) => error instanceof CancelledError));
  assert.ok(others.every(({ state }) => state === "pending"));
  for (const channel of channels) assert.equal(channel.trySend(1), true);
  await settled();
  assert.ok(others.every(({ value }) => value === 1));
});

test("cancelling in the middle of a long line keeps the order of the rest", async () => {
  const channel = new Channel<number>();
  const controllers = Array.from({ length: 100 }, () => new AbortController());
  const waiting = controllers.map(({ signal }) => watch(channel.receive({ signal })));
  for (const [n, controller] of controllers.entries()) if (n % 3 !== 0) controller.abort();
  for (let n = 0; n < 34; n++) assert.equal(channel.trySend(n), true);
  assert.equal(channel.trySend(99), false);
  await settled();
  assert.deepEqual(
    waiting.filter(({ state }) => state === "fulfilled").map(({ value }) => value),
    [...Array(34).keys()],
  );
});

test("a group that is cancelled while its tasks talk to each other ends, and the channel is clean", async () => {
  const channel = new Channel<number>();
  const started = gate();
  await withTaskGroup(async (group) => {
    for (let n = 0; n < 5; n++) {
      group.run(async () => {
        for (let value = 0; ; value++) await channel.send(value);
      });
      group.run(async () => {
        for await (const value of channel) if (value === 20) started.open();
      });
    }
    await started.promise;
    group.cancel();
  });
  const { waitingSenders, waitingReceivers } = channel.statistics();
  assert.deepEqual([waitingSenders, waitingReceivers], [0, 0]);
});
