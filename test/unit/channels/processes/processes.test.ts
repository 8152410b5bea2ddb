// Channels among real processes: nothing lost, nothing twice, in order, nobody hangs, through the codec and the executor as a user would.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  Broadcast,
  Channel,
  type Executor,
  NotSerializableError,
  openProcesses,
  openThreads,
  type Task,
} from "../../../../src/runtime/index.ts";
import * as tasks from "./tasks.ts";

let processes: Executor & AsyncDisposable;
before(() => {
  processes = openProcesses({ size: 3 });
});
after(() => processes[Symbol.asyncDispose]());
const patient = { timeout: 30_000 };
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function collect<T>(channel: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const value of channel) got.push(value);
  return got;
}

describe("both ways", () => {
  for (const capacity of [0, 1, 5, Number.POSITIVE_INFINITY]) {
    for (const [how, fn] of [
      ["parked", tasks.double],
      ["blocked", tasks.doubleSync],
      ["on a thread of it", tasks.doubleOnThread],
    ] as const) {
      test(`to a process and back, capacity ${capacity}, ${how}`, async () => {
        const [there, back] = [new Channel<number>(capacity), new Channel<number>(capacity)];
        const working = processes.run(fn as typeof tasks.double, there, back);
        const reading = collect(back);
        for (let n = 0; n < 100; n++) await there.send(n);
        there.close();
        assert.deepEqual(
          await reading,
          upTo(100).map((n) => 2 * n),
        );
        await working;
      });
    }
  }

  test("a process gives its channels to a process", async () => {
    const [there, back] = [new Channel<number>(2), new Channel<number>(2)];
    const working = processes.run(tasks.doubleBelow, there, back);
    const reading = collect(back);
    for (const n of [1, 2, 3]) await there.send(n, patient);
    there.close();
    assert.deepEqual(await reading, [2, 4, 6]);
    await working;
  });

  for (const [how, fn] of [
    ["one after the other", tasks.produce],
    ["all at once", tasks.produceAtOnce],
  ] as const) {
    test(`ten thousand values from sibling to sibling, in order, ${how}`, async () => {
      const channel = new Channel<number>(64);
      const [sender, receiver] = [channel.sender(), channel.receiver()];
      const [got] = await Promise.all([processes.run(tasks.consume, receiver), processes.run(fn, sender, 10_000)]);
      assert.deepEqual(got, upTo(10_000));
      assert.deepEqual(channel.statistics().buffered, 0);
    });
  }

  test("a channel that threads share goes to a process, too", async () => {
    await using threads = openThreads({ size: 1 });
    const channel = new Channel<number>(4);
    const end = channel.sender();
    const reading = processes.run(tasks.consume, channel);
    await threads.run(tasks.produce, end, 50);
    assert.deepEqual(await reading, upTo(50));
  });
  test("what threads share first, and a process gets then", async () => {
    await using threads = openThreads({ size: 1 });
    const channel = new Channel<number>(4);
    const writing = threads.run(tasks.produce, channel.sender(), 50);
    await until(() => channel.statistics().buffered > 0);
    assert.deepEqual(await processes.run(tasks.consume, channel), upTo(50));
    await writing;
  });

  test("a parent that is blocked for the task answers it meanwhile", async () => {
    const [there, back] = [new Channel<number>(4), Channel.unbounded<number>()];
    for (const n of [1, 2, 3]) await there.send(n);
    there.close();
    processes.run(tasks.double, there, back).joinSync(30_000);
    assert.deepEqual([back.tryReceive(), back.tryReceive(), back.tryReceive()], [2, 4, 6]);
  });

  test("tries are answered at once", async () => {
    const channel = new Channel<number>(1);
    const { full, got, closed, statistics } = await processes.run(tasks.tries, channel);
    assert.deepEqual([full, got, closed], [[true, false], [1, undefined], false]);
    assert.equal(statistics.capacity, 1);
  });
});

describe("the end", () => {
  test("closing with an error reaches the other process, and comes from there", async () => {
    const channel = new Channel<number>(4);
    await processes.run(tasks.failWith, channel.sender());
    assert.equal(await channel.receive(), 1);
    await assert.rejects(
      channel.receive(),
      (error: unknown) => error instanceof RangeError && error.message === "disk full" && (error as { code?: unknown }).code === "ENOSPC",
    );
    const other = new Channel<number>();
    const told = processes.run(tasks.receiveError, other);
    await until(() => other.statistics().waitingReceivers === 1);
    other.close(new TypeError("enough"));
    assert.equal(await told, "TypeError: enough");
  });

  test("closing here refuses those who wait to send there", async () => {
    const channel = new Channel<number>();
    const waiting = processes.run(tasks.sendOnce, channel);
    await until(() => channel.statistics().waitingSenders === 1);
    channel.close(new Error("over"));
    assert.deepEqual(await waiting, { name: "ChannelClosedError", value: 1, cause: "over" });
  });

  test("what a task has done to a channel is done when the task has ended", async () => {
    const channel = new Channel<number>();
    await processes.run(tasks.closeLast, channel);
    assert.equal(channel.closed, true);
  });

  test("the ends of all processes are counted; the last one closes", async () => {
    const channel = new Channel<number>(2);
    const producers = [0, 1, 2].map(() => processes.run(tasks.produce, channel.sender(), 20));
    assert.equal((await collect(channel)).length, 60);
    await Promise.all(producers);
    assert.equal(channel.statistics().senders, 0);
  });

  test("a receive that times out there has not happened", async () => {
    const channel = new Channel<string>(1);
    assert.equal(await processes.run(tasks.cancelledReceive, channel), "TimeoutError");
    assert.equal(channel.statistics().waitingReceivers, 0);
    assert.equal(channel.trySend("kept"), true);
    assert.equal(await channel.receive(), "kept");
  });
});

