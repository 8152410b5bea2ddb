// Channels among real threads: nothing lost, nothing twice, in order, nobody hangs, through the codec and the executor as a user would.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import {
  BrokenChannelError,
  CancelledError,
  Channel,
  type Executor,
  NotSerializableError,
  openThreads,
  type Permit,
  select,
  type Task,
  UnsupportedError,
} from "../../../../src/runtime/index.ts";
import { SharedArena, SharedEvent, SharedMutex } from "../../../../src/runtime/shared.ts";
import { collectGarbage } from "../support.ts";
import * as tasks from "./tasks.ts";
import { ways } from "./tasks.ts";

let threads: Executor & AsyncDisposable;
before(() => {
  threads = openThreads({ size: 4 });
});
after(() => threads[Symbol.asyncDispose]());
const patient = { timeout: 30_000 };

describe("both ways", () => {
  for (const capacity of [0, 1, 5, Number.POSITIVE_INFINITY]) {
    for (const [how, fn] of [
      ["parked", tasks.double],
      ["blocked", tasks.doubleSync],
    ] as const) {
      test(`to a thread and back, capacity ${capacity}, the other side ${how}`, async () => {
        const [there, back] = [new Channel<number>(capacity), new Channel<number>(capacity)];
        const working = threads.run(fn, there, back);
        const got: number[] = [];
        const reading = (async () => {
          for await (const value of back) got.push(value);
        })();
        for (let n = 0; n < 300; n++) await there.send(n);
        there.close();
        await Promise.all([reading, working]);
        assert.deepEqual(
          got,
          Array.from({ length: 300 }, (_, n) => 2 * n),
        );
      });
    }
  }

  test("siblings talk while the main thread stands still", async () => {
    for (const [capacity, blocking] of [
      [0, false],
      [0, true],
      [3, false],
      [3, true],
    ] as const) {
      const [there, back, done] = [new Channel<number>(capacity), new Channel<number>(capacity), new SharedEvent()];
      const both = [threads.run(tasks.pong, there, back, blocking), threads.run(tasks.ping, there, back, 200, done)];
      // Both have begun; from here on this thread does nothing for them.
      await Promise.all(both.map((task) => started(task)));
      done.waitSync(30_000);
      await Promise.all(both);
    }
  });

  test("a slow receiver slows the sender down", async () => {
    const channel = new Channel<number>(4);
    const received = SharedArena.create(1024).counter();
    const reading = threads.run(tasks.receiveSlowly, channel, received);
    for (let n = 0; n < 200; n++) {
      await channel.send(n);
      // Those in the buffer, and the one that it works on; it counts what it has done with.
      assert.ok(n + 1 - received.value <= 4 + 2, `${n + 1} sent, ${received.value} received`);
    }
    channel.close();
    assert.equal(await reading, 199);
  });
});

async function started(task: Task<unknown>): Promise<void> {
  while (task.state === "waiting") await new Promise((resolve) => setImmediate(resolve));
}

describe("many at once", () => {
  for (const capacity of [0, 1, 7]) {
    test(`every value once, each producer's in order, capacity ${capacity}`, async () => {
      const channel = new Channel<tasks.Mark>(capacity);
      const other = new Channel<tasks.Mark>();
      const count = 150;
      const consumers = (["block", "select", "iterate"] as const).slice(0, 2).map((way) => threads.run(tasks.consume, channel, other, way));
      const here = tasks.consume(channel, other, "await");
      await Promise.all(consumers.map(started));
      const local = tasks.produce(channel.sender(), 0, count, "await");
      const remote = ways.slice(0, 5).map((way, n) => threads.run(tasks.produce, channel.sender(), n + 1, count, way));
      await Promise.all([local, ...remote]);
      const shares = await Promise.all([here, ...consumers]);
      const all = shares.flat().map(([producer, n]) => `${producer}:${n}`);
      assert.equal(all.length, 6 * count);
      assert.equal(new Set(all).size, 6 * count);
      for (const share of shares) {
        const last = new Map<number, number>();
        for (const [producer, n] of share) {
          assert.ok(n > (last.get(producer) ?? -1), `${producer}:${n} after ${last.get(producer)}`);
          last.set(producer, n);
        }
      }
      const { buffered, waitingReceivers, waitingSenders } = channel.statistics();
      assert.deepEqual([buffered, waitingSenders, waitingReceivers], [0, 0, 0]);
    });
  }

  test("selects that trade with selects in other threads: what one gives another takes", async () => {
    for (const capacity of [0, 1]) {
      const [one, other] = [new Channel<number>(capacity), new Channel<number>(capacity)];
      const traders = [
        threads.run(tasks.trade, one, other, 0, 200),
        threads.run(tasks.trade, other, one, 100_000, 200),
        tasks.trade(one, other, 200_000, 200).catch((error: unknown) => error),
        threads.run(tasks.trade, other, one, 300_000, 200),
      ];
      const watched = traders.map((each) => Promise.resolve(each as Promise<{ gave: number[]; took: number[] }>));
      for (const each of watched) each.catch(() => {});
      // The last ones may be left without a partner: then the others' trades still balance.
      const ends = await Promise.race([Promise.all(watched), watchFor(watched)]);
      assert.ok(ends !== undefined);
      one.close();
      other.close();
    }
  });
});

