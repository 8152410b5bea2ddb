// select and trySelect over channels. Cases of Go's test/chan/select*.go and runtime/chan_test.go by their ids.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { after } from "../../../src/channels/clauses/after.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { CancelledError, ChannelClosedError, TimeoutError } from "../../../src/contract/errors.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { rejection } from "../core/support.ts";
import { settled, watch, withThen } from "./support.ts";

/** Still waiting after all that can run has run; then it is given up. */
async function blocks(start: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const { promise } = watch(start(controller.signal));
  const watched = watch(promise);
  await settled();
  assert.equal(watched.state, "pending");
  controller.abort();
  await assert.rejects(promise, CancelledError);
}

describe("go chan/select3.go: what blocks and what does not", () => {
  test("sending to and receiving from nothing is never chosen", () => {
    assert.equal(trySelect({ send: null }), undefined);
    assert.equal(trySelect({ send: null, receive: null }), undefined);
  });

  test("sending to a buffered channel with room does not block", async () => {
    await new Channel<number>(1).send(7);
  });

  test("receiving from a closed channel does not block, ten times", async () => {
    const closed = new Channel<number>();
    closed.close();
    for (let n = 0; n < 10; n++) assert.equal(await closed.receive(), undefined);
  });

  test("sending to a closed channel fails", async () => {
    const closed = new Channel<number>();
    closed.close();
    await assert.rejects(closed.send(7), ChannelClosedError);
  });

  test("receiving from a channel that is not ready blocks", () => blocks((signal) => new Channel<number>().receive({ signal })));

  test("an empty select blocks", () => blocks((signal) => select({}, { signal })));

  test("a select of disabled clauses blocks", async () => {
    await blocks((signal) => select({ a: null }, { signal }));
    await blocks((signal) => select({ a: null, b: null }, { signal }));
  });

  test("a select of channels that are not ready blocks", () =>
    blocks((signal) => select({ got: new Channel<number>().receiving() }, { signal })));

  test("trySelect does not block, whatever is in it", () => {
    assert.equal(trySelect({}), undefined);
    assert.equal(trySelect({ a: null }), undefined);
    assert.equal(trySelect({ a: new Channel<number>().receiving(), b: new Channel<number>().sending(1) }), undefined);
  });

  test("a select of ready channels does not block", async () => {
    const channel = new Channel<number>(1);
    assert.deepEqual(await select({ sent: channel.sending(7) }), { key: "sent", value: undefined });
    assert.deepEqual(await select({ got: channel.receiving() }), { key: "got", value: 7 });
  });

  test("a closed channel in a select behaves as the plain operation", async () => {
    const closed = new Channel<number>();
    closed.close();
    assert.deepEqual(await select({ got: closed.receiving() }), { key: "got", value: undefined });
    await assert.rejects(select({ sent: closed.sending(7) }), (error) => error instanceof ChannelClosedError && error.value === 7);
    assert.throws(() => trySelect({ sent: closed.sending(7) }), ChannelClosedError);
  });

  test("a select is not confused by seeing itself", async () => {
    const channel = new Channel<number>();
    await blocks((signal) => select({ sent: channel.sending(1), got: channel.receiving() }, { signal }));
    const { waitingSenders, waitingReceivers } = channel.statistics();
    assert.deepEqual([waitingSenders, waitingReceivers], [0, 0]);
  });
});

test("go chan_test.TestSelfSelect: two selects that both send and receive serve each other, never themselves", async () => {
  for (const capacity of [0, 10]) {
    const channel = new Channel<number>(capacity);
    let received = 0;
    await withTaskGroup((group) => {
      for (const own of [0, 1]) {
        group.run(async () => {
          for (let n = 0; n < 200; n++) {
            if (own === 0 || n % 2 === 0) {
              const got = await select({ sent: channel.sending(own), got: channel.receiving() });
              if (got.key === "got") {
                received++;
                if (capacity === 0) assert.equal(got.value, 1 - own, "received what it sent itself");
              }
            } else {
              const got = await select({ got: channel.receiving(), sent: channel.sending(own) });
              if (got.key === "got") {
                received++;
                if (capacity === 0) assert.equal(got.value, 1 - own, "received what it sent itself");
              }
            }
          }
        });
      }
    });
    if (capacity === 0) assert.equal(received, 200);
  }
});

