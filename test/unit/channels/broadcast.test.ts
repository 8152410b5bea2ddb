// Broadcast: every receiver gets every value sent after it was made. Cases of tokio's sync_broadcast and Effect's PubSub by their ids.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Broadcast } from "../../../src/channels/broadcast.ts";
import { after } from "../../../src/channels/clauses/after.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import type { Receiver } from "../../../src/contract/channel.ts";
import { CancelledError, ChannelClosedError, NotOwnerError, TimeoutError } from "../../../src/contract/errors.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { rejection } from "../core/support.ts";
import { collectGarbage, settled, watch } from "./support.ts";

const drain = <T>(receiver: Receiver<T>): T[] => {
  const values: T[] = [];
  for (let value = receiver.tryReceive(); value !== undefined; value = receiver.tryReceive()) values.push(value);
  return values;
};

describe("everybody gets everything", () => {
  test("tokio sync_broadcast send_recv_bounded: two receivers get the same values", async () => {
    const news = new Broadcast<string>(16);
    const [one, two] = [news.receiver(), news.receiver()];
    for (const value of ["hello", "world"]) await news.send(value);
    assert.deepEqual(drain(one), ["hello", "world"]);
    assert.deepEqual(drain(two), ["hello", "world"]);
  });

  test("tokio sync_broadcast send_two_recv: a receiver does not see what was sent before it was made", async () => {
    const news = new Broadcast<string>(16);
    const one = news.receiver();
    await news.send("one");
    const two = news.receiver();
    await news.send("two");
    assert.deepEqual(drain(one), ["one", "two"]);
    assert.deepEqual(drain(two), ["two"]);
  });

  test("tokio sync_broadcast send_no_rx: without receivers a send resolves and the value is gone", async () => {
    for (const news of [new Broadcast<string>(), new Broadcast<string>(1), new Broadcast<string>(1, { overflow: "drop-oldest" })]) {
      await news.send("nobody");
      assert.equal(news.trySend("nobody"), true);
      assert.equal(news.receiver().tryReceive(), undefined);
      assert.equal(news.statistics().dropped, 0);
    }
  });

  test("a broadcast never breaks: the last receiver may go", async () => {
    const news = new Broadcast<string>(1);
    news.receiver().close();
    await news.send("a");
    assert.equal(news.closed, false);
  });

  test("receivers that wait all get the value, and those that do not find it later", async () => {
    const news = new Broadcast<string>(1);
    const [waits, later, gone] = [news.receiver(), news.receiver(), news.receiver()];
    const got = waits.receive();
    gone.close();
    await news.send("a");
    assert.equal(await got, "a");
    assert.equal(later.tryReceive(), "a");
    assert.equal(gone.tryReceive(), undefined);
    assert.equal(news.statistics().receivers, 2);
  });

  test("two that wait on one receiver share its values", async () => {
    const news = new Broadcast<number>(1);
    const receiver = news.receiver();
    const [first, second] = [receiver.receive(), receiver.receive()];
    await news.send(1);
    await news.send(2);
    assert.deepEqual([await first, await second], [1, 2]);
  });

  test("values of many senders arrive in the same order everywhere", async () => {
    const news = new Broadcast<string>(3);
    const got: string[][] = [[], [], []];
    await withTaskGroup(async (group) => {
      for (const [n, share] of got.entries()) {
        const receiver = news.receiver();
        group.run(async () => {
          for await (const value of receiver) {
            share.push(value);
            if (share.length % (n + 2) === 0) await settled();
          }
        });
      }
      for (let producer = 0; producer < 3; producer++) {
        const sender = news.sender();
        group.run(async () => {
          for (let n = 0; n < 40; n++) await sender.send(`${producer}:${n}`);
          sender.close();
        });
      }
    });
    assert.equal(got[0]?.length, 120);
    assert.deepEqual(got[1], got[0]);
    assert.deepEqual(got[2], got[0]);
  });
});

