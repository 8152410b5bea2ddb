// Order and fairness of channels. Cases of Go's test/chan and runtime/chan_test.go, trio's test_channel, asyncio's test_queues and
// tokio's sync_mpsc, by their ids.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { settled, watch } from "./support.ts";

const N = 10;

test("go chan/fifo.go AsynchFifo: a buffered channel is a queue", async () => {
  const channel = new Channel<number>(N);
  for (let n = 0; n < N; n++) await channel.send(n);
  for (let n = 0; n < N; n++) assert.equal(await channel.receive(), n);
});

test("go chan/fifo.go SynchFifo: receivers that come one after the other are served one after the other", async () => {
  const channel = new Channel<number>();
  let start = new Channel<void>();
  const first = start;
  await withTaskGroup(async (group) => {
    for (let n = 0; n < N; n++) {
      const [before, next] = [start, new Channel<void>()];
      group.run(async () => {
        await before.receive();
        assert.equal(await channel.receive(), n);
        await next.send();
      });
      start = next;
    }
    await first.send();
    for (let n = 0; n < N; n++) await channel.send(n);
    await start.receive();
  });
});

for (const capacity of [0, 1, 10]) {
  describe(`go chan/nonblock.go with capacity ${capacity}`, () => {
    test("receiving from an empty channel and sending to a full one fail at once", () => {
      const channel = new Channel<number>(capacity);
      assert.equal(channel.tryReceive(), undefined);
      for (let n = 0; n < capacity; n++) assert.equal(channel.trySend(n), true);
      assert.equal(channel.trySend(99), false);
    });

    test("a waiting sender is received from at once", async () => {
      const channel = new Channel<string>(capacity);
      for (let n = 0; n < capacity; n++) await channel.send("buffered");
      const sent = watch(channel.send("waiting"));
      await settled();
      assert.equal(sent.state, "pending");
      for (let n = 0; n < capacity; n++) assert.equal(channel.tryReceive(), "buffered");
      assert.equal(channel.tryReceive(), "waiting");
      await sent.promise;
      assert.equal(channel.tryReceive(), undefined);
    });

    test("a waiting receiver is sent to at once", async () => {
      const channel = new Channel<string>(capacity);
      const got = channel.receive();
      assert.equal(channel.trySend("a"), true);
      for (let n = 0; n < capacity; n++) assert.equal(channel.trySend("b"), true);
      assert.equal(channel.trySend("c"), false);
      assert.equal(await got, "a");
    });
  });
}

test("go chan_test.TestPseudoRandomSend: alternating senders of one channel alternate", async () => {
  const channel = new Channel<number>();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < 20; n++) sent.push(channel.send(n % 2));
  const got: (number | undefined)[] = [];
  for (let n = 0; n < 20; n++) got.push(await channel.receive());
  await Promise.all(sent);
  assert.deepEqual(got.slice(0, 6), [0, 1, 0, 1, 0, 1]);
});

test("go chan_test.TestMultiConsumer: many consumers pass on every value exactly once", async () => {
  const [numbers, results] = [new Channel<number>(10), new Channel<number>(10)];
  const values = 500;
  const got = await withTaskGroup(async (group) => {
    const workers = Array.from({ length: 7 }, (_, n) =>
      group.run(async () => {
        for await (const value of numbers) {
          if ((value + n) % 3 === 0) await settled();
          await results.send(value);
        }
      }),
    );
    group.run(async () => {
      for (let n = 0; n < values; n++) await numbers.send(n);
      numbers.close();
      for (const worker of workers) await worker;
      results.close();
    });
    const seen: number[] = [];
    for await (const value of results) seen.push(value);
    return seen;
  });
  assert.deepEqual(
    got.sort((a, b) => a - b),
    [...Array(values).keys()],
  );
});

test("go chan/sieve1.go: a chain of a channel for each prime", async () => {
  const primes: number[] = [];
  await withTaskGroup(async (group) => {
    let numbers = new Channel<number>(1);
    const source = numbers;
    group.background(async () => {
      for (let n = 2; ; n++) await source.send(n);
    });
    for (let n = 0; n < 15; n++) {
      const prime = (await numbers.receive()) as number;
      primes.push(prime);
      const [from, to] = [numbers, new Channel<number>(1)];
      group.background(async () => {
        for await (const value of from) if (value % prime !== 0) await to.send(value);
      });
      numbers = to;
    }
  });
  assert.deepEqual(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]);
});

test("go chan/goroutines.go: a value goes through ten thousand tasks", async () => {
  const end = await withTaskGroup(async (group) => {
    let right = new Channel<number>();
    const leftmost = right;
    for (let n = 0; n < 10_000; n++) {
      const [left, next] = [right, new Channel<number>()];
      group.run(async () => next.send(((await left.receive()) as number) + 1));
      right = next;
    }
    await leftmost.send(0);
    return right.receive();
  });
  assert.equal(end, 10_000);
});

test("trio test_channel_multiple_producers: values of ten producers arrive once each, and their ends close the channel", async () => {
  const channel = new Channel<number>();
  const got = await withTaskGroup(async (group) => {
    for (let n = 0; n < 10; n++) {
      const sender = channel.sender();
      group.run(async () => {
        for (let value = 3 * n; value < 3 * (n + 1); value++) await sender.send(value);
        sender.close();
      });
    }
    const seen: number[] = [];
    for await (const value of channel) seen.push(value);
    return seen;
  });
  assert.deepEqual(
    got.sort((a, b) => a - b),
    [...Array(30).keys()],
  );
});

