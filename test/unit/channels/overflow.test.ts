// What a full buffer does, and the flavours that follow from it. Cases of tokio's watch and Kotlin's conflated channels among them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { watch } from "./support.ts";

const drain = <T>(channel: Channel<T>): T[] => {
  const values: T[] = [];
  for (let value = channel.tryReceive(); value !== undefined; value = channel.tryReceive()) values.push(value);
  return values;
};

describe("drop-oldest", () => {
  test("the oldest value makes place for the newest, and is counted", async () => {
    const channel = new Channel<number>(3, { overflow: "drop-oldest" });
    for (let n = 0; n < 10; n++) await channel.send(n);
    assert.equal(channel.statistics().dropped, 7);
    assert.equal(channel.statistics().buffered, 3);
    assert.deepEqual(drain(channel), [7, 8, 9]);
  });

  test("sending never waits: trySend is true, a sending clause is ready", async () => {
    const channel = new Channel<number>(1, { overflow: "drop-oldest" });
    assert.equal(channel.trySend(1), true);
    assert.equal(channel.trySend(2), true);
    assert.deepEqual(trySelect({ sent: channel.sending(3) }), { key: "sent", value: undefined });
    assert.deepEqual(drain(channel), [3]);
  });

  test("nothing is dropped while a receiver waits or there is room", async () => {
    const channel = new Channel<number>(1, { overflow: "drop-oldest" });
    const got = [channel.receive(), channel.receive()];
    for (const n of [1, 2, 3]) channel.trySend(n);
    assert.deepEqual(await Promise.all(got), [1, 2]);
    assert.equal(channel.statistics().dropped, 0);
  });
});

describe("drop-newest", () => {
  test("what does not fit is lost, and is counted", async () => {
    const channel = new Channel<number>(3, { overflow: "drop-newest" });
    for (let n = 0; n < 10; n++) await channel.send(n);
    assert.equal(channel.statistics().dropped, 7);
    assert.deepEqual(drain(channel), [0, 1, 2]);
  });

  test("sending never waits: trySend is true, a sending clause is ready", async () => {
    const channel = new Channel<number>(1, { overflow: "drop-newest" });
    assert.deepEqual([channel.trySend(1), channel.trySend(2)], [true, true]);
    assert.equal((await select({ sent: channel.sending(3) })).key, "sent");
    assert.deepEqual(drain(channel), [1]);
    assert.equal(channel.statistics().dropped, 2);
  });

  test("there is room again as soon as something is received", () => {
    const channel = new Channel<number>(1, { overflow: "drop-newest" });
    channel.trySend(1);
    channel.trySend(2);
    assert.equal(channel.tryReceive(), 1);
    channel.trySend(3);
    assert.equal(channel.tryReceive(), 3);
  });
});

describe("latest", () => {
  test("tokio sync_watch single_rx_recv: a reader that comes late sees the newest value only", async () => {
    const channel = Channel.latest<string>();
    for (const value of ["one", "two", "three"]) await channel.send(value);
    assert.equal(await channel.receive(), "three");
    assert.equal(channel.tryReceive(), undefined);
  });

  test("tokio sync_watch rx_observes_final_write: the last value is there after close", async () => {
    const channel = Channel.latest<string>();
    channel.trySend("one");
    channel.trySend("two");
    channel.close();
    assert.equal(await channel.receive(), "two");
    assert.equal(await channel.receive(), undefined);
  });

  test("Kotlin ConflatedChannelTest.testConflationSendReceive: each value once, none twice", async () => {
    const channel = Channel.latest<number>();
    channel.trySend(1);
    channel.trySend(2);
    assert.equal(await channel.receive(), 2);
    channel.trySend(3);
    assert.equal(await channel.receive(), 3);
    const waiting = watch(channel.receive());
    channel.trySend(4);
    channel.trySend(5);
    assert.equal(await waiting.promise, 4);
    assert.equal(await channel.receive(), 5);
  });

  test("takes a name", async () => {
    await assert.rejects(Channel.latest<number>({ name: "position" }).receive({ timeout: 0 }), /"position"/);
  });
});

describe("unbounded", () => {
  test("a hundred thousand values fit, and come out in order", async () => {
    const channel = Channel.unbounded<number>();
    for (let n = 0; n < 100_000; n++) assert.equal(channel.trySend(n), true);
    assert.equal(channel.statistics().buffered, 100_000);
    for (let n = 0; n < 100_000; n++) if (channel.tryReceive() !== n) assert.fail(`out of order at ${n}`);
    assert.equal(channel.tryReceive(), undefined);
  });

  test("Effect Queue unbounded: send is over at once, whatever is in it", async () => {
    const channel = Channel.unbounded<number>({ name: "log" });
    const sends = Array.from({ length: 100 }, (_, n) => channel.send(n));
    await Promise.all(sends);
    assert.equal(channel.statistics().waitingSenders, 0);
    assert.deepEqual(drain(channel).length, 100);
  });

  test("trio test_inf_capacity: a capacity of Infinity is the same", async () => {
    const channel = new Channel<number>(Number.POSITIVE_INFINITY);
    for (let n = 0; n < 10; n++) channel.trySend(n);
    channel.close();
    const got: number[] = [];
    for await (const value of channel) got.push(value);
    assert.deepEqual(got, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
