// Select, for loops: places that are kept, clocks that run on, clauses that are replaced.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { after } from "../../../src/channels/clauses/after.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { CancelledError, TimeoutError, UnsupportedError } from "../../../src/contract/errors.ts";
import type { Clause } from "../../../src/contract/waiting.ts";
import { timers } from "../../../src/core/timers.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { gate, program, quiet, rejection } from "../core/support.ts";
import { settled, TestLock, watch } from "./support.ts";

describe("rounds", () => {
  test("each commits exactly one clause, as select does", async () => {
    const [a, b] = [new Channel<number>(1), new Channel<number>(1)];
    using loop = new Select({ a: a.receiving(), b: b.sending(7), never: null });
    assert.deepEqual(await loop.next(), { key: "b", value: undefined });
    a.trySend(1);
    assert.deepEqual(await loop.next(), { key: "a", value: 1 });
    const waiting = watch(loop.next());
    await settled();
    assert.equal(waiting.state, "pending");
    assert.equal(b.tryReceive(), 7);
    assert.deepEqual(await waiting.promise, { key: "b", value: undefined });
  });

  test("between them nothing happens: values and places go to others", async () => {
    const [channel, wake] = [new Channel<number>(), new Channel<void>(1)];
    using loop = new Select({ got: channel.receiving(), wake: wake.receiving() });
    const round = loop.next();
    wake.trySend();
    await round;
    assert.equal(channel.trySend(1), false);
    const rival = channel.receive();
    assert.equal(channel.trySend(2), true);
    assert.equal(await rival, 2);
    assert.equal(channel.statistics().waitingReceivers, 0);
  });

  test("tokio's footgun: a case keeps its place in line from round to round", async () => {
    const [channel, wake] = [new Channel<string>(), new Channel<void>(1)];
    using loop = new Select({ got: channel.receiving(), wake: wake.receiving() });
    const first = loop.next();
    const later = watch(channel.receive());
    wake.trySend();
    await first;
    // It came before `later`, and still does.
    const second = loop.next();
    channel.trySend("a");
    assert.deepEqual(await second, { key: "got", value: "a" });
    assert.equal(later.state, "pending");
    channel.trySend("b");
    assert.equal(await later.promise, "b");
  });

  test("once served it goes to the end of the line", async () => {
    const channel = new Channel<string>();
    using loop = new Select({ got: channel.receiving() });
    const first = loop.next();
    const other = watch(channel.receive());
    channel.trySend("a");
    await first;
    const second = watch(loop.next());
    channel.trySend("b");
    await settled();
    assert.deepEqual([other.value, second.state], ["b", "pending"]);
    channel.trySend("c");
    assert.equal((await second.promise).value, "c");
  });

  test("so does a case that finds something ready although it stands in line", async () => {
    const [channel, wake] = [new Channel<string>(1), new Channel<void>(1)];
    using loop = new Select({ got: channel.receiving(), wake: wake.receiving() });
    const first = loop.next();
    wake.trySend();
    await first;
    channel.trySend("buffered");
    assert.equal((await loop.next()).value, "buffered");
    const other = channel.receive();
    const third = watch(loop.next());
    channel.trySend("a");
    assert.equal(await other, "a");
    channel.trySend("b");
    assert.equal((await third.promise).value, "b");
  });

  test("a place for sending is kept as well", async () => {
    const [channel, wake] = [new Channel<string>(1), new Channel<void>(1)];
    channel.trySend("full");
    using loop = new Select({ sent: channel.sending("from the loop"), wake: wake.receiving() });
    const first = loop.next();
    const later = channel.send("later");
    wake.trySend();
    await first;
    const second = loop.next();
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], ["full", "from the loop", "later"]);
    assert.equal((await second).key, "sent");
    await later;
  });

  test("a place in the line of a lock is kept, and the lock passes over it meanwhile", async () => {
    const lock = new TestLock();
    const release = lock.take();
    const wake = new Channel<void>(1);
    using loop = new Select({ lock: lock.acquiring(), wake: wake.receiving() });
    const first = loop.next();
    wake.trySend();
    await first;
    release();
    assert.equal(lock.held, false);
    assert.equal((await loop.next()).key, "lock");
    assert.equal(lock.held, true);
  });

  test("a case that comes back to the head of a strict line is served, though it could not be attempted past those behind", async () => {
    const lock = new TestLock();
    lock.strict = true;
    const release = lock.take();
    const wake = new Channel<void>(1);
    using loop = new Select({ lock: lock.acquiring(), wake: wake.receiving() });
    const first = loop.next();
    wake.trySend();
    await first;
    // Somebody behind it asks for more than there is (here: is never served), and the lock is free.
    lock.line.enlist({ next: undefined, previous: undefined, payload: 2, ready: true, select: undefined, settle() {}, fail() {} });
    lock.serve = function serve() {
      const head = lock.line.first;
      if (lock.held || head?.payload === 2) return;
      TestLock.prototype.serve.call(lock);
    };
    release();
    assert.equal(lock.held, false);
    assert.equal((await loop.next()).key, "lock");
  });

  test("one at a time", async () => {
    using loop = new Select({ never: null });
    const { promise } = watch(loop.next());
    const error = await rejection(loop.next());
    assert.ok(error instanceof UnsupportedError);
    assert.match(error.message, /one round at a time/);
    loop[Symbol.dispose]();
    await assert.rejects(promise, CancelledError);
  });

  test("a round that is cancelled or times out did not happen, and the next keeps the places", async () => {
    const channel = new Channel<string>();
    using loop = new Select({ got: channel.receiving() });
    await assert.rejects(loop.next({ timeout: 1 }), TimeoutError);
    const controller = new AbortController();
    const cancelled = watch(loop.next({ signal: controller.signal }));
    controller.abort();
    await assert.rejects(cancelled.promise, CancelledError);
    const other = watch(channel.receive());
    const round = loop.next();
    channel.trySend("a");
    assert.deepEqual(await round, { key: "got", value: "a" });
    assert.equal(other.state, "pending");
    channel.close();
    await other.promise;
  });

  test("a round of a cancelled task throws", async () => {
    const channel = new Channel<number>(1);
    channel.trySend(1);
    using loop = new Select({ got: channel.receiving() });
    const task = coroutines.run(async () => {
      await rejection(sleep(Number.POSITIVE_INFINITY));
      await loop.next();
    });
    await quiet();
    task.cancel();
    await assert.rejects(task, CancelledError);
    assert.equal(channel.tryReceive(), 1);
  });

  test("a channel that closes between two rounds is ready in the next", async () => {
    const [ends, fails, wake] = [new Channel<number>(), new Channel<number>(), new Channel<void>(1)];
    using loop = new Select({ ends: ends.receiving(), wake: wake.receiving() });
    const first = loop.next();
    wake.trySend();
    await first;
    ends.close();
    assert.deepEqual(await loop.next(), { key: "ends", value: undefined });
    using other = new Select({ fails: fails.receiving(), wake: wake.receiving() });
    const round = other.next();
    wake.trySend();
    await round;
    fails.close(new RangeError("over"));
    await assert.rejects(other.next(), RangeError);
  });

  test("a signal and a task that end between two rounds are ready in the next", async () => {
    const wake = new Channel<void>(1);
    const controller = new AbortController();
    const hold = gate<number>();
    const task = coroutines.run(() => hold.promise);
    using loop = new Select({ stop: controller.signal, wake: wake.receiving() });
    using other = new Select({ task, wake: wake.receiving() });
    for (const each of [loop, other]) {
      const round = each.next();
      wake.trySend();
      await round;
    }
    controller.abort("enough");
    hold.open(42);
    await task;
    assert.deepEqual(await loop.next(), { key: "stop", value: "enough" });
    assert.deepEqual(await other.next(), { key: "task", value: 42 });
  });

  test("what stays ready is chosen again until it is disabled", async () => {
    const closed = new Channel<number>();
    closed.close();
    using loop = new Select({ closed: closed.receiving(), stop: AbortSignal.abort("over") });
    const keys = new Set<string>();
    for (let n = 0; n < 50; n++) keys.add((await loop.next()).key);
    assert.deepEqual([...keys].sort(), ["closed", "stop"]);
    loop.set("closed", null);
    for (let n = 0; n < 10; n++) assert.equal((await loop.next()).key, "stop");
  });
});