describe("the dead", () => {
  /** Runs in a process of its own, which is killed when it is where it should be. */
  async function killed(run: (pool: Executor, here: Channel<number>) => Task<unknown>, before: () => unknown = () => {}): Promise<void> {
    const here = new Channel<number>();
    await using doomed = openProcesses({ size: 1 });
    const task = run(doomed, here);
    task.catch(() => {});
    const pid = (await here.receive(patient)) as number;
    await before();
    process.kill(pid, "SIGKILL");
    await assert.rejects(Promise.resolve(task), { name: "WorkerLostError" });
  }

  test("a receiver that died in line gets nothing", async () => {
    const channel = new Channel<string>();
    await killed((pool, here) => pool.run(tasks.waitToReceive, channel, here));
    assert.equal(channel.statistics().waitingReceivers, 0);
    const got = channel.receive(patient);
    await channel.send("a", patient);
    assert.equal(await got, "a");
  });

  test("what was handed to a receiver that died unaware is there again, in its place", async () => {
    const channel = new Channel<string>(4);
    await killed(
      (pool, here) => pool.run(tasks.receiveDeaf, channel, here),
      async () => {
        await channel.send("first");
        await channel.send("second");
        assert.equal(channel.statistics().buffered, 1);
      },
    );
    assert.deepEqual([await channel.receive(patient), await channel.receive(patient)], ["first", "second"]);
  });

  for (const capacity of [0, 4]) {
    test(`the same where threads of the parent share the channel, capacity ${capacity}`, async () => {
      await using threads = openThreads({ size: 1 });
      const channel = new Channel<string>(capacity);
      // It lies in shared memory from then on.
      await threads.run(tasks.look, channel);
      await killed(
        (pool, here) => pool.run(tasks.receiveDeaf, channel, here),
        async () => {
          await channel.send("first", patient);
          if (capacity > 0) await channel.send("second", patient);
          assert.equal(channel.statistics().buffered, capacity > 0 ? 1 : 0);
        },
      );
      const rest = capacity > 0 ? undefined : channel.send("second", patient);
      assert.deepEqual([await channel.receive(patient), await channel.receive(patient)], ["first", "second"]);
      await rest;
    });
  }

  test("the same where a process of the process died", async () => {
    const channel = new Channel<string>(4);
    await using pool = openProcesses({ size: 1 });
    const here = new Channel<number>();
    const task = pool.run(tasks.receiveDeafBelow, channel, here);
    const pid = (await here.receive(patient)) as number;
    await channel.send("first");
    await channel.send("second");
    assert.equal(channel.statistics().buffered, 1);
    process.kill(pid, "SIGKILL");
    await task;
    assert.deepEqual([await channel.receive(patient), await channel.receive(patient)], ["first", "second"]);
  });

  test("a send that waited has not happened, and a permit is free", async () => {
    const rendezvous = new Channel<string>();
    await killed((pool, here) => pool.run(tasks.waitToSend, rendezvous, here));
    const got = rendezvous.receive(patient);
    await rendezvous.send("alive", patient);
    assert.equal(await got, "alive");
    const buffered = new Channel<string>(1);
    await killed(
      (pool, here) => pool.run(tasks.holdPermit, buffered, here),
      () => assert.equal(buffered.trySend("no room"), false),
    );
    await buffered.send("room again", patient);
  });

  test("a select that died is in no line", async () => {
    const [one, other] = [new Channel<string>(), new Channel<string>()];
    await killed((pool, here) => pool.run(tasks.waitInSelect, one, other, here));
    assert.deepEqual([one.statistics().waitingReceivers, other.statistics().waitingReceivers], [0, 0]);
  });

  test("ends that only the dead had are closed", async () => {
    const sending = new Channel<string>(1);
    await killed((pool, here) => pool.run(tasks.holdEnd, sending.sender(), here));
    assert.equal(await sending.receive(patient), undefined);
    assert.equal(sending.closed, true);
    const receiving = new Channel<string>();
    await killed((pool, here) => pool.run(tasks.holdEnd, receiving.receiver(), here));
    await assert.rejects(receiving.send("a", patient), { name: "BrokenChannelError" });
  });

  test("what was acknowledged is not lost, and nothing comes twice", async () => {
    const [channel, said] = [Channel.unbounded<number>(), Channel.unbounded<number>()];
    await using doomed = openProcesses({ size: 1 });
    const here = new Channel<number>();
    const task = doomed.run(tasks.produceAloud, channel, said, here);
    task.catch(() => {});
    const pid = (await here.receive(patient)) as number;
    await until(() => said.statistics().buffered > 200);
    process.kill(pid, "SIGKILL");
    await assert.rejects(Promise.resolve(task), { name: "WorkerLostError" });
    channel.close();
    said.close();
    const [sent, acknowledged] = [await collect(channel), await collect(said)];
    assert.deepEqual(sent, upTo(sent.length));
    // The last one may have been sent without a word.
    assert.ok(sent.length - acknowledged.length <= 1 && sent.length >= acknowledged.length);
  });
});

