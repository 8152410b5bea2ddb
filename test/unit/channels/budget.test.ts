// Operations that need not wait count against the time slice of the thread: `await` alone drains microtasks and lets no timer fire
// (whatwg/dom#1461).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Broadcast } from "../../../src/channels/broadcast.ts";
import { Channel } from "../../../src/channels/channel.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { select } from "../../../src/channels/select.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";

/** Repeats something until a timer has fired; the test ends only when it does. */
async function untilTimer(step: () => Promise<unknown>): Promise<number> {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 1);
  let steps = 0;
  for (; !fired; steps++) await step();
  return steps;
}

describe("a loop of operations that never wait lets timers fire", () => {
  test("send and receive, buffered", async () => {
    const channel = new Channel<number>(8);
    await untilTimer(async () => {
      await channel.send(1);
      await channel.receive();
    });
  });

  test("send to an unbounded channel", async () => {
    const channel = Channel.unbounded<number>();
    const steps = await untilTimer(() => channel.send(1));
    // The wait for the turn comes after the effect: every value is in.
    assert.equal(channel.statistics().buffered, steps);
  });

  test("send to a channel that drops", async () => {
    await untilTimer(() => Channel.latest<number>().send(1));
    const channel = new Channel<number>(1, { overflow: "drop-newest" });
    await untilTimer(() => channel.send(1));
  });

  test("hand-over between two tasks", async () => {
    const channel = new Channel<number>();
    await withTaskGroup(async (group) => {
      group.background(async () => {
        for await (const _ of channel) await undefined;
      });
      await untilTimer(() => channel.send(1));
    });
  });

  test("for await over a channel that is always full", async () => {
    const channel = new Channel<number>(1);
    channel.trySend(1);
    const steps = channel[Symbol.asyncIterator]();
    await untilTimer(async () => {
      assert.deepEqual(await steps.next(), { value: 1, done: false });
      channel.trySend(1);
    });
  });

  test("reserve", async () => {
    const channel = new Channel<number>(1);
    await untilTimer(async () => (await channel.reserve())[Symbol.dispose]());
  });

  test("select and Select", async () => {
    const channel = new Channel<number>(1);
    await untilTimer(async () => {
      channel.trySend(1);
      await select({ got: channel.receiving() });
    });
    using loop = new Select({ got: channel.receiving() });
    await untilTimer(async () => {
      channel.trySend(1);
      await loop.next();
    });
  });

  test("broadcasting", async () => {
    const news = new Broadcast<number>(1);
    await untilTimer(() => news.send(1));
    const reader = news.receiver();
    await untilTimer(async () => {
      await news.send(1);
      await reader.receive();
    });
    const handOver = new Broadcast<number>();
    await untilTimer(() => handOver.send(1));
  });
});

test("the turn is no place to be cancelled: what was sent and received stays", async () => {
  const channel = Channel.unbounded<number>();
  let sent = 0;
  let received = 0;
  const task = coroutines.run(async () => {
    for (;;) {
      await channel.send(1);
      sent++;
      if ((await channel.receive()) === 1) received++;
    }
  });
  while (sent <= 100) await sleep(1);
  task.cancel();
  await assert.rejects(task);
  // It was stopped before an operation, never in one: the one that was in the turn counts.
  assert.equal(channel.statistics().buffered, sent - received);
  assert.ok(sent - received === 0 || sent - received === 1);
});