test("go chan/select6.go: a select that was served elsewhere has left the line it stood in first", async () => {
  const [c1, c2, c3] = [new Channel<boolean>(), new Channel<boolean>(), new Channel<boolean>()];
  await withTaskGroup(async (group) => {
    group.run(() => c1.receive());
    group.run(async () => {
      const got = await select({ dummy: c1.receiving(), c2: c2.receiving() });
      assert.equal(got.key, "c2");
      await c3.send(true);
      await c1.receive();
    });
    group.run(() => c2.send(true));
    await c3.receive();
    await c1.send(true);
    await c1.send(true);
  });
});

describe("go chan/select7.go: plain and selecting senders meet plain and selecting receivers", () => {
  const receivers = {
    plain: (channel: Channel<number>) => channel.receive(),
    "select of one": async (channel: Channel<number>) => (await select({ got: channel.receiving() })).value,
    "select of two": async (channel: Channel<number>) =>
      (await select({ got: channel.receiving(), other: new Channel<number>().receiving() })).value,
  };
  const senders = {
    plain: (channel: Channel<number>) => channel.send(1),
    "select of one": (channel: Channel<number>) => select({ sent: channel.sending(1) }),
    "select of two": (channel: Channel<number>) => select({ sent: channel.sending(1), other: new Channel<number>().sending(1) }),
  };
  for (const [receiving, receive] of Object.entries(receivers)) {
    for (const [sending, send] of Object.entries(senders)) {
      test(`${sending} to ${receiving}, whoever comes first`, async () => {
        for (const receiverFirst of [true, false]) {
          const channel = new Channel<number>();
          let got: Promise<number | undefined> | undefined;
          if (receiverFirst) got = receive(channel);
          const sent = send(channel);
          got ??= receive(channel);
          assert.equal(await got, 1);
          await sent;
        }
      });
    }
  }
});

test("go chan/doubleselect.go: a select over four channels sends each value once", async () => {
  const out = new Channel<number>();
  const channels = Array.from({ length: 4 }, () => new Channel<number>());
  const [c1, c2, c3, c4] = channels as [Channel<number>, Channel<number>, Channel<number>, Channel<number>];
  const seen: number[] = [];
  await withTaskGroup(async (group) => {
    group.run(async () => {
      for (let n = 0; n < 2000; n++) {
        await select({ c1: c1.sending(n), c2: c2.sending(n), c3: c3.sending(n), c4: c4.sending(n) });
      }
      for (const channel of channels) channel.close();
    });
    for (const channel of channels) {
      const sender = out.sender();
      group.run(async () => {
        for await (const value of channel) await sender.send(value);
        sender.close();
      });
    }
    for await (const value of out) seen.push(value);
  });
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    [...Array(2000).keys()],
  );
});

test("go chan_test.TestSelectDuplicateChannel: one channel twice in a select leaves the line whole", async () => {
  const channel = new Channel<number>();
  const other = new Channel<number>();
  const first = select({ a: channel.receiving(), b: channel.receiving(), c: channel.receiving() });
  const second = select({ a: channel.receiving(), other: other.receiving() });
  await channel.send(1);
  assert.equal((await first).value, 1);
  await channel.send(2);
  assert.equal((await second).value, 2);
  const third = channel.receive();
  await channel.send(3);
  assert.equal(await third, 3);
  assert.equal(channel.statistics().waitingReceivers, 0);
});

test("go chan_test.TestSelectStress: plain and selecting sides over channels of all kinds, nothing lost", async () => {
  const channels = [new Channel<number>(), new Channel<number>(), new Channel<number>(2), new Channel<number>(3)];
  const [c0, c1, c2, c3] = channels as [Channel<number>, Channel<number>, Channel<number>, Channel<number>];
  const N = 300;
  const got: number[] = [0, 0, 0, 0];
  await withTaskGroup((group) => {
    for (const channel of channels) {
      group.run(async () => {
        for (let n = 0; n < N; n++) await channel.send(1);
      });
    }
    group.run(async () => {
      const sent = [0, 0, 0, 0];
      for (let n = 0; n < 4 * N; n++) {
        const { key } = await select({
          0: sent[0] === N ? null : c0.sending(1),
          1: sent[1] === N ? null : c1.sending(1),
          2: sent[2] === N ? null : c2.sending(1),
          3: sent[3] === N ? null : c3.sending(1),
        });
        const index = Number(key);
        sent[index] = (sent[index] as number) + 1;
      }
    });
    for (const [index, channel] of channels.entries()) {
      group.run(async () => {
        for (let n = 0; n < N; n++) {
          assert.equal(await channel.receive(), 1);
          got[index] = (got[index] as number) + 1;
        }
      });
    }
    group.run(async () => {
      const taken = [0, 0, 0, 0];
      for (let n = 0; n < 4 * N; n++) {
        const { key, value } = await select({
          0: taken[0] === N ? null : c0.receiving(),
          1: taken[1] === N ? null : c1.receiving(),
          2: taken[2] === N ? null : c2.receiving(),
          3: taken[3] === N ? null : c3.receiving(),
        });
        assert.equal(value, 1);
        const index = Number(key);
        taken[index] = (taken[index] as number) + 1;
        got[index] = (got[index] as number) + 1;
      }
    });
  });
  assert.deepEqual(got, [2 * N, 2 * N, 2 * N, 2 * N]);
});