test("trio test_channel_multiple_consumers: five consumers each get something", async () => {
  const channel = new Channel<number>(1);
  const shares = new Map<number, number[]>();
  await withTaskGroup(async (group) => {
    for (let n = 0; n < 5; n++) {
      group.run(async () => {
        for await (const value of channel) shares.set(n, [...(shares.get(n) ?? []), value]);
      });
    }
    await settled();
    for (let n = 0; n < 10; n++) await channel.send(n);
    channel.close();
  });
  assert.equal(shares.size, 5);
  assert.deepEqual([...shares.values()].flat().sort(), [...Array(10).keys()]);
});

test("trio test_channel_fairness: with nobody waiting a value can be taken back and sent again", () => {
  const channel = new Channel<number>(1);
  for (const n of [1, 2]) {
    channel.trySend(n);
    assert.equal(channel.tryReceive(), n);
  }
});

test("trio test_channel_fairness: what is sent belongs to whoever waits, though its code has not run yet", async () => {
  const channel = new Channel<number>(1);
  const got = channel.receive();
  channel.trySend(2);
  assert.equal(channel.tryReceive(), undefined);
  assert.equal(await got, 2);
});

test("trio test_channel_fairness: a place that becomes free belongs to whoever waits", async () => {
  const channel = new Channel<number>(1);
  channel.trySend(1);
  const sent = channel.send(2);
  assert.equal(channel.tryReceive(), 1);
  assert.equal(channel.trySend(3), false);
  assert.equal(await channel.receive(), 2);
  await sent;
});

test("trio test_553: after a receive that was given up the channel is as good as new", async () => {
  const channel = new Channel<string>(1);
  await assert.rejects(channel.receive({ timeout: 1 }));
  await channel.send("Test for PR #553");
  assert.equal(await channel.receive(), "Test for PR #553");
});

test("trio test_unbuffered: nothing fits into a rendezvous channel", async () => {
  const channel = new Channel<number>();
  assert.equal(channel.tryReceive(), undefined);
  assert.equal(channel.trySend(1), false);
  const sent = channel.send(1);
  assert.equal(await channel.receive(), 1);
  await sent;
  assert.equal(channel.tryReceive(), undefined);
});

test("asyncio test_queues get_with_waiting_putters: receivers empty the line of senders behind a full buffer", async () => {
  const channel = new Channel<string>(1);
  const sent = [channel.send("a"), channel.send("b")];
  assert.deepEqual([await channel.receive(), await channel.receive()], ["a", "b"]);
  await Promise.all(sent);
});

test("a full buffer stays full when its place goes to whoever waits", async () => {
  const channel = new Channel<number>(2);
  channel.trySend(1);
  channel.trySend(2);
  assert.equal(channel.trySend(3), false);
  assert.equal(channel.statistics().buffered, 2);
  const waiting = channel.send(3);
  assert.equal(channel.statistics().buffered, 2);
  assert.equal(channel.tryReceive(), 1);
  await waiting;
  assert.equal(channel.statistics().buffered, 2);
});

test("tokio sync_mpsc send_recv_unbounded: two values before the first receive", async () => {
  const channel = Channel.unbounded<number>();
  channel.trySend(1);
  channel.trySend(2);
  channel.close();
  assert.deepEqual([await channel.receive(), await channel.receive(), await channel.receive()], [1, 2, undefined]);
});

test("tokio sync_mpsc no_t_bounds_buffer: what is sent is the value itself, not a copy", async () => {
  const channel = new Channel<object>(1);
  const value = { deep: [new Map()] };
  await channel.send(value);
  assert.equal(await channel.receive(), value);
});

test("values of one sender keep their order among those of others", async () => {
  const channel = new Channel<readonly [number, number]>(3);
  const got: (readonly [number, number])[] = [];
  await withTaskGroup(async (group) => {
    for (let producer = 0; producer < 4; producer++) {
      const sender = channel.sender();
      group.run(async () => {
        for (let n = 0; n < 50; n++) {
          await sender.send([producer, n]);
          if ((n + producer) % 7 === 0) await settled();
        }
        sender.close();
      });
    }
    for await (const value of channel) got.push(value);
  });
  assert.equal(got.length, 200);
  for (let producer = 0; producer < 4; producer++) {
    const own = got.filter(([from]) => from === producer).map(([, n]) => n);
    assert.deepEqual(own, [...Array(50).keys()]);
  }
});

test("send resolves with nothing, whoever receives", async () => {
  const channel = new Channel<number>();
  const got = channel.receive();
  assert.equal(await channel.send(1), undefined);
  await got;
  const sent = channel.send(2);
  await channel.receive();
  assert.equal(await sent, undefined);
});

test("a rendezvous is between two tasks: one that sends and then receives waits for ever", async () => {
  const channel = new Channel<number>();
  const task = coroutines.run(async () => {
    await channel.send(1);
    return channel.receive();
  });
  const end = watch(Promise.resolve(task));
  await settled();
  assert.equal(end.state, "pending");
  task.cancel();
  await assert.rejects(end.promise);
  assert.equal(channel.statistics().waitingSenders, 0);
});

test("a channel can carry a channel: a request with its reply", async () => {
  const requests = new Channel<{ readonly n: number; readonly reply: Channel<number> }>();
  const server = coroutines.run(async () => {
    for await (const { n, reply } of requests) await reply.send(n * 2);
  });
  const reply = new Channel<number>(1);
  await requests.send({ n: 21, reply });
  assert.equal(await reply.receive(), 42);
  requests.close();
  await server;
});
