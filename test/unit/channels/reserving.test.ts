// Reserved places: what is asked for before there is a value (tokio-rs/tokio#5947, smol-rs/async-channel#87). Cases of tokio's
// sync_mpsc `reserve` tests among them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { BrokenChannelError, CancelledError, ChannelClosedError, NotOwnerError, TimeoutError } from "../../../src/contract/errors.ts";
import { settled, watch } from "./support.ts";

describe("in a buffer", () => {
  test("tokio sync_mpsc reserve: a place is taken before the value is there", async () => {
    const channel = new Channel<number>(1);
    const permit = await channel.reserve();
    assert.equal(channel.trySend(1), false);
    permit.send(2);
    assert.equal(await channel.receive(), 2);
    assert.equal(channel.trySend(3), true);
  });

  test("tokio sync_mpsc try_reserve_fails: places are given out up to the capacity", async () => {
    const channel = new Channel<number>(2);
    const permits = [await channel.reserve(), await channel.reserve()];
    const third = watch(channel.reserve());
    await settled();
    assert.equal(third.state, "pending");
    permits[0]?.[Symbol.dispose]();
    const permit = await third.promise;
    permit.send(1);
    permits[1]?.send(2);
    assert.deepEqual([channel.tryReceive(), channel.tryReceive()], [1, 2]);
  });

  test("a permit is refused when the last receiver has gone", async () => {
    const channel = new Channel<number>(1);
    const receiver = channel.receiver();
    const permit = await channel.reserve();
    receiver.close();
    assert.throws(
      () => permit.send(1),
      (error) => error instanceof BrokenChannelError && error.value === 1,
    );
  });

  test("tokio sync_mpsc drop_permit_releases_permit: a place that is given back goes to the next in line", async () => {
    const channel = new Channel<string>(1);
    const permit = await channel.reserve();
    const sent = watch(channel.send("a"));
    await settled();
    assert.equal(sent.state, "pending");
    permit[Symbol.dispose]();
    await sent.promise;
    assert.equal(channel.tryReceive(), "a");
  });

  test("a reservation stands in the senders' line", async () => {
    const channel = new Channel<string>(1);
    channel.trySend("first");
    const second = watch(channel.send("second"));
    const reserved = watch(channel.reserve());
    const last = watch(channel.send("last"));
    assert.equal(channel.statistics().waitingSenders, 3);
    assert.equal(channel.tryReceive(), "first");
    await settled();
    assert.deepEqual([second.state, reserved.state, last.state], ["fulfilled", "pending", "pending"]);
    assert.equal(channel.tryReceive(), "second");
    await settled();
    assert.deepEqual([reserved.state, last.state], ["fulfilled", "pending"]);
    reserved.value?.send("reserved");
    assert.equal(channel.tryReceive(), "reserved");
    assert.equal(channel.tryReceive(), "last");
    await last.promise;
  });

  test("a permit gives its value to a receiver that waits, and its place to the next", async () => {
    const channel = new Channel<string>(1);
    const permit = await channel.reserve();
    const got = channel.receive();
    const next = watch(channel.reserve());
    await settled();
    assert.equal(next.state, "pending");
    permit.send("a");
    assert.equal(await got, "a");
    (await next.promise).send("b");
    assert.equal(channel.tryReceive(), "b");
  });

  test("a value goes past reserved places to a receiver that waits", async () => {
    const channel = new Channel<string>(1);
    const permit = await channel.reserve();
    const got = channel.receive();
    await channel.send("needs no place");
    assert.equal(await got, "needs no place");
    permit.send("kept");
    assert.equal(channel.tryReceive(), "kept");
  });

  test("a receiver takes from a sender that waits behind reservations", async () => {
    const channel = new Channel<string>(1);
    const permit = await channel.reserve();
    const reserved = watch(channel.reserve());
    const sent = channel.send("a");
    assert.equal(await channel.receive(), "a");
    await sent;
    assert.equal(reserved.state, "pending");
    permit[Symbol.dispose]();
    (await reserved.promise).send("b");
    assert.equal(channel.tryReceive(), "b");
  });

  test("nor does it take from a Select between two rounds, wherever that stands", async () => {
    const channel = new Channel<string>(1);
    const permit = await channel.reserve();
    const reserved = watch(channel.reserve());
    const wake = new Channel<void>(1);
    using loop = new Select({ sent: channel.sending("not now"), wake: wake.receiving() });
    const round = loop.next();
    wake.trySend();
    await round;
    const sent = channel.send("a");
    assert.equal(await channel.receive(), "a");
    await sent;
    permit[Symbol.dispose]();
    (await reserved.promise)[Symbol.dispose]();
    assert.equal((await loop.next()).key, "sent");
    assert.equal(channel.tryReceive(), "not now");
  });

  test("drop-newest never drops what has a place", async () => {
    const channel = new Channel<string>(1, { overflow: "drop-newest" });
    const permit = await channel.reserve();
    await channel.send("lost");
    permit.send("kept");
    assert.equal(channel.tryReceive(), "kept");
    assert.equal(channel.statistics().dropped, 1);
  });

  test("where the oldest is dropped a reservation keeps nothing from anybody and its value always gets in", async () => {
    for (const channel of [Channel.latest<string>(), new Channel<string>(1, { overflow: "drop-oldest" })]) {
      const permits = [await channel.reserve(), await channel.reserve(), await channel.reserve()];
      await channel.send("news");
      assert.equal(channel.statistics().dropped, 0);
      // Full, and still nothing to wait for.
      (await channel.reserve({ timeout: 0 }))[Symbol.dispose]();
      permits[0]?.send("newer");
      permits[1]?.[Symbol.dispose]();
      permits[2]?.send("newest");
      assert.equal(channel.tryReceive(), "newest");
      assert.equal(channel.tryReceive(), undefined);
      assert.equal(channel.statistics().dropped, 2);
    }
  });

  test("an unbounded channel has any number of places", async () => {
    const channel = Channel.unbounded<number>();
    const permits = await Promise.all(Array.from({ length: 1000 }, () => channel.reserve()));
    for (const [n, permit] of permits.entries()) permit.send(n);
    assert.equal(channel.statistics().buffered, 1000);
  });
});