test("go chan_test.TestNonblockSelectRace: of two ready channels trySelect always finds one", async () => {
  for (let n = 0; n < 100; n++) {
    const [c1, c2] = [new Channel<number>(1), new Channel<number>(1)];
    c1.trySend(1);
    coroutines.run(async () => {
      if (trySelect({ a: c1.receiving(), b: c2.receiving() }) === undefined) assert.fail("nothing was ready");
    });
    c2.trySend(1);
    trySelect({ c: c1.receiving() });
    await settled();
  }
});

test("go chan_test.TestNonblockSelectRace2: closing one channel while the other empties leaves something ready", () => {
  const [c1, c2] = [new Channel<number>(1), new Channel<number>()];
  c1.trySend(1);
  c2.close();
  assert.notEqual(trySelect({ a: c1.receiving(), b: c2.receiving() }), undefined);
  c1.tryReceive();
  assert.deepEqual(trySelect({ a: c1.receiving(), b: c2.receiving() }), { key: "b", value: undefined });
});

test("go chan/select5.go: only the chosen clause happens, in order when biased", async () => {
  const [a, b] = [new Channel<number>(1), new Channel<number>(1)];
  a.trySend(1);
  b.trySend(2);
  assert.deepEqual(await select({ a: a.receiving(), b: b.receiving() }, { biased: true }), { key: "a", value: 1 });
  assert.deepEqual([a.statistics().buffered, b.statistics().buffered], [0, 1]);
  assert.deepEqual(await select({ a: a.receiving(), b: b.receiving() }, { biased: true }), { key: "b", value: 2 });
});

test("making a clause does nothing, and a clause can be used again", async () => {
  const channel = new Channel<number>(2);
  const [sending, receiving] = [channel.sending(1), channel.receiving()];
  assert.equal(channel.statistics().buffered, 0);
  await select({ sending });
  await select({ sending });
  assert.equal(channel.statistics().buffered, 2);
  assert.equal((await select({ receiving })).value, 1);
  assert.equal((await select({ receiving })).value, 1);
});

test("keys come back as strings, the numeric ones too; inherited ones are none", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const clauses = Object.assign(Object.create({ inherited: channel.receiving() }) as object, { 7: channel.receiving() });
  const got = await select(clauses as { 7: ReturnType<typeof channel.receiving> });
  assert.deepEqual(got, { key: "7", value: 1 });
});

test("the winner has left every line before the code that awaits it runs", async () => {
  const [a, b] = [new Channel<number>(), new Channel<number>()];
  const chosen = select({ a: a.receiving(), b: b.receiving(), c: a.receiving() });
  const rival = b.receive();
  a.trySend(1);
  assert.equal(b.trySend(2), true);
  assert.equal(await rival, 2);
  assert.equal((await chosen).value, 1);
  assert.deepEqual([a.statistics().waitingReceivers, b.statistics().waitingReceivers], [0, 0]);
});

test("a select in a line is served in its turn", async () => {
  const channel = new Channel<number>();
  const order: string[] = [];
  const waiting = [
    channel.receive().then((value) => order.push(`plain ${value}`)),
    select({ got: channel.receiving() }).then(({ value }) => order.push(`select ${value}`)),
    channel.receive().then((value) => order.push(`plain ${value}`)),
  ];
  for (const n of [1, 2, 3]) await channel.send(n);
  await Promise.all(waiting);
  assert.deepEqual(order.sort(), ["plain 1", "plain 3", "select 2"]);
});

