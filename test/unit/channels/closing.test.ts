// The end of a channel. Cases of asyncio's Queue.shutdown (python/cpython#96471), trio's test_close_basics and tokio's mpsc.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { BrokenChannelError, ChannelClosedError } from "../../../src/contract/errors.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { rejection } from "../core/support.ts";
import { settled, watch } from "./support.ts";

const closedWith = (value: unknown) => (error: unknown) => error instanceof ChannelClosedError && error.value === value;

test("cpython test_queues test_shutdown_empty: sending is refused, receiving ends", async () => {
  const channel = new Channel<number>(1);
  channel.close();
  await assert.rejects(channel.send(1), closedWith(1));
  assert.throws(() => channel.trySend(1), closedWith(1));
  assert.equal(await channel.receive(), undefined);
  assert.equal(channel.tryReceive(), undefined);
});

test("cpython test_queues test_shutdown_nonempty: what is in it is still received", async () => {
  const channel = new Channel<string>(1);
  channel.trySend("data");
  channel.close();
  await assert.rejects(channel.send("more"), closedWith("more"));
  assert.equal(await channel.receive(), "data");
  assert.equal(await channel.receive(), undefined);
});

test("cpython test_queues test_shutdown_nonempty_putter: a sender that waits is refused even though room comes later", async () => {
  const channel = new Channel<string>(1);
  channel.trySend("data");
  const waiting = watch(channel.send("data2"));
  channel.close();
  assert.equal(await channel.receive(), "data");
  await settled();
  assert.ok(closedWith("data2")(waiting.error));
  assert.equal(await channel.receive(), undefined);
});

test("cpython test_queues test_shutdown_repeated: closing again changes nothing", async () => {
  const channel = new Channel<string>(1);
  channel.trySend("data");
  channel.close();
  channel.close();
  assert.equal(channel.tryReceive(), "data");
  channel.close(new Error("too late"));
  assert.equal(channel.tryReceive(), undefined);
  assert.equal(await channel.receive(), undefined);
});

test("cpython test_queues test_shutdown_getter: receivers that wait end at once, in order", async () => {
  const channel = new Channel<string>();
  const order: number[] = [];
  const waiting = [0, 1, 2].map(async (n) => {
    assert.equal(await channel.receive(), undefined);
    order.push(n);
  });
  channel.close();
  await Promise.all(waiting);
  assert.deepEqual(order, [0, 1, 2]);
});

test("closing is synchronous: it shows at once, and works in a cancelled task's cleanup", async () => {
  const channel = new Channel<string>();
  const task = coroutines.run(async () => {
    try {
      await channel.receive();
    } finally {
      channel.close();
    }
  });
  await settled();
  task.cancel();
  await rejection(task);
  assert.equal(channel.closed, true);
});

test("disposing is closing, also by using", async () => {
  const channel = new Channel<string>(1);
  {
    using own = channel;
    own.trySend("a");
  }
  assert.equal(channel.closed, true);
  assert.equal(channel.tryReceive(), "a");
});

test("close with undefined is close without an error", async () => {
  const channel = new Channel<string>();
  channel.close(undefined);
  assert.equal(await channel.receive(), undefined);
});

test("an error can be anything, false values included", async () => {
  for (const reason of ["text", 0, false, Symbol("s")]) {
    const channel = new Channel<string>();
    channel.close(reason);
    await assert.rejects(channel.receive(), (error) => error === reason);
    assert.throws(
      () => channel.tryReceive(),
      (error) => error === reason,
    );
  }
});

test("the error of close is the cause of what senders are told", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const waiting = watch(channel.send(2));
  const reason = new RangeError("disk full");
  channel.close(reason);
  await settled();
  assert.ok(waiting.error instanceof ChannelClosedError);
  assert.equal(waiting.error.cause, reason);
  assert.equal(waiting.error.value, 2);
});

test("a refused sender can send its value elsewhere", async () => {
  const [first, second] = [new Channel<object>(), new Channel<object>(1)];
  const job = { id: 1 };
  const waiting = first.send(job).catch((error: ChannelClosedError) => second.send(error.value as object));
  first.close();
  await waiting;
  assert.equal(await second.receive(), job);
});

test("closing while iterating ends the loop after what was sent before", async () => {
  const channel = new Channel<number>(10);
  const got: number[] = [];
  for (const n of [1, 2, 3]) channel.trySend(n);
  for await (const value of channel) {
    got.push(value);
    if (value === 1) channel.close();
  }
  assert.deepEqual(got, [1, 2, 3]);
});

test("tokio sync_mpsc recv_close_gets_none_idle and _reserved: the end is the end, however often it is asked for", async () => {
  const channel = new Channel<number>(10);
  const permit = await channel.reserve();
  channel.close();
  for (let n = 0; n < 3; n++) assert.equal(await channel.receive(), undefined);
  assert.throws(() => permit.send(1), closedWith(1));
});

test("trio test_close_basics: a receiver that goes refuses senders for as long as there is none", async () => {
  const channel = new Channel<number>();
  const receiver = channel.receiver();
  const waiting = watch(channel.send(1));
  receiver.close();
  await settled();
  assert.ok(waiting.error instanceof BrokenChannelError && waiting.error.value === 1);
  assert.throws(() => channel.trySend(2), BrokenChannelError);
  await assert.rejects(channel.send(2), BrokenChannelError);
});

test("closed is stronger than broken", async () => {
  const channel = new Channel<number>();
  channel.receiver().close();
  channel.close();
  await assert.rejects(channel.send(1), closedWith(1));
  channel.receiver().close();
  await assert.rejects(channel.send(1), closedWith(1));
});

test("a loop that ignores the end still lets the event loop have its turn", async () => {
  const channel = new Channel<number>();
  channel.close();
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  while (!turned) assert.equal(await channel.receive(), undefined);
  const failing = new Channel<number>();
  failing.close("why");
  turned = false;
  setImmediate(() => {
    turned = true;
  });
  while (!turned) await assert.rejects(failing.receive());
});