describe("at capacity 0", () => {
  test("a reservation waits for a receiver, and its value goes to that one", async () => {
    const channel = new Channel<string>();
    const waiting = watch(channel.reserve());
    await settled();
    assert.equal(waiting.state, "pending");
    const got = channel.receive();
    const permit = await waiting.promise;
    assert.equal(channel.trySend("nobody is left"), false);
    permit.send("a");
    assert.equal(await got, "a");
  });

  test("senders and reservations are served in order as receivers come", async () => {
    const channel = new Channel<string>();
    const sent = [watch(channel.send("a"))];
    const reserved = watch(channel.reserve());
    sent.push(watch(channel.send("c")));
    assert.equal(await channel.receive(), "a");
    const second = watch(channel.receive());
    await settled();
    assert.deepEqual([sent[0]?.state, reserved.state, sent[1]?.state, second.state], ["fulfilled", "fulfilled", "pending", "pending"]);
    const third = watch(channel.receive());
    await settled();
    // The receiver that has waited longest gets what is there; the place of the permit is any other's.
    assert.equal(second.value, "c");
    assert.equal(third.state, "pending");
    reserved.value?.send("b");
    await settled();
    assert.equal(third.value, "b");
  });

  test("a permit that is given back leaves its receiver to the next sender", async () => {
    const channel = new Channel<string>();
    const got = channel.receive();
    const permit = await channel.reserve();
    const sent = watch(channel.send("a"));
    await settled();
    assert.equal(sent.state, "pending");
    permit[Symbol.dispose]();
    await sent.promise;
    assert.equal(await got, "a");
  });

  test("a permit stays good when its receiver has gone: the value waits for the next", async () => {
    const channel = new Channel<string>();
    const controller = new AbortController();
    const gone = watch(channel.receive({ signal: controller.signal }));
    const permit = await channel.reserve();
    controller.abort();
    permit.send("a");
    await settled();
    assert.equal(gone.state, "rejected");
    assert.equal(channel.statistics().buffered, 1);
    assert.equal(channel.trySend("no room"), false);
    assert.equal(await channel.receive(), "a");
    assert.equal(channel.statistics().buffered, 0);
  });

  test("tryReceive is no receiver that waits, and takes from a sender behind a reservation", async () => {
    const channel = new Channel<string>();
    const reserved = watch(channel.reserve());
    const sent = channel.send("a");
    assert.equal(channel.tryReceive(), "a");
    await sent;
    assert.equal(reserved.state, "pending");
    const got = channel.receive();
    (await reserved.promise).send("b");
    assert.equal(await got, "b");
  });

  test("a select that receives is a receiver", async () => {
    const channel = new Channel<string>();
    const reserved = watch(channel.reserve());
    assert.equal(trySelect({ got: channel.receiving() }), undefined);
    const chosen = select({ got: channel.receiving(), never: null });
    (await reserved.promise).send("a");
    assert.deepEqual(await chosen, { key: "got", value: "a" });
  });

  test("a select that waits behind a reservation is served by the sender after it", async () => {
    const channel = new Channel<string>();
    const reserved = watch(channel.reserve());
    const sent = watch(channel.send("b"));
    const [one, two] = [select({ got: channel.receiving() }), select({ got: channel.receiving() })];
    assert.deepEqual(await one, { key: "got", value: "b" });
    await sent.promise;
    (await reserved.promise).send("a");
    assert.deepEqual(await two, { key: "got", value: "a" });
  });

  test("a Select that begins a round with its place kept is a receiver again", async () => {
    const channel = new Channel<string>();
    const other = new Channel<string>(1);
    using loop = new Select({ got: channel.receiving(), other: other.receiving() });
    const first = loop.next();
    other.trySend("x");
    await first;
    // Its case for the channel stands in line and must not be counted.
    const reserved = watch(channel.reserve());
    await settled();
    assert.equal(reserved.state, "pending");
    const second = loop.next();
    (await reserved.promise).send("a");
    assert.deepEqual(await second, { key: "got", value: "a" });
  });
});