async function watchFor(traders: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  return Promise.all(traders.map((each) => each.catch((error: unknown) => error)));
}

describe("the end", () => {
  test("closing with an error reaches the receivers behind the values, with class and properties", async () => {
    const channel = new Channel<number>(4);
    await threads.run(tasks.failWith, channel.sender());
    assert.equal(await channel.receive(), 1);
    await assert.rejects(
      channel.receive(),
      (error: unknown) => error instanceof RangeError && error.message === "disk full" && (error as { code?: unknown }).code === "ENOSPC",
    );
    assert.equal(channel.closed, true);
  });

  test("closing here refuses those who wait to send there", async () => {
    const channel = new Channel<number>();
    const waiting = threads.run(tasks.openThenClose, channel);
    while (channel.statistics().waitingSenders === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    channel.close(new Error("over"));
    assert.deepEqual(await waiting, { name: "ChannelClosedError", value: 1, cause: "over" });
  });

  test("the ends of all threads are counted; the last one closes", async () => {
    const channel = new Channel<tasks.Mark>(2);
    const producers = [0, 1, 2].map((n) => threads.run(tasks.produce, channel.sender(), n, 20, "await"));
    let received = 0;
    for await (const _ of channel) received++;
    assert.equal(received, 60);
    await Promise.all(producers);
    assert.equal(channel.statistics().senders, 0);
  });

  test("an end in a result belongs to whoever gets it", async () => {
    const channel = new Channel<number>(2);
    const { inside, receiver } = await threads.run(tasks.makeChannel, channel);
    assert.equal(await receiver.receive(), 1);
    assert.equal(channel.statistics().receivers, 1);
    await inside.send(2);
    assert.equal(await channel.receive(), 2);
    receiver.close();
    await assert.rejects(channel.send(3), BrokenChannelError);
  });
});

describe("the dead", () => {
  /** Runs on a thread of its own, which is killed when it is where it should be. */
  async function killed(run: (view: Executor, here: SharedEvent) => Task<unknown>): Promise<void> {
    const here = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    const task = run(doomed.with({ grace: 0 }), here);
    task.catch(() => {});
    await here.wait(patient);
    task.cancel();
    await task.catch(() => {});
  }

  test("a receiver that died in line gets nothing, parked or blocked", async () => {
    for (const fn of [tasks.waitToReceive, tasks.waitToReceiveSync]) {
      const channel = new Channel<string>(1);
      await killed((view, here) => view.spawn(fn, channel, here));
      const got = channel.receive(patient);
      await channel.send("a", patient);
      assert.equal(await got, "a");
    }
  });

  test("what was handed to a receiver that died unaware is there again, in its place", async () => {
    const channel = new Channel<string>(4);
    const here = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    const task = doomed.with({ grace: 0 }).spawn(tasks.waitDeaf, channel, here);
    task.catch(() => {});
    await here.wait(patient);
    await channel.send("first");
    await channel.send("second");
    assert.equal(channel.statistics().buffered, 1);
    task.cancel();
    await task.catch(() => {});
    while (channel.statistics().buffered < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual([await channel.receive(patient), await channel.receive(patient)], ["first", "second"]);
  });

  test("a select that died is passed over, and what it was given comes back", async () => {
    const [channel, other] = [new Channel<string>(1), new Channel<string>(1)];
    const here = new SharedEvent();
    await using doomed = openThreads({ size: 1 });
    const task = doomed.with({ grace: 0 }).spawn(tasks.selectDeaf, channel, other, here);
    task.catch(() => {});
    await here.wait(patient);
    await channel.send("a");
    // Chosen by the first, so the second goes into the buffer.
    await other.send("b");
    assert.equal(other.tryReceive(), "b");
    task.cancel();
    await task.catch(() => {});
    assert.equal(await channel.receive(patient), "a");
  });

  test("a sender that died in line has not sent, and its permit is free", async () => {
    const rendezvous = new Channel<string>();
    await killed((view, here) => view.spawn(tasks.offerDeaf, rendezvous, here));
    const got = rendezvous.receive(patient);
    await rendezvous.send("alive", patient);
    assert.equal(await got, "alive");
    const buffered = new Channel<string>(1);
    await killed((view, here) => view.spawn(tasks.reserveDeaf, buffered, here));
    await buffered.send("room again", patient);
  });

  test("ends that only the dead had are closed", async () => {
    const sending = new Channel<string>(1);
    await killed((view, here) => view.spawn(tasks.holdEnd, sending.sender(), here));
    assert.equal(await sending.receive(patient), undefined);
    assert.equal(sending.closed, true);
    const receiving = new Channel<string>();
    await killed((view, here) => view.spawn(tasks.holdEnd, receiving.receiver(), here));
    await assert.rejects(receiving.send("a", patient), BrokenChannelError);
  });

  test("a thread that dies inside the guard hangs nobody", async () => {
    const channel = new Channel<string>(2);
    await channel.send("before");
    const waiting = channel.sender();
    await killed((view, here) => view.spawn(tasks.dieInside, channel, here));
    await waiting.send("after", patient);
    assert.deepEqual([await channel.receive(patient), await channel.receive(patient)], ["before", "after"]);
    waiting.close();
    assert.equal(await channel.receive(patient), undefined);
  });
});

describe("blocking", () => {
  test("is for worker threads", async () => {
    const channel = new Channel<string>(1);
    await threads.run(tasks.openThenClose, channel as never);
    assert.throws(() => channel.receiveSync(), UnsupportedError);
    assert.throws(() => channel.sendSync("a"), UnsupportedError);
  });

  test("a blocked task can be cancelled, and its worker goes on", async () => {
    const channel = new Channel<string>();
    const here = new SharedEvent();
    await using pool = openThreads({ size: 1 });
    const task = pool.run(tasks.receiveSyncOnce, channel, here);
    await here.wait(patient);
    task.cancel("enough");
    await assert.rejects(Promise.resolve(task), CancelledError);
    const again = pool.run(tasks.receiveSyncOnce, channel, here);
    await channel.send("a", patient);
    assert.equal(await again, "a");
    assert.equal((again.metrics as { worker?: unknown }).worker, (task.metrics as { worker?: unknown }).worker);
  });

  test("a limit of time", async () => {
    const channel = new Channel<tasks.Mark>();
    await assert.rejects(Promise.resolve(threads.run(tasks.blockBriefly, channel)), { name: "TimeoutError" });
    assert.equal(channel.statistics().waitingReceivers, 0);
  });
});

describe("what travels in values", () => {
  test("locks, channels, ends, portable functions and bytes", async () => {
    const jobs = new Channel<tasks.Job>(2);
    const [answers, ends] = [new Channel<number>(8), new Channel<number>(8)];
    const mutex = new SharedMutex();
    // Each job closes its end: without this one the first might be the last.
    const kept = ends.sender();
    const working = threads.run(tasks.workOff, jobs);
    for (let n = 0; n < 8; n++) {
      await jobs.send({ mutex, answers, end: ends.sender(), fn: tasks.plusOne, bytes: new Uint8Array([n]) });
    }
    jobs.close();
    await working;
    const got: (number | undefined)[] = [];
    for (let n = 0; n < 8; n++) got.push(answers.tryReceive());
    assert.deepEqual(got, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(ends.statistics().senders, 1);
    kept.close();
    assert.equal(ends.closed, true);
  });

  test("shared memory reaches a thread that comes later", async () => {
    const jobs = new Channel<tasks.Job>(2);
    const [answers, ends] = [new Channel<number>(1), new Channel<number>(1)];
    await jobs.send({ mutex: new SharedMutex(), answers, end: ends.sender(), fn: tasks.plusOne, bytes: new Uint8Array([4]) });
    jobs.close();
    await using late = openThreads({ size: 1 });
    await late.run(tasks.workOff, jobs);
    assert.equal(answers.tryReceive(), 5);
  });

  test("what cannot travel is refused with its path, and nothing is sent", async () => {
    const channel = new Channel<unknown>(1);
    await threads.run(tasks.lookAtIt, channel);
    const { port1 } = new MessageChannel();
    const refused = (path: string) => (error: unknown) => error instanceof NotSerializableError && error.path === path;
    await assert.rejects(channel.send({ deep: [port1] }), refused("message.deep[0]"));
    assert.throws(() => channel.trySend({ fn: () => {} }), refused("message.fn"));
    await assert.rejects(select({ sent: channel.sending(Symbol("s")) }), refused("message"));
    assert.equal(channel.statistics().buffered, 0);
    port1.close();
  });

  test("a channel that holds what cannot travel stays where it is", async () => {
    const channel = new Channel<unknown>(1);
    const fn = () => {};
    await channel.send(fn);
    await assert.rejects(Promise.resolve(threads.run(tasks.lookAtIt, channel)), NotSerializableError);
    assert.equal(await channel.receive(), fn);
    const permit: Permit<unknown> = await channel.reserve();
    await threads.run(tasks.lookAtIt, channel);
    permit.send("now it can");
    assert.equal(await channel.receive(), "now it can");
  });
});

describe("long values and one that came too late to see them sent", () => {
  const long = (bytes: number) => new Uint8Array(bytes);
  const isThere = async (signs: Int32Array) => {
    for (const end = performance.now() + 30_000; Atomics.load(signs, 0) === 0; await new Promise((resolve) => setTimeout(resolve, 5)))
      assert.ok(performance.now() < end, "the task has not begun");
  };
  const give = (signs: Int32Array) => {
    Atomics.store(signs, 1, 1);
    Atomics.notify(signs, 1);
  };

  test("what it fetches is not let go of meanwhile", async () => {
    const signs = new Int32Array(new SharedArrayBuffer(8));
    const channel = Channel.unbounded<Uint8Array>();
    await using pool = openThreads({ size: 1 });
    const task = pool.run(tasks.addLengths, channel.receiver(), signs, 1);
    channel.trySend(long(20_000));
    await isThere(signs);
    // From here on until it has taken the value this thread does not turn, so it answers nobody.
    give(signs);
    const end = performance.now() + 30_000;
    while (channel.statistics().buffered > 0) assert.ok(performance.now() < end, "nobody takes the value");
    for (let n = 0; n < 200; n++) channel.trySend(long(16_384));
    for (const busyTo = performance.now() + 2_300; performance.now() < busyTo; );
    assert.equal(await task, 20_000, "nor lost because its sender is busy for some seconds");
  });

  test("they wait for it when their sender has let go of the channel", async () => {
    const signs = new Int32Array(new SharedArrayBuffer(8));
    const later = new Int32Array(new SharedArrayBuffer(8));
    give(later);
    await using pool = openThreads({ size: 1 });
    const before = pool.run(tasks.addLengths, new Channel<Uint8Array>(1).receiver(), signs, 0);
    const given = () => {
      const channel = Channel.unbounded<Uint8Array>();
      const task = pool.run(tasks.addLengths, channel.receiver(), later, 10);
      for (let n = 0; n < 10; n++) channel.trySend(long(20_000));
      return { task, channel: new WeakRef(channel) };
    };
    const { task, channel } = given();
    for (const end = performance.now() + 30_000; channel.deref() !== undefined; await collectGarbage())
      assert.ok(performance.now() < end, "the channel is not collected");
    // What is told of its collection comes in turns of its own.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    give(signs);
    await before;
    assert.equal(await task, 200_000);
  });
});