describe("a full receiver", () => {
  test("makes the sender wait: the slowest one counts", async () => {
    const news = new Broadcast<number>(2);
    const [fast, slow] = [news.receiver(), news.receiver()];
    await news.send(1);
    await news.send(2);
    assert.deepEqual(drain(fast), [1, 2]);
    const third = watch(news.send(3));
    assert.equal(news.trySend(3), false);
    await settled();
    assert.equal(third.state, "pending");
    // Nobody gets a value that has not been sent.
    assert.equal(fast.tryReceive(), undefined);
    assert.equal(slow.tryReceive(), 1);
    await third.promise;
    assert.equal(fast.tryReceive(), 3);
    assert.deepEqual(drain(slow), [2, 3]);
  });

  test("that leaves lets the sender go on", async () => {
    const news = new Broadcast<number>(1);
    const [fast, slow] = [news.receiver(), news.receiver()];
    await news.send(1);
    assert.equal(await fast.receive(), 1);
    const second = watch(news.send(2));
    await settled();
    assert.equal(second.state, "pending");
    slow.close();
    await second.promise;
    assert.equal(await fast.receive(), 2);
  });

  test("was the last one: those who wait to send find nobody and go on", async () => {
    const news = new Broadcast<number>(1);
    const receiver = news.receiver();
    await news.send(1);
    const waiting = [watch(news.send(2)), watch(news.send(3))];
    receiver.close();
    await settled();
    assert.ok(waiting.every(({ state }) => state === "fulfilled"));
  });

  test("is no reason to wait for one that comes later", async () => {
    const news = new Broadcast<number>(1);
    const slow = news.receiver();
    await news.send(1);
    const waiting = watch(news.send(2));
    const late = news.receiver();
    assert.equal(late.tryReceive(), undefined);
    assert.equal(slow.tryReceive(), 1);
    await waiting.promise;
    // It was made before the value was sent, if after it was offered.
    assert.equal(late.tryReceive(), 2);
  });

  test("waiting senders are served in order, and a cancelled one sends to nobody", async () => {
    const news = new Broadcast<string>(1);
    const [one, two] = [news.receiver(), news.receiver()];
    await news.send("a");
    const controller = new AbortController();
    const sends = [news.send("b"), news.send("never", { signal: controller.signal }), news.send("c")].map(watch);
    controller.abort();
    const got: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      got.push(await one.receive());
      assert.equal(await two.receive(), got.at(-1));
    }
    assert.deepEqual(got, ["a", "b", "c"]);
    await settled();
    assert.deepEqual(
      sends.map(({ state }) => state),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.ok(sends[1]?.error instanceof CancelledError);
  });

  test("a hundred receivers and a slow one: the sender waits for that one alone", async () => {
    const news = new Broadcast<number>(1);
    const receivers = Array.from({ length: 100 }, () => news.receiver());
    const slow = receivers[57] as Receiver<number>;
    for (let n = 0; n < 5; n++) {
      await news.send(n);
      for (const receiver of receivers) if (receiver !== slow) assert.equal(receiver.tryReceive(), n);
      assert.equal(news.trySend(-1), false);
      assert.equal(slow.tryReceive(), n);
    }
  });

  test("drop-newest loses the value only for the receivers that are full", async () => {
    const news = new Broadcast<number>(2, { overflow: "drop-newest" });
    const [fast, slow] = [news.receiver(), news.receiver()];
    const got: number[] = [];
    for (let n = 0; n < 5; n++) {
      await news.send(n);
      got.push(...drain(fast));
    }
    assert.deepEqual(got, [0, 1, 2, 3, 4]);
    assert.deepEqual(drain(slow), [0, 1]);
    assert.equal(news.statistics().dropped, 3);
  });

  test("Effect-TS/effect#7184: a value lost for one receiver leaves no hole for the others, nor for itself later", async () => {
    const news = new Broadcast<number>(1, { overflow: "drop-newest" });
    const [one, two, three] = [news.receiver(), news.receiver(), news.receiver()];
    await news.send(1);
    assert.deepEqual(drain(two), [1]);
    await news.send(2);
    one.close();
    await news.send(3);
    assert.deepEqual(drain(two), [2]);
    assert.deepEqual(drain(three), [1]);
    await news.send(4);
    assert.deepEqual([drain(two), drain(three)], [[4], [4]]);
  });

  test("tokio sync_broadcast lagging_rx, Effect PubSub sliding: drop-oldest loses the oldest value of those that are full", async () => {
    const news = new Broadcast<number>(2, { overflow: "drop-oldest" });
    const [fast, slow] = [news.receiver(), news.receiver()];
    const got: number[] = [];
    for (let n = 0; n < 5; n++) {
      await news.send(n);
      got.push(...drain(fast));
    }
    assert.deepEqual(got, [0, 1, 2, 3, 4]);
    assert.deepEqual(drain(slow), [3, 4]);
    assert.equal(news.statistics().dropped, 3);
  });
});

