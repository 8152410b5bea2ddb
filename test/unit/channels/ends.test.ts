// Sending and receiving ends, which are counted. Cases of trio's clone and close (python-trio/trio#719).
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { BrokenChannelError, ChannelClosedError } from "../../../src/contract/errors.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { settled, watch } from "./support.ts";

test("trio test_statistics: counts follow ends and those who wait", async () => {
  const channel = new Channel<number>(2);
  const zero = { capacity: 2, buffered: 0, dropped: 0, waitingSenders: 0, waitingReceivers: 0, senders: 0, receivers: 0 };
  assert.deepEqual(channel.statistics(), zero);
  const [sender, receiver] = [channel.sender(), channel.receiver()];
  const second = channel.receiver();
  assert.deepEqual(channel.statistics(), { ...zero, senders: 1, receivers: 2 });
  second.close();
  await sender.send(1);
  await sender.send(2);
  const controller = new AbortController();
  const sends = [sender.send(3, { signal: controller.signal }), sender.send(4, { signal: controller.signal })].map(watch);
  assert.deepEqual(channel.statistics(), { ...zero, buffered: 2, waitingSenders: 2, senders: 1, receivers: 1 });
  controller.abort();
  await settled();
  assert.ok(sends.every(({ state }) => state === "rejected"));
  assert.deepEqual([receiver.tryReceive(), receiver.tryReceive(), receiver.tryReceive()], [1, 2, undefined]);
  const waiting = watch(receiver.receive());
  assert.equal(channel.statistics().waitingReceivers, 1);
  sender.close();
  assert.equal(await waiting.promise, undefined);
  assert.deepEqual(channel.statistics(), { ...zero, receivers: 1 });
});

test("a channel without ends works and never breaks", async () => {
  const channel = new Channel<number>(1);
  await channel.send(1);
  assert.equal(await channel.receive(), 1);
  assert.equal(channel.closed, false);
});

test("trio test_close_multiple_send_handles: closing one end only wakes senders on that end", async () => {
  const channel = new Channel<string>();
  const [one, two] = [channel.sender(), channel.sender()];
  const nope = watch(one.send("nope"));
  const ok = two.send("ok");
  one.close();
  await settled();
  assert.ok(nope.error instanceof ChannelClosedError && nope.error.value === "nope");
  assert.equal(await channel.receive(), "ok");
  await ok;
});

test("trio test_close_multiple_receive_handles: closing one end only wakes receivers on that end", async () => {
  const channel = new Channel<string>();
  const [one, two] = [channel.receiver(), channel.receiver()];
  const ended = one.receive();
  const ok = two.receive();
  one.close();
  assert.equal(await ended, undefined);
  await channel.send("ok");
  assert.equal(await ok, "ok");
});

test("trio test_receive_channel_clone_and_close: sending works until the last receiving end is closed", async () => {
  const channel = new Channel<string>(10);
  const ends = [channel.receiver(), channel.receiver(), channel.receiver()];
  channel.trySend("a");
  ends[0]?.close();
  ends[1]?.[Symbol.dispose]();
  channel.trySend("b");
  ends[2]?.close();
  assert.throws(() => channel.trySend("c"), BrokenChannelError);
  // Nothing is lost: whoever has the channel can still take what is buffered.
  assert.deepEqual([channel.tryReceive(), channel.tryReceive()], ["a", "b"]);
});

test("closing an end twice counts once", () => {
  const channel = new Channel<string>(1);
  const [sender, other] = [channel.sender(), channel.sender()];
  sender.close();
  sender.close();
  sender[Symbol.dispose]();
  assert.equal(channel.statistics().senders, 1);
  assert.equal(channel.closed, false);
  other.close();
  assert.equal(channel.closed, true);
  const receivers = [channel.receiver(), channel.receiver()];
  receivers[0]?.close();
  receivers[0]?.close();
  assert.equal(channel.statistics().receivers, 1);
});

test("the channel object goes on sending and receiving beside its ends, and closing it closes for all", async () => {
  const channel = new Channel<string>(2);
  const [sender, receiver] = [channel.sender(), channel.receiver()];
  await channel.send("from the channel");
  await sender.send("from the end");
  assert.equal(await receiver.receive(), "from the channel");
  assert.equal(await channel.receive(), "from the end");
  channel.close();
  await assert.rejects(sender.send("late"), ChannelClosedError);
  assert.equal(await receiver.receive(), undefined);
  sender.close();
  assert.equal(channel.statistics().senders, 0);
});

test("an end made after the last one closed sends nothing and reopens nothing", async () => {
  const channel = new Channel<string>(1);
  channel.sender().close();
  const late = channel.sender();
  assert.equal(channel.closed, true);
  await assert.rejects(late.send("a"), ChannelClosedError);
  late.close();
  assert.equal(channel.statistics().senders, 0);
});

test("first error wins among ends that close with one", async () => {
  const channel = new Channel<string>(1);
  const ends = [channel.sender(), channel.sender(), channel.sender()];
  const [first, second] = [new RangeError("first"), new RangeError("second")];
  ends[0]?.close();
  ends[1]?.close(first);
  ends[2]?.close(second);
  await assert.rejects(channel.receive(), (error) => error === first);
});

test("an error of one end does not disturb the others before the end", async () => {
  const channel = new Channel<string>(5);
  const [good, bad] = [channel.sender(), channel.sender()];
  await bad.send("a");
  bad.close(new RangeError("gone"));
  await good.send("b");
  assert.deepEqual([await channel.receive(), await channel.receive()], ["a", "b"]);
  good.close();
  await assert.rejects(channel.receive(), RangeError);
});

test("closing an end ends its select, its iteration and its waiting operations in one step, however many", async () => {
  const channel = new Channel<number>();
  const [one, two] = [channel.receiver(), channel.receiver()];
  const ended = Array.from({ length: 50 }, (_, n) => watch((n % 2 === 0 ? one : two).receive()));
  one.close();
  assert.equal(channel.statistics().waitingReceivers, 25);
  await settled();
  for (const [n, { state }] of ended.entries()) assert.equal(state, n % 2 === 0 ? "fulfilled" : "pending");
  channel.close();
});

test("sending ends in tasks of a group: the channel ends when all have finished, whatever order", async () => {
  const channel = new Channel<number>(1);
  let sum = 0;
  await withTaskGroup(async (group) => {
    for (let n = 1; n <= 5; n++) {
      const sender = channel.sender();
      group.run(async () => {
        using end = sender;
        for (let value = 0; value < n; value++) await end.send(value);
      });
    }
    for await (const value of channel) sum += value;
  });
  assert.equal(sum, 0 + 1 + 3 + 6 + 10);
  assert.equal(channel.closed, true);
});

test("an iteration of an end leaves values to the other ends when it is left", async () => {
  const channel = new Channel<number>(3);
  for (const n of [1, 2, 3]) channel.trySend(n);
  const [one, two] = [channel.receiver(), channel.receiver()];
  for await (const value of one) {
    assert.equal(value, 1);
    break;
  }
  one.close();
  assert.equal(await two.receive(), 2);
  assert.equal(await two.receive(), 3);
});
