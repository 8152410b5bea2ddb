// What the processes of the channel tests do.
import {
  after,
  Broadcast,
  Channel,
  openThreads,
  type Permit,
  portable,
  processes,
  type Receiver,
  type Sender,
  select,
  sleep,
} from "../../../../src/runtime/index.ts";

/** Passes on what it gets, changed; closes behind itself. */
export const double = portable("double", async (from: Channel<number>, to: Channel<number>) => {
  for await (const value of from) await to.send(value * 2);
  to.close();
});
export const doubleSync = portable("doubleSync", (from: Channel<number>, to: Channel<number>) => {
  for (let value = from.receiveSync(); value !== undefined; value = from.receiveSync()) to.sendSync(value * 2);
  to.close();
});
/** The same on a thread of the process. */
export const doubleOnThread = portable("doubleOnThread", async (from: Channel<number>, to: Channel<number>) => {
  await using threads = openThreads({ size: 1 });
  await threads.run(double, from, to);
});
/** The same in a process of the process. */
export const doubleBelow = portable("doubleBelow", async (from: Channel<number>, to: Channel<number>) => {
  await processes.run(double, from, to);
});

export const produce = portable("produce", async (end: Sender<number>, count: number) => {
  for (let n = 0; n < count; n++) await end.send(n);
  end.close();
});
export const produceAtOnce = portable("produceAtOnce", async (end: Sender<number>, count: number) => {
  await Promise.all(Array.from({ length: count }, (_, n) => end.send(n)));
  end.close();
});
export const consume = portable("consume", async (from: Receiver<number>) => {
  const got: number[] = [];
  for await (const value of from) got.push(value);
  return got;
});
/** Says of each value that it was sent, once it was. */
export const produceAloud = portable("produceAloud", async (channel: Channel<number>, said: Channel<number>, here: Channel<number>) => {
  await here.send(process.pid);
  for (let n = 0; ; n++) {
    await channel.send(n);
    await said.send(n);
  }
});

// ---- those who are killed: each says its process id when it is where it should be ----

export const waitToReceive = portable("waitToReceive", async (channel: Channel<string>, here: Channel<number>) => {
  const waiting = channel.receive();
  await here.send(process.pid);
  await waiting;
  await sleep(600_000);
});
/** Receives, and never looks at what came. */
export const receiveDeaf = portable("receiveDeaf", (channel: Channel<string>, here: Channel<number>) => {
  void channel.receive();
  here.sendSync(process.pid);
  for (;;);
});
/** The same in a process of the process, which outlives it. */
export const receiveDeafBelow = portable("receiveDeafBelow", async (channel: Channel<string>, here: Channel<number>) => {
  await processes.run(receiveDeaf, channel, here).catch(() => {});
});
export const waitToSend = portable("waitToSend", async (channel: Channel<string>, here: Channel<number>) => {
  void channel.send("of the dead");
  await here.send(process.pid);
  await sleep(600_000);
});
export const holdPermit = portable("holdPermit", async (channel: Channel<string>, here: Channel<number>) => {
  const permit: Permit<string> = await channel.reserve();
  await here.send(process.pid);
  await sleep(600_000);
  permit[Symbol.dispose]();
});
export const holdEnd = portable("holdEnd", async (_end: Sender<string> | Receiver<string>, here: Channel<number>) => {
  await here.send(process.pid);
  await sleep(600_000);
});
export const waitInSelect = portable("waitInSelect", async (one: Channel<string>, other: Channel<string>, here: Channel<number>) => {
  const waiting = select({ one: one.receiving(), other: other.receiving() });
  await here.send(process.pid);
  await waiting;
  await sleep(600_000);
});

// ---- the end ----