describe("a failing task", () => {
  test("that fails between two rounds rejects the next, and counts as taken care of", async () => {
    const { stdout, code } = await program(`
      const { Channel, Select, coroutines, sleep } = brigade;
      const wake = new Channel(1);
      const task = coroutines.run(async () => { await sleep(5); throw new RangeError("failed"); });
      const loop = new Select({ task, wake: wake.receiving() });
      const round = loop.next();
      wake.trySend();
      await round;
      await sleep(50);
      try { await loop.next(); } catch (error) { console.log(error.message); }
    `);
    assert.deepEqual([stdout.trim(), code], ["failed", 0]);
  });

  test("that no round has told of is reported when the Select is disposed", async () => {
    const { stderr, code } = await program(`
      const { Channel, Select, coroutines, sleep } = brigade;
      const wake = new Channel(1);
      const task = coroutines.run(async () => { await sleep(5); throw new RangeError("nobody was told"); });
      const loop = new Select({ task, wake: wake.receiving() });
      const round = loop.next();
      wake.trySend();
      await round;
      await sleep(50);
      loop[Symbol.dispose]();
      await sleep(50);
    `);
    assert.notEqual(code, 0);
    assert.match(stderr, /nobody was told/);
  });
});

describe("after in a Select", () => {
  test("begins with the Select and runs on while others are chosen", async () => {
    await withVirtualClock(async (clock) => {
      const channel = new Channel<number>(1);
      using loop = new Select({ got: channel.receiving(), tick: after(100) });
      for (let n = 0; n < 9; n++) {
        await clock.advance(10);
        channel.trySend(n);
        assert.equal((await loop.next()).key, "got");
      }
      const round = watch(loop.next());
      await clock.advance(9);
      assert.equal(round.state, "pending");
      await clock.advance(1);
      assert.deepEqual(round.value, { key: "tick", value: undefined });
    });
  });

  test("begins again when it was chosen", async () => {
    await withVirtualClock(async (clock) => {
      using loop = new Select({ tick: after(10) });
      for (const at of [10, 20, 30]) {
        await loop.next();
        assert.equal(clock.now, at);
      }
    });
  });

  test("that came between two rounds is ready in the next, once", async () => {
    await withVirtualClock(async (clock) => {
      using loop = new Select({ tick: after(10) });
      await clock.advance(35);
      await loop.next();
      assert.equal(clock.now, 35);
      await loop.next();
      assert.equal(clock.now, 45);
    });
  });

  test("keeps no timer between rounds, so a forgotten Select keeps no program alive", async () => {
    const channel = new Channel<number>(1);
    const loop = new Select({ got: channel.receiving(), tick: after(60_000) });
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    const round = loop.next();
    assert.notEqual(timers.nextAtMs, Number.POSITIVE_INFINITY);
    channel.trySend(1);
    await round;
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });

  test("0 is ready in every round", async () => {
    using loop = new Select({ now: after(0), never: null });
    for (let n = 0; n < 5; n++) assert.equal((await loop.next()).key, "now");
  });
});