test("a waiting select is served when its channel closes, with an error or without", async () => {
  const [ends, fails] = [new Channel<number>(), new Channel<number>()];
  const first = select({ ends: ends.receiving(), fails: fails.receiving() });
  ends.close();
  assert.deepEqual(await first, { key: "ends", value: undefined });
  const second = select({ fails: fails.receiving() });
  fails.close(new RangeError("over"));
  await assert.rejects(second, RangeError);
  const full = new Channel<number>(1);
  full.trySend(1);
  const third = select({ sent: full.sending(2) });
  full.close();
  await assert.rejects(third, (error) => error instanceof ChannelClosedError && error.value === 2);
});

test("a timeout, a signal and a cancel end a select that waits, before anything is committed", async () => {
  const channel = new Channel<number>(0, { name: "jobs" });
  const late = await rejection(select({ got: channel.receiving(), sent: new Channel<number>().sending(1) }, { timeout: 1 }));
  assert.ok(late instanceof TimeoutError);
  // In whatever order they were tried.
  for (const part of [/a value from the channel "jobs"/, / or /, /a receiver of a channel/, /took longer than 1 ms/])
    assert.match(late.message, part);
  const task = coroutines.run(() => select({ got: channel.receiving() }));
  await settled();
  task.cancel("why");
  const error = await rejection(task);
  assert.ok(error instanceof CancelledError && error.cause === "why");
  assert.equal(channel.statistics().waitingReceivers, 0);
  assert.equal(channel.trySend(1), false);
  const empty = await rejection(select({ none: null }, { timeout: 1 }));
  assert.match((empty as Error).message, /no clause at all/);
});

test("a select that has been served beats a cancel", async () => {
  const channel = new Channel<number>();
  const task = coroutines.run(() => select({ got: channel.receiving() }));
  await settled();
  channel.trySend(1);
  task.cancel();
  assert.deepEqual(await task, { key: "got", value: 1 });
});

test("an aborted signal rejects before anything is committed", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  await assert.rejects(select({ got: channel.receiving() }, { signal: AbortSignal.abort() }), CancelledError);
  assert.equal(channel.tryReceive(), 1);
});

test("what is no clause is refused by its key, before anything happens", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const wrong: [unknown, RegExp][] = [
    [Promise.resolve(1), /"wrong".*promise/],
    [withThen(() => () => {}), /promise/],
    [undefined, /undefined; null disables/],
    [channel, /channel\.receiving\(\)/],
    [5, /give a clause/],
    [() => {}, /give a clause/],
  ];
  for (const [value, message] of wrong) {
    const clauses = { ok: channel.receiving(), wrong: value } as never;
    await assert.rejects(select(clauses), { name: "TypeError", message });
    assert.throws(() => trySelect(clauses), TypeError);
  }
  for (const nothing of [null, undefined]) await assert.rejects(select(nothing as never), TypeError);
  assert.equal(channel.tryReceive(), 1);
});

test("a hundred clauses", async () => {
  const channels = Array.from({ length: 100 }, () => new Channel<number>());
  const clauses = Object.fromEntries(channels.map((channel, n) => [`c${n}`, channel.receiving()]));
  const chosen = select(clauses);
  assert.equal(channels[42]?.trySend(1), true);
  assert.deepEqual(await chosen, { key: "c42", value: 1 });
  assert.ok(channels.every((channel) => channel.statistics().waitingReceivers === 0));
});

test("a dining philosopher takes whatever comes, and is full at the end", async () => {
  const [soup, bread] = [new Channel<string>(), new Channel<string>()];
  const eaten: string[] = [];
  await withTaskGroup(async (group) => {
    group.run(async () => {
      for (let n = 0; n < 10; n++) await soup.send("soup");
      soup.close();
    });
    group.run(async () => {
      for (let n = 0; n < 10; n++) await bread.send("bread");
      bread.close();
    });
    let open = { soup: true, bread: true };
    while (open.soup || open.bread) {
      const got = await select({
        soup: open.soup ? soup.receiving() : null,
        bread: open.bread ? bread.receiving() : null,
        late: after(10_000),
      });
      if (got.key === "late") assert.fail("nothing came");
      else if (got.value === undefined) open = { ...open, [got.key]: false };
      else eaten.push(got.value);
    }
  });
  assert.equal(eaten.filter((food) => food === "soup").length, 10);
  assert.equal(eaten.length, 20);
});
