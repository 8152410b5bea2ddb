// What the threads of the channel tests do.

import { coreOfChannel } from "../../../../src/channels/channel.ts";
import { sharedOf } from "../../../../src/channels/shared/promote.ts";
import { type Channel, portable, type Receiver, type Sender, select, sleep } from "../../../../src/runtime/index.ts";
import type { SharedCounter, SharedEvent, SharedMutex } from "../../../../src/runtime/shared.ts";

export type Mark = readonly [producer: number, n: number];

/** Passes on what it gets, changed; closes behind itself. */
export const double = portable("double", async (from: Channel<number>, to: Channel<number>) => {
  for await (const value of from) await to.send(value * 2);
  to.close();
});
export const doubleSync = portable("doubleSync", async (from: Channel<number>, to: Channel<number>) => {
  for (let value = from.receiveSync(); value !== undefined; value = from.receiveSync()) to.sendSync(value * 2);
  to.close();
});

export const ways = ["await", "block", "select", "try", "reserve", "iterate"] as const;
export type Way = (typeof ways)[number];

export const produce = portable("produce", async (end: Sender<Mark>, producer: number, count: number, way: Way) => {
  for (let n = 0; n < count; n++) {
    const value: Mark = [producer, n];
    if (way === "block") end.sendSync(value, 60_000);
    else if (way === "select") await select({ sent: end.sending(value) });
    else if (way === "reserve") (await end.reserve()).send(value);
    else if (way === "try") while (!end.trySend(value)) await sleep(0);
    else await end.send(value);
  }
  end.close();
});

export const consume = portable("consume", async (channel: Channel<Mark>, other: Channel<Mark>, way: Way) => {
  const got: Mark[] = [];
  for (;;) {
    let value: Mark | undefined;
    if (way === "block") value = channel.receiveSync(60_000);
    else if (way === "select") value = (await select({ it: channel.receiving(), other: other.receiving() })).value;
    else if (way === "try") {
      value = channel.tryReceive();
      while (value === undefined && !channel.closed) {
        await sleep(0);
        value = channel.tryReceive();
      }
      value ??= await channel.receive();
    } else if (way === "iterate") {
      for await (const each of channel) got.push(each);
    } else value = await channel.receive();
    if (value === undefined) return got;
    got.push(value);
  }
});

/** Talks to a sibling; says when it is done. */
export const ping = portable("ping", async (there: Channel<number>, back: Channel<number>, rounds: number, done: SharedEvent) => {
  for (let n = 0; n < rounds; n++) {
    await there.send(n);
    if ((await back.receive()) !== n + 1) throw new Error(`round ${n} came back wrong`);
  }
  there.close();
  done.set();
});
export const pong = portable("pong", async (there: Channel<number>, back: Channel<number>, blocking: boolean) => {
  for (;;) {
    const value = blocking ? there.receiveSync() : await there.receive();
    if (value === undefined) return;
    if (blocking) back.sendSync(value + 1);
    else await back.send(value + 1);
  }
});

/** Trades: gives one value of its own, or takes one, whichever comes first, until it has done so often enough. */
export const trade = portable("trade", async (give: Channel<number>, take: Channel<number>, first: number, times: number) => {
  const [gave, took]: [number[], number[]] = [[], []];
  for (let n = 0; gave.length + took.length < times; n++) {
    const got = await select({ gave: give.sending(first + n), took: take.receiving() }, { timeout: 20_000 });
    if (got.key === "gave") gave.push(first + n);
    else took.push(got.value as number);
  }
  return { gave, took };
});

export const receiveSlowly = portable("receiveSlowly", async (channel: Channel<number>, received: SharedCounter) => {
  let last = -1;
  for await (const value of channel) {
    await sleep(1);
    if (value !== last + 1) throw new Error(`${value} came after ${last}`);
    last = value;
    received.add();
  }
  return last;
});

// ---- those who are killed ----

/** Waits for a value, and then for ever. */
export const waitToReceive = portable("waitToReceive", async (channel: Channel<string>, here: SharedEvent) => {
  const waiting = channel.receive();
  here.set();
  await waiting;
  await sleep(600_000);
});
export const waitToReceiveSync = portable("waitToReceiveSync", (channel: Channel<string>, here: SharedEvent) => {
  here.set();
  channel.receiveSync();
  for (;;);
});
/** Stands in line and does not look any more. */
export const waitDeaf = portable("waitDeaf", (channel: Channel<string>, here: SharedEvent) => {
  void channel.receive();
  here.set();
  for (;;);
});
export const selectDeaf = portable("selectDeaf", (channel: Channel<string>, other: Channel<string>, here: SharedEvent) => {
  void select({ it: channel.receiving(), other: other.receiving() });
  here.set();
  for (;;);
});
export const offerDeaf = portable("offerDeaf", (channel: Channel<string>, here: SharedEvent) => {
  void channel.send("of the dead");
  here.set();
  for (;;);
});
export const reserveDeaf = portable("reserveDeaf", async (channel: Channel<string>, here: SharedEvent) => {
  await channel.reserve();
  here.set();
  for (;;);
});
export const holdEnd = portable("holdEnd", async (_end: Sender<string> | Receiver<string>, here: SharedEvent) => {
  here.set();
  await sleep(600_000);
});
/** Ends in the middle of somebody else's step. */
export const dieInside = portable("dieInside", (channel: Channel<string>, here: SharedEvent) => {
  sharedOf(coreOfChannel(channel)).queue.store.enter();
  here.set();
  for (;;);
});
export const receiveSyncOnce = portable("receiveSyncOnce", (channel: Channel<string>, here: SharedEvent) => {
  here.set();
  return channel.receiveSync();
});

// ---- what travels in values ----

export interface Job {
  readonly mutex: SharedMutex;
  readonly answers: Channel<number>;
  readonly end: Sender<number>;
  readonly fn: (n: number) => number;
  readonly bytes: Uint8Array;
}
export const plusOne = portable("plusOne", (n: number): number => n + 1);
export const workOff = portable("workOff", async (jobs: Channel<Job>) => {
  for await (const { mutex, answers, end, fn, bytes } of jobs) {
    await mutex.with(() => answers.send(fn(bytes[0] as number)));
    await end.send(0);
    end.close();
  }
});
export const makeChannel = portable("makeChannel", async (makeLocal: Channel<number>) => {
  await makeLocal.send(1);
  return { inside: makeLocal, receiver: makeLocal.receiver() };
});
export const failWith = portable("failWith", (end: Sender<number>) => {
  end.sendSync(1);
  end.close(Object.assign(new RangeError("disk full"), { code: "ENOSPC" }));
});
export const openThenClose = portable("openThenClose", async (channel: Channel<number>) => {
  try {
    await channel.send(1);
    return "sent";
  } catch (error) {
    return { name: (error as Error).name, value: (error as { value?: unknown }).value, cause: ((error as Error).cause as Error)?.message };
  }
});
export const blockBriefly = portable("blockBriefly", (channel: Channel<Mark>) => channel.receiveSync(20));
export const lookAtIt = portable("lookAtIt", (channel: Channel<unknown>) => channel.closed);

/** Says that it is there, waits blocked for a sign, and adds up the lengths of so many values. */
export const addLengths = portable("addLengths", async (from: Receiver<Uint8Array>, signs: Int32Array, count: number) => {
  Atomics.store(signs, 0, 1);
  Atomics.wait(signs, 1, 0);
  let sum = 0;
  for (let n = 0; n < count; n++) sum += (await from.receive())?.byteLength ?? 0;
  return sum;
});