describe("at capacity 0", () => {
  test("a send is over when every receiver has the value", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const sent = watch(news.send("a"));
    await settled();
    assert.equal(sent.state, "pending");
    assert.equal(await one.receive(), "a");
    await settled();
    assert.equal(sent.state, "pending");
    assert.equal(news.statistics().waitingSenders, 1);
    assert.equal(await two.receive(), "a");
    await sent.promise;
    assert.equal(news.statistics().waitingSenders, 0);
  });

  test("nor is it over when it could happen at once and somebody was not waiting", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const got = one.receive();
    const sent = watch(news.send("a"));
    assert.equal(await got, "a");
    await settled();
    assert.equal(sent.state, "pending");
    assert.equal(await two.receive(), "a");
    await sent.promise;
  });

  test("one task may read two receivers one after the other", async () => {
    const news = new Broadcast<number>();
    const [one, two] = [news.receiver(), news.receiver()];
    const sender = coroutines.run(async () => {
      for (let n = 0; n < 5; n++) await news.send(n);
    });
    for (let n = 0; n < 5; n++) assert.deepEqual([await one.receive(), await two.receive()], [n, n]);
    await sender;
  });

  test("with all receivers waiting a send goes through at once", async () => {
    const news = new Broadcast<number>();
    const [one, two] = [news.receiver(), news.receiver()];
    assert.equal(news.trySend(0), false);
    const got = [one.receive(), two.receive()];
    assert.equal(news.trySend(1), true);
    assert.deepEqual(await Promise.all(got), [1, 1]);
    const more = [one.receive(), two.receive()];
    await news.send(2);
    assert.deepEqual(await Promise.all(more), [2, 2]);
  });

  test("the next value waits until every receiver has the last one", async () => {
    const news = new Broadcast<number>();
    const [one, two] = [news.receiver(), news.receiver()];
    const sends = [watch(news.send(1)), watch(news.send(2))];
    assert.equal(await one.receive(), 1);
    const again = watch(one.receive());
    await settled();
    assert.equal(again.state, "pending");
    assert.deepEqual([sends[0]?.state, sends[1]?.state], ["pending", "pending"]);
    assert.equal(await two.receive(), 1);
    assert.equal(await again.promise, 2);
    await settled();
    assert.deepEqual([sends[0]?.state, sends[1]?.state], ["fulfilled", "pending"]);
    assert.equal(await two.receive(), 2);
    await sends[1]?.promise;
  });

  test("a cancel before anybody has the value: it did not happen", async () => {
    const news = new Broadcast<string>();
    const receiver = news.receiver();
    const controller = new AbortController();
    const sent = watch(news.send("never", { signal: controller.signal }));
    controller.abort();
    assert.equal(receiver.tryReceive(), undefined);
    await settled();
    assert.ok(sent.error instanceof CancelledError);
  });

  test("a cancel after somebody has the value: it happened, and the others still get it", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const task = coroutines.run(() => news.send("a"));
    await settled();
    assert.equal(await one.receive(), "a");
    task.cancel();
    assert.equal(await task, undefined);
    assert.equal(task.state, "succeeded");
    assert.equal(await two.receive(), "a");
  });

  test("so with a timeout", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const sent = news.send("a", { timeout: 1 });
    assert.equal(await one.receive(), "a");
    await sent;
    assert.equal(two.tryReceive(), "a");
    await assert.rejects(news.send("b", { timeout: 1 }), TimeoutError);
    assert.equal(one.tryReceive(), undefined);
  });

  test("a receiver that leaves with the value in hand ends the wait for it", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const sends = [watch(news.send("a")), watch(news.send("b"))];
    assert.equal(await one.receive(), "a");
    two.close();
    await settled();
    assert.deepEqual([sends[0]?.state, sends[1]?.state], ["fulfilled", "pending"]);
    assert.equal(await one.receive(), "b");
    await sends[1]?.promise;
  });

  test("closing while a value is on its way: it happened, and is drained", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const sends = [watch(news.send("a")), watch(news.send("b"))];
    assert.equal(await one.receive(), "a");
    news.close();
    await sends[0]?.promise;
    assert.ok(sends[1]?.error instanceof ChannelClosedError);
    assert.equal(await two.receive(), "a");
    assert.deepEqual([await one.receive(), await two.receive()], [undefined, undefined]);
  });

  test("trySend sends when somebody waits, and the others find the value", () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const got = watch(one.receive());
    assert.equal(news.trySend("a"), true);
    assert.equal(got.state, "pending");
    assert.equal(news.trySend("b"), false);
    assert.equal(two.tryReceive(), "a");
  });

  test("a reservation waits for a receiver", async () => {
    const news = new Broadcast<string>();
    const [one, two] = [news.receiver(), news.receiver()];
    const waiting = watch(news.reserve());
    await settled();
    assert.equal(waiting.state, "pending");
    const got = one.receive();
    const permit = await waiting.promise;
    assert.equal(news.trySend("not now"), false);
    permit.send("a");
    assert.equal(await got, "a");
    assert.equal(await two.receive(), "a");
  });
});

