// Reading a channel with `for await`, and with its iterator by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { CancelledError } from "../../../src/contract/errors.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { settled, watch } from "./support.ts";

test("several loops over one channel share the values", async () => {
  const channel = new Channel<number>();
  const shares: number[][] = [[], []];
  const loops = shares.map(async (share) => {
    for await (const value of channel) share.push(value);
  });
  for (let n = 0; n < 10; n++) await channel.send(n);
  channel.close();
  await Promise.all(loops);
  assert.deepEqual(shares.flat().sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(shares.every((share) => share.length > 0));
});

test("a loop can be taken up again after a break", async () => {
  const channel = new Channel<number>(5);
  for (const n of [1, 2, 3]) channel.trySend(n);
  channel.close();
  for await (const value of channel) {
    assert.equal(value, 1);
    break;
  }
  const rest: number[] = [];
  for await (const value of channel) rest.push(value);
  assert.deepEqual(rest, [2, 3]);
});

test("Kotlin's consumeEach: a throw in the loop closes nothing either", async () => {
  const channel = new Channel<number>(2);
  channel.trySend(1);
  channel.trySend(2);
  await assert.rejects(async () => {
    for await (const value of channel) throw new RangeError(String(value));
  }, RangeError);
  assert.equal(channel.closed, false);
  assert.equal(channel.tryReceive(), 2);
});

test("undefined is a value in for await, and the end in receive", async () => {
  const channel = new Channel<number | undefined>(3);
  for (const value of [undefined, 1, undefined]) channel.trySend(value);
  channel.close();
  const got: (number | undefined)[] = [];
  for await (const value of channel) got.push(value);
  assert.deepEqual(got, [undefined, 1, undefined]);
});

test("undefined that is handed over to a waiting loop is a value", async () => {
  const channel = new Channel<undefined>();
  let count = 0;
  const loop = (async () => {
    for await (const value of channel) {
      assert.equal(value, undefined);
      count++;
    }
  })();
  for (let n = 0; n < 5; n++) await channel.send(undefined);
  channel.close();
  await loop;
  assert.equal(count, 5);
});

test("steps that are asked for at once are answered in order", async () => {
  const channel = new Channel<number>();
  const steps = channel[Symbol.asyncIterator]();
  const pending = [steps.next(), steps.next(), steps.next()];
  await channel.send(1);
  await channel.send(2);
  channel.close();
  assert.deepEqual(await Promise.all(pending), [
    { value: 1, done: false },
    { value: 2, done: false },
    { value: undefined, done: true },
  ]);
});

test("an iterator that was left is over, its channel is not", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const steps = channel[Symbol.asyncIterator]();
  assert.deepEqual(await steps.return?.(), { value: undefined, done: true });
  assert.deepEqual(await steps.next(), { value: undefined, done: true });
  assert.equal(channel.tryReceive(), 1);
});

test("an iterator is iterable itself", async () => {
  const channel = new Channel<number>(2);
  channel.trySend(1);
  channel.trySend(2);
  channel.close();
  const steps = channel[Symbol.asyncIterator]() as AsyncIterableIterator<number>;
  assert.deepEqual((await steps.next()).value, 1);
  for await (const value of steps) assert.equal(value, 2);
});

test("a cancel ends a loop that waits with CancelledError, and leaves nothing in line", async () => {
  const channel = new Channel<number>();
  const task = coroutines.run(async () => {
    for await (const _ of channel) assert.fail("nothing was sent");
  });
  await settled();
  assert.equal(channel.statistics().waitingReceivers, 1);
  task.cancel();
  await assert.rejects(task, CancelledError);
  assert.equal(channel.statistics().waitingReceivers, 0);
});

test("a loop over an end stops when the end is closed from elsewhere", async () => {
  const channel = new Channel<number>();
  const receiver = channel.receiver();
  const loop = watch(
    (async () => {
      const got: number[] = [];
      for await (const value of receiver) got.push(value);
      return got;
    })(),
  );
  await channel.send(1);
  receiver.close();
  assert.deepEqual(await loop.promise, [1]);
  assert.equal(channel.closed, false);
});

test("a closed end iterates over nothing, and leaves what is buffered to others", async () => {
  const channel = new Channel<number>(1);
  const receiver = channel.receiver();
  channel.trySend(1);
  receiver.close();
  for await (const value of receiver) assert.fail(`got ${value}`);
  assert.equal(channel.tryReceive(), 1);
});

test("close with an error ends the loop with it, after the values", async () => {
  const channel = new Channel<number>(2);
  const got: number[] = [];
  channel.trySend(1);
  channel.close(new RangeError("disk full"));
  await assert.rejects(async () => {
    for await (const value of channel) got.push(value);
  }, RangeError);
  assert.deepEqual(got, [1]);
});