describe("what moves to the parent", () => {
  test("a channel that was made there, with its values, ends and those who wait", async () => {
    const channel = await processes.run(tasks.makeChannel);
    assert.deepEqual(await collect(channel), [1, 2, 3]);
    const { channel: waited, other } = await processes.run(tasks.makeWaiting);
    assert.equal(await waited.receive(patient), "waited");
    await other.send("word", patient);
    assert.equal(await waited.receive(patient), "got word");
  });

  test("a broadcast that was made there", async () => {
    const ready = new Channel<string>();
    const news = await processes.run(tasks.makeBroadcast, ready);
    const here = news.receiver();
    await news.send("rain");
    assert.equal(await here.receive(), "rain");
    assert.equal(await ready.receive(patient), "there: rain");
  });
});

describe("select", () => {
  test("mixes channels of this process and of another", async () => {
    const far = new Channel<number>();
    const mixing = processes.run(tasks.mixed, far, 50);
    for (let n = 0; n < 50; n++) await far.send(n, patient);
    assert.deepEqual(await mixing, { near: 50, far: 50 });
  });

  test("two that can only meet each other do", async () => {
    const [far, other] = [new Channel<number>(), new Channel<number>()];
    assert.deepEqual(await processes.run(tasks.meet, far, other), ["between", "met"]);
    assert.deepEqual([far.statistics().waitingReceivers, other.statistics().waitingReceivers], [0, 0]);
  });

  test("selects that trade with selects in other processes: what one gives another takes", async () => {
    const [one, other] = [new Channel<number>(), new Channel<number>()];
    const traders = await Promise.all([
      processes.run(tasks.trade, one, other, 0, 60),
      processes.run(tasks.trade, other, one, 1_000, 60),
      tasks.trade(one, other, 2_000, 60),
      tasks.trade(other, one, 3_000, 60),
    ]);
    const gave = traders.flatMap((trader) => trader.gave).sort((a, b) => a - b);
    const took = traders.flatMap((trader) => trader.took).sort((a, b) => a - b);
    assert.deepEqual(gave, took);
    assert.ok(gave.length >= 60);
  });
});

describe("values", () => {
  test("channels and ends travel in values", async () => {
    const jobs = new Channel<{ n: number; answer: ReturnType<Channel<number>["sender"]> }>(1);
    const working = processes.run(tasks.answerEach, jobs);
    for (const n of [2, 3, 4]) {
      const answers = new Channel<number>();
      await jobs.send({ n, answer: answers.sender() });
      assert.deepEqual(await collect(answers), [n * n]);
    }
    jobs.close();
    await working;
  });

  test("what cannot travel is refused with its path, on either side, and nothing is sent", async () => {
    const channel = new Channel<unknown>(1);
    assert.equal(await processes.run(tasks.sendBad, channel), "NotSerializableError message.deep[0]");
    await assert.rejects(channel.send({ fn: () => {} }), (error) => error instanceof NotSerializableError && error.path === "message.fn");
    assert.equal(channel.statistics().buffered, 0);
  });
});

describe("broadcasts", () => {
  for (const [where, open] of [
    ["threads", () => openThreads({ size: 3 })],
    ["processes", () => openProcesses({ size: 3 })],
  ] as const) {
    for (const capacity of [0, 4]) {
      test(`every receiver in ${where} gets every value, capacity ${capacity}`, async () => {
        await using pool = open();
        const news = new Broadcast<number>(capacity);
        const ready = new Channel<true>();
        const here = collect(news.receiver());
        const there = pool.run(tasks.listen, news.receiver());
        const subscribed = pool.run(tasks.subscribe, news, ready);
        await ready.receive(patient);
        await pool.run(tasks.announce, news, 40);
        for (const got of [await here, await there, await subscribed]) assert.deepEqual(got, upTo(40));
      });
    }
  }
});
