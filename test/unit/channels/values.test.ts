// Values that are awkward: promises, thenables, and objects whose `then` is anybody's code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { settled, watch, withThen } from "./support.ts";

test("a promise arrives as what it resolves to, buffered or handed over", async () => {
  const channel = new Channel<Promise<number>>(1);
  channel.trySend(Promise.resolve(1));
  assert.equal(await channel.receive(), 1);
  const got = channel.receive();
  channel.trySend(Promise.resolve(2));
  assert.equal(await got, 2);
});

test("a promise that rejects makes the receive reject", async () => {
  const channel = new Channel<Promise<number>>(1);
  const failing = Promise.reject(new RangeError("no"));
  failing.catch(() => {});
  channel.trySend(failing);
  await assert.rejects(channel.receive(), RangeError);
});

test("for await, tryReceive and select pass promises and thenables on as they are", async () => {
  const thenable = withThen(() => (resolve: (value: string) => void) => resolve("flattened"));
  const promise = Promise.resolve("flattened");
  for (const value of [thenable, promise]) {
    const channel = new Channel<unknown>(4);
    for (let n = 0; n < 4; n++) channel.trySend(value);
    channel.close();
    assert.equal(channel.tryReceive(), value);
    assert.equal((await select({ got: channel.receiving() })).value, value);
    assert.equal(trySelect({ got: channel.receiving() })?.value, value);
    for await (const got of channel) assert.equal(got, value);
    const open = new Channel<unknown>();
    const [chosen, step] = [select({ got: open.receiving() }), open[Symbol.asyncIterator]().next()];
    open.trySend(value);
    open.trySend(value);
    assert.equal((await chosen).value, value);
    assert.equal((await step).value, value);
  }
});

test("a thenable arrives as what it resolves to", async () => {
  const channel = new Channel<PromiseLike<number>>(1);
  channel.trySend(withThen(() => (resolve: (value: number) => void) => resolve(5)) as PromiseLike<number>);
  assert.equal(await channel.receive(), 5);
});

test("a value whose `then` throws rejects the receive that got it and harms nobody else", async () => {
  const channel = new Channel<object>(2);
  const hostile = () =>
    withThen(() => {
      throw new RangeError("do not look");
    });
  channel.trySend(hostile());
  await assert.rejects(channel.receive(), RangeError);
  const waiting = watch(channel.receive());
  const next = channel.receive();
  await channel.send(hostile());
  const fine = {};
  await channel.send(fine);
  assert.equal(await next, fine);
  await settled();
  assert.ok(waiting.error instanceof RangeError);
});

test("code in a value's `then` that uses the channel finds it in order", async () => {
  const channel = new Channel<object>(1);
  const log: string[] = [];
  const curious = (name: string, act: () => void) =>
    withThen(() => {
      log.push(name);
      act();
      return undefined;
    });
  const [first, second] = [channel.receive(), watch(channel.receive())];
  const inner = { inner: true };
  const value = curious("sends and closes", () => {
    channel.trySend(inner);
    channel.close();
  });
  await channel.send(value);
  assert.equal(await first, value);
  assert.equal(await second.promise, inner);
  assert.equal(await channel.receive(), undefined);
  assert.deepEqual(log, ["sends and closes"]);
  const { waitingSenders, waitingReceivers, buffered } = channel.statistics();
  assert.deepEqual([waitingSenders, waitingReceivers, buffered], [0, 0, 0]);
});

test("code in a value's `then` that closes the channel in the middle of a hand-over from the line", async () => {
  const channel = new Channel<object>();
  const value = withThen(() => {
    channel.close();
    return undefined;
  });
  const reserved = await (async () => {
    const waiting = channel.reserve();
    const got = channel.receive();
    return { permit: await waiting, got };
  })();
  const sent = watch(channel.send(value));
  // Giving the place back serves the sender from the line, and that looks at `then`.
  reserved.permit[Symbol.dispose]();
  assert.equal(await reserved.got, value);
  await settled();
  assert.equal(sent.state, "fulfilled");
  const { waitingSenders, waitingReceivers } = channel.statistics();
  assert.deepEqual([waitingSenders, waitingReceivers], [0, 0]);
});
