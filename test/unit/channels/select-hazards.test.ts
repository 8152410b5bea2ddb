// Exactly one clause, whatever happens at the same instant: what one select does to others while it is being served.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import type { Clause } from "../../../src/contract/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { settled, TestLock, watch } from "./support.ts";

test("a select that leaves the line of a lock may serve another select, which is not in the middle of a hand-over with it", async () => {
  // Receiver R and sender S are selects. When R is served by the channel it leaves the lock's line; in this lock that serves the next,
  // which is S. Were it to happen in the middle of the hand-over, S would both send and hold the lock.
  const channel = new Channel<string>();
  const lock = new TestLock();
  lock.take();
  lock.onWithdrawn = () => {
    lock.held = false;
    lock.serve();
  };
  const sends: Clause<void> = channel.sending("value");
  const receiver = watch(select({ got: channel.receiving(), lock: lock.acquiring() }));
  const held = watch(channel.reserve());
  await held.promise;
  const sender = watch(select({ sent: sends, lock: lock.acquiring() }));
  await settled();
  assert.deepEqual([receiver.state, sender.state], ["pending", "pending"]);
  // The receiver is free again, and the sender in line is matched with it.
  held.value?.[Symbol.dispose]();
  await settled();
  assert.equal(receiver.value?.key, "got");
  assert.equal(sender.value?.key, "sent");
  assert.equal(lock.grants, 1);
  assert.equal(lock.line.length, 0);
});

test("a committed select is passed over in lines that it has not left yet", async () => {
  const channel = new Channel<number>();
  const lock = new TestLock();
  const release = lock.take();
  const first = select({ got: channel.receiving(), lock: lock.acquiring() });
  const second = select({ lock: lock.acquiring() });
  channel.trySend(1);
  // Same instant: the first is over, though its case may still stand in the lock's line.
  release();
  assert.equal((await first).key, "got");
  assert.equal((await second).key, "lock");
  assert.equal(lock.grants, 2);
});

test("two clauses of one select become ready in the same instant: one happens", async () => {
  const [a, b] = [new Channel<number>(), new Channel<number>()];
  const chosen = select({ a: a.receiving(), b: b.receiving() });
  assert.equal(a.trySend(1), true);
  assert.equal(b.trySend(2), false);
  assert.deepEqual(await chosen, { key: "a", value: 1 });
});

test("selects that wait for each other crosswise all get through", async () => {
  const [a, b] = [new Channel<string>(), new Channel<string>()];
  const left = select({ sent: a.sending("from left"), got: b.receiving() });
  const right = select({ sent: b.sending("from right"), got: a.receiving() });
  const keys = [(await left).key, (await right).key].sort();
  assert.deepEqual(keys, ["got", "sent"]);
  const { waitingSenders, waitingReceivers } = a.statistics();
  assert.deepEqual([waitingSenders, waitingReceivers, b.statistics().waitingSenders, b.statistics().waitingReceivers], [0, 0, 0, 0]);
});

test("a ring of selects, each sending to the next and receiving from the one before", async () => {
  for (const size of [2, 3, 5, 8]) {
    const channels = Array.from({ length: size }, () => new Channel<number>());
    const ring = channels.map((channel, n) =>
      watch(select({ sent: channel.sending(n), got: (channels[(n + 1) % size] as Channel<number>).receiving() })),
    );
    await settled();
    const done = ring.filter(({ state }) => state === "fulfilled");
    const sent = done.filter(({ value }) => value?.key === "sent").length;
    // In pairs: each value that was sent was received. With an odd number one is left over.
    assert.equal(sent * 2, done.length);
    assert.ok(done.length >= size - 1 - (size % 2 === 0 ? 1 : 0));
    for (const channel of channels) channel.close();
    await settled();
    assert.ok(channels.every((channel) => channel.statistics().waitingReceivers === 0));
  }
});

test("a served select cannot be cancelled, a cancelled one cannot be served: a thousand times in turn", async () => {
  const channel = new Channel<number>();
  let happened = 0;
  for (let n = 0; n < 1000; n++) {
    const controller = new AbortController();
    const chosen = watch(select({ got: channel.receiving(), other: new Channel<number>().receiving() }, { signal: controller.signal }));
    if (n % 2 === 0) controller.abort();
    const sent = channel.trySend(n);
    controller.abort();
    await settled();
    assert.equal(chosen.state, sent ? "fulfilled" : "rejected");
    if (sent) happened++;
  }
  assert.equal(happened, 500);
  assert.equal(channel.statistics().waitingReceivers, 0);
});

test("receiving makes room for the waiting case of the same select, which is not served by that", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  using loop = new Select({ got: null as Clause<number | undefined> | null, sent: channel.sending(2) as Clause<void> });
  const round = watch(loop.next());
  await settled();
  assert.equal(round.state, "pending");
  // The new clause is ready and takes the value; that makes room for the old one, in the same instant.
  loop.set("got", channel.receiving());
  assert.deepEqual(await round.promise, { key: "got", value: 1 });
  assert.equal(channel.tryReceive(), undefined);
  assert.deepEqual(await loop.next(), { key: "sent", value: undefined });
});

test("the signal that a select waits for as a clause is also the one that cancels it: one of the two", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const chosen = watch(select({ stop: signal }, { signal }));
  controller.abort("enough");
  await settled();
  assert.notEqual(chosen.state, "pending");
});

test("a task that ends by the value that the same select sends", async () => {
  const channel = new Channel<number>();
  const task = coroutines.run(() => channel.receive());
  const first = await select({ sent: channel.sending(1), task });
  assert.equal(first.key, "sent");
  assert.deepEqual(await select({ task, sent: channel.sending(2) }), { key: "task", value: 1 });
  assert.equal(trySelect({ sent: channel.sending(3) }), undefined);
});

test("closing a channel ends a thousand selects in its line, each once", async () => {
  const [channel, other] = [new Channel<number>(), new Channel<number>()];
  const all = Array.from({ length: 1000 }, () => select({ a: channel.receiving(), b: channel.receiving(), c: other.receiving() }));
  channel.close();
  for (const { value } of await Promise.all(all)) assert.equal(value, undefined);
  assert.equal(other.statistics().waitingReceivers, 0);
});

test("closing an end that has several cases of one select in line", async () => {
  const channel = new Channel<number>();
  const [one, two] = [channel.receiver(), channel.receiver()];
  const chosen = [
    select({ a: one.receiving(), b: one.receiving(), c: two.receiving() }),
    select({ c: two.receiving(), b: one.receiving(), a: one.receiving() }),
  ];
  const rest = two.receive();
  one.close();
  for (const { key, value } of await Promise.all(chosen)) {
    assert.notEqual(key, "c");
    assert.equal(value, undefined);
  }
  assert.equal(channel.statistics().waitingReceivers, 1);
  await channel.send(1);
  assert.equal(await rest, 1);
});