describe("ends, reservations and select", () => {
  test("tokio sync_broadcast dropping_sender: the last sending end closes; receivers drain, then end", async () => {
    const news = new Broadcast<string>(4);
    const reader = news.receiver();
    const [one, two] = [news.sender(), news.sender()];
    await one.send("a");
    one.close();
    await two.send("b");
    two.close();
    const got: string[] = [];
    for await (const value of reader) got.push(value);
    assert.deepEqual(got, ["a", "b"]);
    await assert.rejects(news.send("c"), ChannelClosedError);
  });

  test("a receiver made after close ends at once, with the error if there is one", async () => {
    const news = new Broadcast<string>(1);
    news.close(new RangeError("over"));
    await assert.rejects(news.receiver().receive(), RangeError);
    assert.equal(news.statistics().receivers, 0);
    const quietly = new Broadcast<string>(1);
    quietly.close();
    for await (const value of quietly.receiver()) assert.fail(value);
  });

  test("a reservation keeps a place with every receiver", async () => {
    const news = new Broadcast<number>(1);
    const [one, two] = [news.receiver(), news.receiver()];
    const permit = await news.reserve();
    assert.equal(news.trySend(1), false);
    permit.send(2);
    assert.throws(() => permit.send(3), NotOwnerError);
    assert.deepEqual([one.tryReceive(), two.tryReceive()], [2, 2]);
    (await news.reserve())[Symbol.dispose]();
    assert.equal(news.trySend(4), true);
  });

  test("a reservation waits for the slowest, and counts for receivers that come later", async () => {
    const news = new Broadcast<number>(1);
    const slow = news.receiver();
    await news.send(1);
    const waiting = watch(news.reserve());
    await settled();
    assert.equal(waiting.state, "pending");
    assert.equal(slow.tryReceive(), 1);
    const permit = await waiting.promise;
    const late = news.receiver();
    assert.equal(news.trySend(2), false);
    permit.send(3);
    assert.deepEqual([slow.tryReceive(), late.tryReceive()], [3, 3]);
  });

  test("drop-newest never drops what has a place", async () => {
    const news = new Broadcast<number>(1, { overflow: "drop-newest" });
    const reader = news.receiver();
    const permit = await news.reserve();
    await news.send(1);
    permit.send(2);
    assert.deepEqual(drain(reader), [2]);
    assert.equal(news.statistics().dropped, 1);
  });

  test("there are no more places than the capacity, even without receivers", async () => {
    const news = new Broadcast<number>(1);
    const permit = await news.reserve();
    const second = watch(news.reserve());
    await settled();
    assert.equal(second.state, "pending");
    permit[Symbol.dispose]();
    (await second.promise).send(1);
  });

  test("one select that reads two receivers gets a value once from each", async () => {
    for (const capacity of [0, 1]) {
      const news = new Broadcast<number>(capacity);
      const [one, two] = [news.receiver(), news.receiver()];
      const both = () => select({ one: one.receiving(), two: two.receiving() });
      const first = both();
      const sent = news.send(1);
      const keys = [await first, await both()].map(({ key, value }) => `${key} ${value}`);
      assert.deepEqual(keys.sort(), ["one 1", "two 1"]);
      await sent;
      assert.equal(trySelect({ one: one.receiving(), two: two.receiving() }), undefined);
      assert.equal(news.statistics().waitingReceivers, 0);
    }
  });

  test("a select that sends and receives on one broadcast does not serve itself", async () => {
    const news = new Broadcast<number>();
    const own = news.receiver();
    assert.deepEqual((await select({ sent: news.sending(1), got: own.receiving(), late: after(1) })).key, "late");
    const other = news.receiver();
    const chosen = select({ sent: news.sending(2), got: own.receiving() });
    assert.equal(await other.receive(), 2);
    assert.equal((await chosen).key, "sent");
    // It did receive what it sent, only not in the same select.
    assert.equal(own.tryReceive(), 2);
  });

  test("at capacity 0 a sending clause is chosen when the first receiver takes the value", async () => {
    const news = new Broadcast<number>();
    const [one, two] = [news.receiver(), news.receiver()];
    const chosen = watch(select({ sent: news.sending(1), never: null }));
    assert.equal(one.tryReceive(), 1);
    assert.deepEqual(await chosen.promise, { key: "sent", value: undefined });
    assert.equal(news.trySend(2), false);
    assert.equal(two.tryReceive(), 1);
  });

  test("statistics tell of the slowest", async () => {
    const news = new Broadcast<number>(4);
    const [one, two] = [news.receiver(), news.receiver()];
    for (let n = 0; n < 3; n++) await news.send(n);
    one.tryReceive();
    const waiting = [watch(two.receive())];
    assert.deepEqual(news.statistics(), {
      capacity: 4,
      buffered: 2,
      dropped: 0,
      waitingSenders: 0,
      waitingReceivers: 0,
      senders: 0,
      receivers: 2,
    });
    drain(two);
    drain(one);
    waiting.push(watch(one.receive()), watch(two.receive()));
    assert.equal(news.statistics().waitingReceivers, 2);
    news.close();
    assert.equal(news.statistics().waitingReceivers, 0);
  });

  test("a cancelled task leaves no receiver in line", async () => {
    const news = new Broadcast<number>(1);
    const reader = news.receiver();
    const task = coroutines.run(() => reader.receive());
    await settled();
    task.cancel();
    assert.ok((await rejection(task)) instanceof CancelledError);
    await news.send(1);
    assert.equal(await reader.receive(), 1);
  });

  test("an end that has left holds nothing of what it did not read", async () => {
    const news = new Broadcast<object>(4);
    const reader = news.receiver();
    // In a function of its own, which leaves no value in a register.
    const send = (n: number) => {
      const value = { n };
      news.trySend(value);
      return new WeakRef(value);
    };
    const values = [0, 1, 2, 3].map(send);
    reader.close();
    await collectGarbage();
    assert.ok(values.every((value) => value.deref() === undefined));
    assert.equal(reader.tryReceive(), undefined);
  });

  test("a thousand receivers that come and go leave nothing behind", async () => {
    const news = new Broadcast<number>(1);
    for (let n = 0; n < 1000; n++) {
      const reader = news.receiver();
      const got = reader.receive();
      await news.send(n);
      assert.equal(await got, n);
      reader.close();
    }
    assert.equal(news.statistics().receivers, 0);
  });
});