describe("set", () => {
  test("disables and enables a clause", async () => {
    const [a, b] = [new Channel<number>(3), new Channel<number>(3)];
    for (const channel of [a, b]) for (const n of [1, 2, 3]) channel.trySend(n);
    using loop = new Select({
      a: a.receiving() as Clause<number | undefined> | null,
      b: b.receiving() as Clause<number | undefined> | null,
    });
    loop.set("a", null);
    for (let n = 0; n < 3; n++) assert.equal((await loop.next()).key, "b");
    loop.set("a", a.receiving());
    loop.set("b", null);
    for (let n = 0; n < 3; n++) assert.equal((await loop.next()).key, "a");
  });

  test("replaces what is sent next", async () => {
    const channel = new Channel<number>(3);
    using loop = new Select({ sent: channel.sending(0) });
    for (let n = 0; n < 3; n++) {
      loop.set("sent", channel.sending(n));
      await loop.next();
    }
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], [0, 1, 2]);
  });

  test("takes the former case out of its line", async () => {
    const [a, b] = [new Channel<number>(), new Channel<number>()];
    using loop = new Select({ got: a.receiving() });
    const round = loop.next();
    assert.equal(a.statistics().waitingReceivers, 1);
    loop.set("got", b.receiving());
    assert.deepEqual([a.statistics().waitingReceivers, b.statistics().waitingReceivers], [0, 1]);
    b.trySend(1);
    assert.deepEqual(await round, { key: "got", value: 1 });
  });

  test("a round that waits goes on with the new clause, or is over if it is ready", async () => {
    const [empty, full] = [new Channel<number>(), new Channel<number>(1)];
    full.trySend(1);
    using loop = new Select({ got: empty.receiving() as Clause<number | undefined> | null });
    const first = watch(loop.next());
    loop.set("got", null);
    await settled();
    assert.equal(first.state, "pending");
    loop.set("got", full.receiving());
    assert.deepEqual(await first.promise, { key: "got", value: 1 });
    assert.equal(empty.statistics().waitingReceivers, 0);
  });

  test("a new clause that fails ends the round that waits", async () => {
    const failed = new Channel<number>();
    failed.close(new RangeError("over"));
    using loop = new Select({ got: new Channel<number>().receiving() });
    const round = watch(loop.next());
    loop.set("got", failed.receiving());
    await assert.rejects(round.promise, RangeError);
  });

  test("a clock that is replaced begins anew", async () => {
    await withVirtualClock(async (clock) => {
      using loop = new Select({ tick: after(100) });
      await clock.advance(50);
      loop.set("tick", after(100));
      await loop.next();
      assert.equal(clock.now, 150);
    });
  });

  test("an unknown key and what is no clause throw TypeError and change nothing", async () => {
    const channel = new Channel<number>(1);
    channel.trySend(1);
    using loop = new Select({ got: channel.receiving() });
    assert.throws(() => loop.set("other" as "got", null), { name: "TypeError", message: /no clause "other"/ });
    assert.throws(() => loop.set("got", Promise.resolve(1) as never), { name: "TypeError", message: /"got".*promise/ });
    assert.deepEqual(await loop.next(), { key: "got", value: 1 });
    assert.throws(() => new Select({ wrong: 1 as never }), TypeError);
  });

  test("a new case tells those who waited for a receiver", async () => {
    const channel = new Channel<number>();
    const reserved = watch(channel.reserve());
    using loop = new Select({ got: null as Clause<number | undefined> | null });
    const round = loop.next();
    loop.set("got", channel.receiving());
    (await reserved.promise).send(1);
    assert.deepEqual(await round, { key: "got", value: 1 });
  });
});

