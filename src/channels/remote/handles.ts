// How channels, broadcasts and their ends are named to another process, or by link to a thread, and found again under that name.
import type { Handle } from "../../wire/codec.ts";
import { Broadcast, broadcastOver, coreOfBroadcast } from "../broadcast.ts";
import { BroadcastCore } from "../broadcast-core.ts";
import { Channel, channelOver, coreOfChannel } from "../channel.ts";
import { ChannelCore } from "../channel-core.ts";
import { halfOfReceiver, halfOfSender, ReceiverEnd, SenderEnd } from "../ends.ts";
import { SharedChannel } from "../shared/shared-channel.ts";
import { HomeChannel } from "./home-channel.ts";
import { type AnyCore, type AnyEnd, coreNamed, idOf, type Mention } from "./naming.ts";
import { RemoteChannel } from "./remote-channel.ts";
import { giveEnd, here, knownEnd, meetEnd, noteArrived } from "./travelling-ends.ts";
import { upperLink } from "./upper-link.ts";

function mentioned(object: object): Mention | undefined {
  if (object instanceof Channel) return { core: coreOfChannel<unknown>(object), end: undefined };
  if (object instanceof Broadcast) return { core: coreOfBroadcast<unknown>(object), end: undefined };
  // Ends of pipes and sockets are ends, too, and travel by roads of their own: theirs are classes of their own.
  if (object.constructor === SenderEnd)
    return { core: halfOfSender<unknown>(object as SenderEnd<unknown>) as AnyCore, end: object as AnyEnd };
  if (object.constructor === ReceiverEnd) {
    return { core: halfOfReceiver<unknown>(object as ReceiverEnd<unknown>).source as AnyCore, end: object as AnyEnd };
  }
  return undefined;
}

/** What stands for a channel, a broadcast or an end of one; `undefined` for everything else, and for a channel that goes to a thread by
 *  way of shared memory. Throws `NotSerializableError` when something in it cannot travel. */
export function handleOf(object: object, sharesMemory: boolean): { readonly handle: Handle; readonly mention: Mention } | undefined {
  const mention = mentioned(object);
  if (mention === undefined) return undefined;
  const { core, end } = mention;
  const { elsewhere } = core;
  if (sharesMemory && core instanceof ChannelCore && (elsewhere === undefined || elsewhere instanceof SharedChannel)) return undefined;
  if (elsewhere === undefined) new HomeChannel<unknown>(core).settle(sharesMemory);
  if (!sharesMemory && core.elsewhere instanceof HomeChannel) core.elsewhere.leaveProcess();
  const of = core instanceof BroadcastCore ? "broadcast" : "channel";
  const what = end === undefined ? "whole" : end instanceof SenderEnd ? "sender" : "receiver";
  const handle = { kind: "channel", id: idOf(core), title: core.title, capacity: core.capacity, of, what } as const;
  return { handle: end === undefined ? handle : { ...handle, ...giveEnd(core, end) }, mention };
}

/** The channel, broadcast or end that a handle stands for. Throws `TypeError` for one that is not known here. */
export function find(handle: Handle): unknown {
  const core = coreOf(handle);
  const { what } = handle;
  if (what === "whole") return core instanceof ChannelCore ? channelOver(core) : broadcastOver(core);
  return endOf(core, what === "sender", String(handle["end"]), String(handle["giver"]));
}

function coreOf({ id, title, capacity, of }: Handle): AnyCore {
  const known = coreNamed(String(id));
  if (known !== undefined) return known;
  const upper = upperLink();
  if (upper === undefined)
    throw new TypeError(`${String(title)} is not known here: it belongs to a program that this one has no link to, or is gone.`);
  const settings = { title: String(title), capacity: Number(capacity), overflow: "wait" } as const;
  const core: AnyCore = of === "broadcast" ? new BroadcastCore<unknown>(settings) : new ChannelCore<unknown>(settings);
  RemoteChannel.over(core, upper, upper.have(core, String(id)));
  return core;
}

function endOf(core: AnyCore, sends: boolean, id: string, giver: string): object {
  const known = knownEnd(core, id);
  const { elsewhere } = core;
  if (known !== undefined) {
    noteArrived(id, giver, here());
    // It has come by another way, too: its giver is told that it has arrived.
    if (elsewhere instanceof RemoteChannel && giver !== here()) elsewhere.receiveEnd(known, sends, id, giver);
    return known;
  }
  const end = sends
    ? new SenderEnd<unknown>(core, false)
    : new ReceiverEnd<unknown>(core instanceof BroadcastCore ? core.join() : core.inbox);
  if (id === "" || !(elsewhere instanceof RemoteChannel)) end.closed = true;
  else {
    meetEnd(core, end, id);
    elsewhere.receiveEnd(end, sends, id, giver);
  }
  return end;
}