export const sendOnce = portable("sendOnce", async (channel: Channel<number>) => {
  try {
    await channel.send(1);
    return "sent";
  } catch (error) {
    return { name: (error as Error).name, value: (error as { value?: unknown }).value, cause: ((error as Error).cause as Error)?.message };
  }
});
export const failWith = portable("failWith", async (end: Sender<number>) => {
  await end.send(1);
  end.close(Object.assign(new RangeError("disk full"), { code: "ENOSPC" }));
});
/** Is told of the end by an error. */
export const receiveError = portable("receiveError", async (channel: Channel<number>) => {
  try {
    await channel.receive();
    return "received";
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
});
export const cancelledReceive = portable("cancelledReceive", async (channel: Channel<string>) => {
  try {
    await channel.receive({ timeout: 5 });
    return "received";
  } catch (error) {
    return (error as Error).name;
  }
});

// ---- what moves ----

export const makeChannel = portable("makeChannel", async () => {
  const channel = new Channel<number>(4);
  await channel.send(1);
  const sender = channel.sender();
  void (async () => {
    await sender.send(2);
    await sender.send(3);
    sender.close();
  })();
  return channel;
});
/** A send that waits moves along. */
export const makeWaiting = portable("makeWaiting", async () => {
  const channel = new Channel<string>();
  void channel.send("waited");
  const other = new Channel<string>();
  void select({ it: other.receiving(), late: after(600_000) }).then(({ value }) => channel.send(`got ${value}`));
  return { channel, other };
});
export const look = portable("look", (news: Broadcast<string> | Channel<string>) => news.statistics().capacity);
export const makeBroadcast = portable("makeBroadcast", async (ready: Channel<string>) => {
  const news = new Broadcast<string>(4);
  // Given away here first, and read by an end that was made after that.
  await using threads = openThreads({ size: 1 });
  await threads.run(look, news);
  const here = news.receiver();
  void (async () => {
    await ready.send(`there: ${await here.receive()}`);
  })();
  return news;
});

// ---- select ----

/** Takes from two channels, one of this process and one that was given, as they come. */
export const mixed = portable("mixed", async (far: Channel<number>, count: number) => {
  const near = new Channel<number>();
  const feeding = (async () => {
    for (let n = 0; n < count; n++) await near.send(n);
  })();
  const got = { near: 0, far: 0 };
  for (let n = 0; n < 2 * count; n++) {
    const { key, value } = await select({ near: near.receiving(), far: far.receiving() });
    if (value !== got[key]) throw new Error(`${key} gave ${value} instead of ${got[key]}`);
    got[key]++;
  }
  await feeding;
  return got;
});
/** Two selects that can only meet each other, each of which waits far away as well. */
export const meet = portable("meet", async (far: Channel<number>, other: Channel<number>) => {
  const between = new Channel<string>();
  const [gave, took] = await Promise.all([
    select({ between: between.sending("met"), far: far.receiving() }),
    select({ between: between.receiving(), far: other.receiving() }),
  ]);
  return [gave.key, took.value];
});
export const trade = portable("trade", async (give: Channel<number>, take: Channel<number>, first: number, times: number) => {
  const [gave, took]: [number[], number[]] = [[], []];
  for (let n = 0; gave.length + took.length < times; n++) {
    const got = await select({ gave: give.sending(first + n), took: take.receiving(), late: after(5_000) });
    if (got.key === "late") break;
    if (got.key === "gave") gave.push(first + n);
    else took.push(got.value as number);
  }
  return { gave, took };
});

// ---- values ----

export const answerEach = portable("answerEach", async (jobs: Channel<{ n: number; answer: Sender<number> }>) => {
  for await (const { n, answer } of jobs) {
    await answer.send(n * n);
    answer.close();
  }
});
export const sendBad = portable("sendBad", async (channel: Channel<unknown>) => {
  try {
    await channel.send({ deep: [() => {}] });
    return "sent";
  } catch (error) {
    return `${(error as Error).name} ${(error as { path?: string }).path}`;
  }
});

// ---- broadcasts ----

export const listen = portable("listen", async (end: Receiver<number>) => {
  const got: number[] = [];
  for await (const value of end) got.push(value);
  return got;
});
export const subscribe = portable("subscribe", async (news: Broadcast<number>, ready: Channel<true>) => {
  const end = news.receiver();
  await ready.send(true);
  const got: number[] = [];
  for await (const value of end) got.push(value);
  return got;
});
export const announce = portable("announce", async (news: Broadcast<number>, count: number) => {
  for (let n = 0; n < count; n++) await news.send(n);
  news.close();
});
export const tries = portable("tries", async (channel: Channel<number>) => {
  const full = [channel.trySend(1), channel.trySend(2)];
  return { full, got: [channel.tryReceive(), channel.tryReceive()], closed: channel.closed, statistics: channel.statistics() };
});
/** Closes and ends without giving the event loop a turn. */
export const closeLast = portable("closeLast", (channel: Channel<number>) => {
  channel.close(new Error("over"));
});
