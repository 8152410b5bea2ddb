// How a channel moves to where other threads can see it, and how they find it there. Moving is one synchronous stretch on the only thread
// that has the channel, so nobody sees it half done; what cannot be moved is found before anything is.

import { currentScope } from "../../core/context.ts";
import { Parked } from "../../core/parked.ts";
import { choices } from "../../memory/choice-table.ts";
import { DROP_NEWEST, DROP_OLDEST, WAIT } from "../../memory/queue-serving.ts";
import { SharedQueue } from "../../memory/shared-queue.ts";
import { obituary, thisThread } from "../../memory/this-thread.ts";
import { ChannelCore } from "../channel-core.ts";
import type { WaitingNode } from "../elsewhere.ts";
import { IteratorStep } from "../iterator.ts";
import type { CaseOwner } from "../select-case.ts";
import { SharedChannel } from "./shared-channel.ts";

/** What another thread needs to have the channel, too. */
export interface ChannelPlace {
  readonly id: string;
  readonly title: string;
  readonly buffer: SharedArrayBuffer;
}

/** The address space that a channel may take at most, 1 GiB. Only what is used is memory. */
const maxByteLength = 2 ** 30;
const firstByteLength = 4096;
const overflows = { wait: WAIT, "drop-oldest": DROP_OLDEST, "drop-newest": DROP_NEWEST } as const;

let last = 0;
/** The cores that this thread has already, so that a channel that comes twice is one here. */
const here = new Map<string, WeakRef<ChannelCore<unknown>>>();
const gone = new FinalizationRegistry<string>((id) => {
  if (here.get(id)?.deref() === undefined) here.delete(id);
});
const places = new WeakMap<object, ChannelPlace>();

function settle<T>(core: ChannelCore<T>, place: ChannelPlace, queue: SharedQueue, oldPermits: number[]): SharedChannel<T> {
  const makeStep = (side: Parameters<SharedChannel<T>["step"]>[0]) => {
    const step = new IteratorStep<T>(currentScope(), core.inbox, side);
    return { node: step as unknown as WaitingNode, promise: step.promise };
  };
  const shared = new SharedChannel<T>(place.id, place.title, queue, makeStep, oldPermits);
  here.set(place.id, new WeakRef(core as ChannelCore<unknown>));
  gone.register(core, place.id);
  places.set(core, place);
  queue.attach();
  return shared;
}

function moveTo<T>(core: ChannelCore<T>, shared: SharedChannel<T>): void {
  core.elsewhere = shared;
  core.obstacle = "elsewhere";
  core.inbox.finished = true;
}

/** Where the channel lies; moves it there if it has not been given to another thread before. Throws `NotSerializableError` when a value in
 *  it cannot travel. */
export function placeOfChannel<T>(core: ChannelCore<T>): ChannelPlace {
  return places.get(core) ?? promote(core);
}

/** The core of a channel that has come from another thread. */
export function coreAt<T>(place: ChannelPlace): ChannelCore<T> {
  const known = here.get(place.id)?.deref();
  if (known !== undefined) return known as ChannelCore<T>;
  const core = new ChannelCore<T>({ title: place.title, capacity: 0, overflow: "wait" });
  moveTo(core, settle(core, place, new SharedQueue(place.buffer, thisThread(), obituary(), choices()), []));
  return core;
}

/** What another thread has of a channel. */
export function sharedOf<T>(core: ChannelCore<T>): SharedChannel<T> {
  return core.elsewhere as SharedChannel<T>;
}

function promote<T>(core: ChannelCore<T>): ChannelPlace {
  const { title, capacity, overflow, dropped, obstacle, error, inbox, line } = core;
  const buffer = new (SharedArrayBuffer as new (length: number, options: object) => SharedArrayBuffer)(firstByteLength, { maxByteLength });
  const place: ChannelPlace = { id: `${thisThread()}.${++last}`, title, buffer };
  const queue = new SharedQueue(buffer, thisThread(), obituary(), choices());
  queue.lay(capacity, overflows[overflow], dropped, obstacle === "broken");
  const oldPermits: number[] = [];
  for (let n = 0; n < core.reserved; n++) oldPermits.push(queue.loadPermit());
  const shared = settle(core, place, queue, oldPermits);
  try {
    for (const value of inbox.buffer) shared.load(value);
    for (const { payload } of line) if (!payload.reserves) shared.check(payload.value);
  } catch (thrown) {
    places.delete(core);
    here.delete(place.id);
    throw thrown;
  }
  shared.ends.load(core.sides, core.receivingSides);
  moveTo(core, shared);
  if (error !== undefined) shared.loadError(error);
  if (obstacle === "closed") shared.close(undefined);
  inbox.buffer.clear();
  moveLines(core, shared);
  return place;
}

/** Those who wait go along, in order. Nobody of them can be served by that: they could not be served before. */
function moveLines<T>(core: ChannelCore<T>, shared: SharedChannel<T>): void {
  const selects = new Set<CaseOwner>();
  const move = (node: WaitingNode, home: SharedChannel<T>["senders"], enlist: (node: WaitingNode) => void) => {
    if (node instanceof Parked) node.home = home;
    if (node.select !== undefined) selects.add(node.select as CaseOwner);
    enlist(node);
  };
  for (const node of [...core.line]) {
    core.line.remove(node);
    move(node as WaitingNode, shared.senders, (each) => shared.enlistSender(each));
  }
  const receivers = core.inbox.line;
  for (const node of [...receivers]) {
    receivers.remove(node);
    move(node as WaitingNode, shared.receivers, (each) => shared.enlistReceiver(each));
  }
  for (const select of selects) select.moved();
}