describe("loops", () => {
  test("for await yields round after round until it is left", async () => {
    const [jobs, stop] = [new Channel<number>(), new Channel<void>()];
    const done: number[] = [];
    const worker = coroutines.run(async () => {
      using loop = new Select({ job: jobs.receiving(), stop: stop.receiving() });
      for await (const got of loop) {
        if (got.key === "stop") return done.length;
        done.push(got.value as number);
      }
      throw new RangeError("the loop ended by itself");
    });
    for (let n = 0; n < 5; n++) await jobs.send(n);
    await stop.send();
    assert.equal(await worker, 5);
    assert.deepEqual(done, [0, 1, 2, 3, 4]);
    assert.equal(jobs.statistics().waitingReceivers, 0);
  });

  test("leaving a loop leaves the lines; another may follow", async () => {
    const channel = new Channel<number>();
    const lock = new TestLock();
    lock.take();
    const loop = new Select({ got: channel.receiving(), lock: lock.acquiring() });
    for (const n of [1, 2]) {
      const sent = channel.send(n);
      for await (const { value } of loop) {
        assert.equal(value, n);
        break;
      }
      await sent;
      assert.equal(channel.trySend(99), false);
      assert.equal(lock.line.length, 0);
    }
  });

  test("a loop that ends by an error leaves the lines, too", async () => {
    const [channel, wake] = [new Channel<number>(), new Channel<void>(1)];
    const lock = new TestLock();
    lock.take();
    const loop = new Select({ got: channel.receiving(), lock: lock.acquiring(), wake: wake.receiving() });
    const controller = new AbortController();
    const reading = watch(
      (async () => {
        for await (const _ of loop) controller.abort();
      })(),
    );
    wake.trySend();
    await settled();
    channel.close(new RangeError("over"));
    await assert.rejects(reading.promise, RangeError);
    assert.equal(lock.line.length, 0);
  });

  test("a second loop at the same time is refused, and does not disturb the first", async () => {
    const channel = new Channel<number>();
    using loop = new Select({ got: channel.receiving() });
    const got: (number | undefined)[] = [];
    const read = async () => {
      for await (const { value } of loop) {
        got.push(value);
        if (value === 2) return;
      }
    };
    const first = read();
    await settled();
    await assert.rejects(read(), UnsupportedError);
    await loop[Symbol.asyncIterator]().return?.();
    await channel.send(1);
    await settled();
    await channel.send(2);
    await first;
    assert.deepEqual(got, [1, 2]);
  });

  test("disposing ends a loop that waits", async () => {
    const channel = new Channel<number>();
    const loop = new Select({ got: channel.receiving() });
    const reading = watch(
      (async () => {
        for await (const _ of loop) assert.fail("nothing was sent");
        return "ended";
      })(),
    );
    await settled();
    loop[Symbol.dispose]();
    assert.equal(await reading.promise, "ended");
    assert.equal(channel.statistics().waitingReceivers, 0);
  });
});

