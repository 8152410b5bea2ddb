// The flavours of a channel, and what they do not have in common. A case is skipped for a flavour only when it needs something that
// this table denies to the flavour; any other skip would count as a failure.
import { Broadcast } from "../../../src/channels/broadcast.ts";
import { Channel, channelOver, coreOfChannel } from "../../../src/channels/channel.ts";
import { handleOf } from "../../../src/channels/remote/handles.ts";
import { riseAll } from "../../../src/channels/remote/roads.ts";
import { coreAt, placeOfChannel } from "../../../src/channels/shared/promote.ts";
import type { ChannelStatistics, Receiver, Sender } from "../../../src/contract/channel.ts";
import { settled } from "../../unit/channels/support.ts";

/** What a case works with: something to send into, and one receiver of it. */
export interface Pipe<T> {
  readonly whole: Sender<T> & { readonly closed: boolean; sender(): Sender<T>; receiver(): Receiver<T>; statistics(): ChannelStatistics };
  readonly receiver: Receiver<T>;
}

export interface Flavour {
  readonly name: string;
  /** Values that it holds while nobody receives, before it waits or drops. */
  readonly room: number;
  /** As `statistics()` tells it. */
  readonly capacity: number;
  open<T>(): Pipe<T>;
  /** Whatever can happen by now has happened. */
  settled(): Promise<void>;
}

const channel = (name: string, room: number, capacity: number, make: <T>() => Channel<T>): Flavour => ({
  name,
  room,
  capacity,
  settled,
  open<T>() {
    const whole = make<T>();
    return { whole, receiver: whole };
  },
});

/** As if it had been given to another thread; the receiver is what came back from there. */
const acrossThreads = (name: string, room: number, capacity: number, make: <T>() => Channel<T>): Flavour => ({
  name: `${name}, across threads`,
  room,
  capacity,
  settled,
  open<T>() {
    const whole = make<T>();
    const place = placeOfChannel(coreOfChannel(whole));
    return { whole, receiver: channelOver(coreAt<T>(place)) };
  },
});

/** Given to a process: its home is here, and values are packed. */
const given = (flavour: Flavour): Flavour => ({
  ...flavour,
  name: `${flavour.name}, given to a process`,
  open<T>() {
    const pipe = flavour.open<T>();
    handleOf(pipe.whole, false);
    return pipe;
  },
});

/** In a process that the main one has started: its home is there. */
const above = (flavour: Flavour): Flavour => ({
  ...flavour,
  name: `${flavour.name}, of another process`,
  async settled() {
    await settled();
    // Answers come in order: behind this one's, all that was asked before has been answered.
    above(flavour).open().whole.statistics();
    await settled();
  },
  open<T>() {
    const pipe = flavour.open<T>();
    riseAll([handleOf(pipe.whole, false)?.mention]);
    return pipe;
  },
});

const broadcast = (name: string, room: number, capacity: number, make: <T>() => Broadcast<T>): Flavour => ({
  name,
  room,
  capacity,
  settled,
  open<T>() {
    const whole = make<T>();
    return { whole, receiver: whole.receiver() };
  },
});

type Settings = readonly [name: string, room: number, capacity: number, make: <T>() => Channel<T>];
const channels: readonly Settings[] = [
  ["rendezvous", 0, 0, () => new Channel()],
  ["bounded 1", 1, 1, () => new Channel(1)],
  ["bounded n", 4, 4, () => new Channel(4)],
  ["drop-oldest", 4, 4, () => new Channel(4, { overflow: "drop-oldest" })],
  ["drop-newest", 4, 4, () => new Channel(4, { overflow: "drop-newest" })],
  ["unbounded", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, () => Channel.unbounded()],
  ["latest", 1, 1, () => Channel.latest()],
];

const broadcasts: readonly Flavour[] = [
  broadcast("broadcast rendezvous", 0, 0, () => new Broadcast()),
  broadcast("broadcast", 4, 4, () => new Broadcast(4)),
  broadcast("broadcast drop-oldest", 4, 4, () => new Broadcast(4, { overflow: "drop-oldest" })),
  broadcast("broadcast drop-newest", 4, 4, () => new Broadcast(4, { overflow: "drop-newest" })),
];
const ofThisThread = [...channels.map((settings) => channel(...settings)), ...broadcasts];

export const flavours: readonly Flavour[] = [
  ...ofThisThread,
  ...channels.map((settings) => acrossThreads(...settings)),
  ...ofThisThread.map(given),
];

/** For a process that the main one has started. */
export const flavoursAbove: readonly Flavour[] = ofThisThread.map(above);

const never = "sending never waits, so nobody is ever in line to send";
const lossy = "a full buffer loses a value instead of waiting";
const each = "every receiver gets every value";

/** For each capability the flavours that lack it, with the reason. */
export const lacking: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  /** A send can be made to wait. */
  waits: {
    unbounded: never,
    latest: never,
    "drop-oldest": never,
    "drop-newest": never,
    "broadcast drop-oldest": never,
    "broadcast drop-newest": never,
  },
  /** A reservation can be made to wait. */
  reserves: {
    unbounded: "there is always a place",
    latest: "the oldest value makes place for any other",
    "drop-oldest": "the oldest value makes place for any other",
    "broadcast drop-oldest": "the oldest value makes place for any other",
  },
  /** Holds a value while nobody receives. */
  buffers: { rendezvous: "a value goes from hand to hand", "broadcast rendezvous": "a value goes from hand to hand" },
  /** Holds more than one. */
  buffersMany: {
    rendezvous: "a value goes from hand to hand",
    "broadcast rendezvous": "a value goes from hand to hand",
    "bounded 1": "holds one value",
    latest: "holds one value",
  },
  /** Loses nothing, however fast the sender. */
  lossless: {
    latest: lossy,
    "drop-oldest": lossy,
    "drop-newest": lossy,
    "broadcast drop-oldest": lossy,
    "broadcast drop-newest": lossy,
  },
  /** Each value goes to one receiver, and receiving ends share what is there. */
  competes: {
    "broadcast rendezvous": each,
    broadcast: each,
    "broadcast drop-oldest": each,
    "broadcast drop-newest": each,
  },
  /** Passes on the very object that was sent. */
  references: Object.fromEntries(
    [...channels.map(([name]) => `${name}, across threads`), ...[...ofThisThread.map(given), ...flavoursAbove].map(({ name }) => name)].map(
      (name) => [name, "a value goes as bytes, since it may be for another thread or process"],
    ),
  ),
  /** Nobody but this thread could end a wait that blocks it. */
  refusesBlocking: Object.fromEntries(flavoursAbove.map(({ name }) => [name, "the other process can end the wait"])),
} as const;

/** What a flavour lacks, it lacks across threads and processes as well. */
const nameInTable = (name: string): string => name.replace(/, .*$/, "");

export type Capability = "waits" | "reserves" | "buffers" | "buffersMany" | "lossless" | "competes" | "references" | "refusesBlocking";

/** Why a case that needs these is skipped for a flavour; `undefined` when it runs. */
export function skipReason({ name }: Flavour, needs: readonly Capability[] = []): string | undefined {
  for (const capability of needs) {
    const reason = lacking[capability]?.[name] ?? lacking[capability]?.[nameInTable(name)];
    if (reason !== undefined) return `${name} lacks ${capability}: ${reason}`;
  }
  return undefined;
}