describe("permits", () => {
  test("a permit is good for one value", async () => {
    const channel = new Channel<number>(2);
    const permit = await channel.reserve();
    permit.send(1);
    assert.throws(() => permit.send(2), NotOwnerError);
    permit[Symbol.dispose]();
    assert.equal(channel.statistics().buffered, 1);
    assert.deepEqual([channel.trySend(3), channel.trySend(4)], [true, false]);
  });

  test("a place is given back once, however often the permit is disposed", async () => {
    const channel = new Channel<number>(2);
    const [permit, other] = [await channel.reserve(), await channel.reserve()];
    permit[Symbol.dispose]();
    permit[Symbol.dispose]();
    assert.deepEqual([channel.trySend(1), channel.trySend(2)], [true, false]);
    other.send(3);
  });

  test("a permit that was given back sends nothing", async () => {
    const channel = new Channel<number>(1);
    const permit = await channel.reserve();
    permit[Symbol.dispose]();
    assert.throws(() => permit.send(1), NotOwnerError);
    assert.equal(channel.tryReceive(), undefined);
  });

  test("using gives the place back when the value cannot be made", async () => {
    const channel = new Channel<number>(1);
    const produce = async () => {
      using permit = await channel.reserve();
      permit.send(JSON.parse("not json") as number);
    };
    await assert.rejects(produce(), SyntaxError);
    assert.equal(channel.trySend(1), true);
  });

  test("a permit that is outstanding at close throws and gives its value back", async () => {
    const channel = new Channel<number>(1);
    const permit = await channel.reserve();
    channel.close();
    assert.throws(
      () => permit.send(7),
      (error) => error instanceof ChannelClosedError && error.value === 7,
    );
    assert.equal(await channel.receive(), undefined);
    (await new Channel<number>(1).reserve())[Symbol.dispose]();
  });

  test("a permit of an end is closed with its end, and its place is free again", async () => {
    const channel = new Channel<number>(1);
    const [one, two] = [channel.sender(), channel.sender()];
    const permit = await one.reserve();
    const sent = watch(two.send(2));
    one.close();
    assert.throws(
      () => permit.send(1),
      (error) => error instanceof ChannelClosedError && error.value === 1,
    );
    await sent.promise;
    assert.equal(channel.tryReceive(), 2);
  });

  test("closing rejects reservations that wait", async () => {
    const channel = new Channel<number>();
    const [whole, end] = [watch(channel.reserve()), channel.sender()];
    const ofEnd = watch(end.reserve());
    channel.close();
    await settled();
    assert.ok(whole.error instanceof ChannelClosedError && whole.error.value === undefined);
    assert.ok(ofEnd.error instanceof ChannelClosedError);
  });

  test("tokio-rs/tokio#5947: a reservation that is cancelled takes no place", async () => {
    const channel = new Channel<number>(1);
    channel.trySend(1);
    const controller = new AbortController();
    const cancelled = watch(channel.reserve({ signal: controller.signal }));
    const late = watch(channel.reserve({ timeout: 1 }));
    const sent = watch(channel.send(2));
    controller.abort();
    await assert.rejects(cancelled.promise, CancelledError);
    await assert.rejects(late.promise, TimeoutError);
    assert.equal(channel.tryReceive(), 1);
    await sent.promise;
    assert.equal(channel.tryReceive(), 2);
    assert.equal(channel.trySend(3), true);
  });
});