describe("disposing", () => {
  test("leaves all lines, clocks and signals, and ends a round that waits with CancelledError", async () => {
    const channel = new Channel<number>();
    const lock = new TestLock();
    lock.take();
    const loop = new Select({ got: channel.receiving(), lock: lock.acquiring(), late: after(60_000), stop: new AbortController().signal });
    const round = watch(loop.next());
    loop[Symbol.dispose]();
    loop[Symbol.dispose]();
    const error = await rejection(round.promise);
    assert.ok(error instanceof CancelledError);
    assert.match(error.message, /disposed/);
    assert.equal(channel.statistics().waitingReceivers, 0);
    assert.equal(lock.line.length, 0);
    assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
  });

  test("later rounds reject, later loops are empty, set does nothing", async () => {
    const channel = new Channel<number>(1);
    channel.trySend(1);
    const loop = new Select({ got: channel.receiving() });
    loop[Symbol.dispose]();
    await assert.rejects(loop.next(), CancelledError);
    for await (const _ of loop) assert.fail("it is over");
    loop.set("got", channel.receiving());
    assert.equal(channel.tryReceive(), 1);
  });

  test("between rounds takes the kept places away", async () => {
    const [channel, wake] = [new Channel<number>(), new Channel<void>(1)];
    const lock = new TestLock();
    lock.take();
    const loop = new Select({ got: channel.receiving(), lock: lock.acquiring(), wake: wake.receiving() });
    const round = loop.next();
    wake.trySend();
    await round;
    assert.equal(lock.line.length, 1);
    loop[Symbol.dispose]();
    assert.equal(lock.line.length, 0);
  });
});
