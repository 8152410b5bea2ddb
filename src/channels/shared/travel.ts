// How channels and their ends travel: as the place in shared memory where the channel lies, to which it moves when it travels first.

import { type Sharable, sharable } from "../../wire/classes.ts";
import { BroadcastCore } from "../broadcast-core.ts";
import { Channel, channelOver, coreOfChannel } from "../channel.ts";
import type { ChannelCore } from "../channel-core.ts";
import { halfOfReceiver, halfOfSender, ReceiverEnd, SenderEnd } from "../ends.ts";
import type { TravellingEnd } from "./ends.ts";
import { type ChannelPlace, coreAt, placeOfChannel, sharedOf } from "./promote.ts";
import { SharedChannel } from "./shared-channel.ts";

interface EndPlace extends ChannelPlace, TravellingEnd {}

function encodeEnd(core: ChannelCore<unknown>, end: object): EndPlace {
  // Moved first: only then has the end a place.
  const place = placeOfChannel(core);
  return { ...place, ...sharedOf(core).ends.give(end) };
}

function arrived<E extends { close(): void; closed: boolean }>(end: E, core: ChannelCore<unknown>, place: EndPlace): E {
  if (!sharedOf(core).ends.receive(end, place)) end.closed = true;
  return end;
}

const ofBroadcast = (half: unknown, what: string) =>
  half instanceof BroadcastCore ? `${what} of a broadcast, which belongs to its thread; give a channel, or talk about it there` : undefined;

/** A thread finds it by its link, which a value in shared memory does not take. */
const ofProcesses = ({ elsewhere }: ChannelCore<unknown>, what: string) =>
  elsewhere === undefined || elsewhere instanceof SharedChannel
    ? undefined
    : `${what} of a channel that other processes have; give it to the thread as an argument`;

const sender: Sharable<SenderEnd<unknown>, EndPlace> = {
  name: "brigade.Sender",
  what: "a sending end of a channel",
  refuse: (end) =>
    ofBroadcast(halfOfSender(end), "a sending end") ?? ofProcesses(halfOfSender(end) as ChannelCore<unknown>, "a sending end"),
  encode: (end) => encodeEnd(halfOfSender(end) as ChannelCore<unknown>, end),
  decode: (place) => {
    const core = coreAt<unknown>(place);
    return arrived(new SenderEnd<unknown>(core, false), core, place);
  },
};
const receiver: Sharable<ReceiverEnd<unknown>, EndPlace> = {
  name: "brigade.Receiver",
  what: "a receiving end of a channel",
  refuse: (end) => {
    const { source } = halfOfReceiver(end);
    return ofBroadcast(source, "a receiving end") ?? ofProcesses(source as ChannelCore<unknown>, "a receiving end");
  },
  encode: (end) => encodeEnd(halfOfReceiver(end).source as ChannelCore<unknown>, end),
  decode: (place) => {
    const core = coreAt<unknown>(place);
    return arrived(new ReceiverEnd<unknown>(core.inbox), core, place);
  },
};
const channel: Sharable<Channel<unknown>, ChannelPlace> = {
  name: "brigade.Channel",
  what: "a Channel",
  refuse: (each) => ofProcesses(coreOfChannel(each), "a Channel"),
  encode: (each) => placeOfChannel(coreOfChannel(each)),
  decode: (place) => channelOver(coreAt<unknown>(place)),
};

/** Lets channels and their ends travel between threads. */
export function letChannelsTravel(): void {
  sharable(Channel, channel);
  sharable(SenderEnd, sender);
  sharable(ReceiverEnd, receiver);
}
