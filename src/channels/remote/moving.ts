// Channels that move up. A channel that is given to the side above has its home there from then on: what it holds goes along, who waits here
// waits there, and the sides below, which had it from here, do not notice. Nobody else can serve it meanwhile: it is one synchronous stretch,
// and whatever is asked for afterwards comes behind it on the same link.
import type { Overflow } from "../../contract/channel.ts";
import { NotSerializableError } from "../../contract/errors.ts";
import { Parked } from "../../core/parked.ts";
import { BroadcastCore } from "../broadcast-core.ts";
import { ChannelCore } from "../channel-core.ts";
import { ReceiverEnd, SenderEnd } from "../ends.ts";
import { HeldPermit } from "../permit.ts";
import { HomeChannel } from "./home-channel.ts";
import { type AnyCore, type AnyEnd, coreNamed, type Mention, nameCore } from "./naming.ts";
import type { Packed } from "./packed.ts";
import type { PacketReader } from "./packets.ts";
import { RemoteChannel } from "./remote-channel.ts";
import { type GivenPermit, givenPermit } from "./served-operation.ts";
import { here, nameOfEnd } from "./travelling-ends.ts";
import type { UpperLink } from "./upper-link.ts";

const overflows: readonly Overflow[] = ["wait", "drop-oldest", "drop-newest"];
const obstacles = [undefined, "closed", "broken"] as const;

/** Sees to it that the homes of these channels are above, before a value that mentions them goes there. Throws `NotSerializableError` for one
 *  that cannot move. */
export function rise(mentions: readonly Mention[], upper: UpperLink, restand: (core: AnyCore) => void): void {
  for (const { core, end } of mentions) {
    if (core.elsewhere instanceof HomeChannel) move(core, core.elsewhere, upper, restand);
    const { elsewhere } = core;
    if (!(elsewhere instanceof RemoteChannel)) {
      const message = `message cannot travel: it has ${core.title}, which threads of this process share; make the channel in the parent and give it to them.`;
      throw new NotSerializableError(message, "message");
    }
    const id = end === undefined ? undefined : nameOfEnd(end);
    if (end !== undefined && id !== undefined && !end.closed) upper.giveEnd(elsewhere.endOf(end), id, here());
  }
}

function move(core: AnyCore, home: HomeChannel<unknown>, upper: UpperLink, restand: (core: AnyCore) => void): void {
  const { inner } = home;
  const outers = home.outers();
  const inboxes = outers.map((outer) => home.innerOf(outer));
  for (const { buffer } of inboxes) for (const { mentions } of buffer) rise(mentions, upper, restand);
  const { channel, out } = upper.move(core);
  const { title, capacity, overflow } = core;
  out
    .u8(core instanceof BroadcastCore ? 1 : 0)
    .text(title)
    .float(capacity)
    .u8(overflows.indexOf(overflow))
    .float(inner.dropped);
  out.u8(Math.max(0, obstacles.indexOf(inner.obstacle as "closed")));
  upper.writeError(out, inner.error);
  const senders = numbers(inner.sides, () => upper.nextEnd());
  const receivers = numbers(inner instanceof ChannelCore ? inner.receivingSides : outers.length, () => upper.nextEnd());
  const permits = numbers(inner.reserved, () => upper.nextPermit());
  for (const list of [senders, receivers, permits]) {
    out.u32(list.length);
    for (const number of list) out.u32(number);
  }
  for (const { buffer } of inboxes) {
    out.u32(buffer.length);
    for (const value of buffer) upper.writePacked(out, value);
  }
  const remote = new RemoteChannel<unknown>(core, upper, channel, permits, {
    senders,
    receivers: core instanceof ChannelCore ? receivers : [],
  });
  if (core instanceof BroadcastCore) for (const [index, outer] of outers.entries()) remote.bindEnd(outer, receivers[index] as number);
  remote.holdError(inner.error);
  core.elsewhere = remote;
  // Permits that sides below hold are of this state.
  inner.elsewhere = remote as never;
  inner.obstacle = "elsewhere";
  askAbove(home, remote);
  restand(core);
}

/** Those of this thread who waited at home wait above. */
function askAbove(home: HomeChannel<unknown>, remote: RemoteChannel<unknown>): void {
  const selects = new Set<{ moved(): void }>();
  for (const { node, receives } of home.standing()) {
    home.delist(node);
    if (node instanceof Parked) node.home = receives ? remote.receivers : remote.senders;
    if (node.select !== undefined) selects.add(node.select as { moved(): void });
    if (receives) remote.enlistReceiver(node);
    else remote.enlistSender(node);
  }
  for (const select of selects) select.moved();
}

function numbers(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

/** A channel that has moved up to here. */
export interface Moved {
  readonly core: AnyCore;
  readonly ends: readonly (readonly [number, AnyEnd])[];
  readonly permits: readonly (readonly [number, GivenPermit])[];
}

/** Takes in a channel from a side below. Throws `RangeError` for what cannot be one. */
export function receiveMoved(packet: PacketReader, readPacked: () => Packed, readError: () => unknown, sharesMemory: boolean): Moved {
  const id = packet.text();
  if (coreNamed(id) !== undefined) throw new RangeError("A channel moves to where it is.");
  const isBroadcast = packet.u8() === 1;
  const settings = { title: packet.text(), capacity: packet.float(), overflow: overflows[packet.u8()] };
  if (settings.overflow === undefined || !(settings.capacity >= 0)) throw new RangeError("A channel has settings that cannot be.");
  const checked = { ...settings, overflow: settings.overflow };
  const core: AnyCore = isBroadcast ? new BroadcastCore<unknown>(checked) : new ChannelCore<unknown>(checked);
  const home = new HomeChannel<unknown>(core);
  home.settle(sharesMemory);
  const { inner } = home;
  inner.dropped = packet.float();
  const obstacle = obstacles[packet.u8()];
  const error = readError();
  const list = () => numbers(countOf(packet), () => packet.u32());
  const [senders, receivers, permits] = [list(), list(), list()];
  const ends: (readonly [number, AnyEnd])[] = senders.map((number) => [number, new SenderEnd<unknown>(core)]);
  const inboxes = inner instanceof ChannelCore ? [inner.inbox] : [];
  for (const number of receivers) {
    const end = new ReceiverEnd<unknown>(core instanceof BroadcastCore ? core.join() : core.inbox);
    home.openSide(end, false);
    if (isBroadcast) inboxes.push(home.inboxOf(end));
    ends.push([number, end]);
  }
  for (const inbox of inboxes) for (let left = countOf(packet); left > 0; left--) inner.load(inbox, readPacked());
  inner.reserved = permits.length;
  const given = permits.map((number) => [number, givenPermit(new HeldPermit<Packed>(inner, undefined))] as const);
  if (obstacle === "closed") inner.close(error);
  else {
    inner.obstacle = obstacle;
    inner.error = error;
  }
  nameCore(core, id);
  return { core, ends, permits: given };
}

/** How many follow, of four bytes each at least. */
function countOf(packet: PacketReader): number {
  const count = packet.u32();
  if (count * 4 > packet.left) throw new RangeError("A message about a channel ends too early.");
  return count;
}
