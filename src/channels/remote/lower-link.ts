// A link to a side below, for channels: what that side has of channels of this thread, and what it waits for. Nothing that comes is
// trusted: a message that cannot be ends the side that sent it, and no other.
import { decodeError, encodeError } from "../../wire/codec.ts";
import { exportedClass, resolveClass } from "../../wire/module-namespaces.ts";
import { BroadcastCore } from "../broadcast-core.ts";
import { ReceiverEnd, SenderEnd } from "../ends.ts";
import { HomeChannel } from "./home-channel.ts";
import { Answer, RECEIVE, RESERVE, SEND, Up } from "./messages.ts";
import { receiveMoved } from "./moving.ts";
import { type AnyCore, type AnyEnd, coreNamed, type Mention } from "./naming.ts";
import { copied, Packed } from "./packed.ts";
import { PacketReader, PacketWriter } from "./packets.ts";
import { ForwardedOperation, TranslatedOperation } from "./passed-operation.ts";
import { RemoteChannel } from "./remote-channel.ts";
import { type Returned, takeBack } from "./returned.ts";
import { type GivenPermit, type Outcome, ServedOperation, type Standing, type WantedCase } from "./served-operation.ts";
import { forgetEnd, holderGone, knownEnd, noteArrived, noteGiven } from "./travelling-ends.ts";
import type { ChannelsLink } from "./upper-link.ts";

/** How long a channel that moved up is kept after its maker has let it go: an answer that mentions it may be on its way to another side. */
const lingerMs = 10_000;
const fullBytes = 64 * 1024;
const mostCases = 10_000;
const none: readonly never[] = [];

interface Begun extends WantedCases {
  standing: Standing | undefined;
}
interface WantedCases {
  readonly wanted: readonly WantedCase[];
  readonly flags: number;
}

let lastLink = 0;
/** All links of this thread, for channels that move. */
const links = new Set<LowerLink>();

export function lowerLinks(): Iterable<LowerLink> {
  return links;
}

/** Those with answers that have not left. */
const unsent = new Set<LowerLink>();

/** All answers leave now; otherwise at the end of the tick, which does not come while this thread is blocked. */
export function flushAnswers(): void {
  for (const link of unsent) link.flush();
}

export class LowerLink {
  readonly #link: ChannelsLink;
  readonly #distrust: (error: unknown) => void;
  readonly #out = new PacketWriter();
  #over = false;
  /** Its name among those that hold ends, which it says first of all. */
  #key = `link ${++lastLink}`;
  readonly #channels = new Map<number, AnyCore>();
  readonly #ends = new Map<number, { readonly core: AnyCore; readonly end: AnyEnd }>();
  readonly #operations = new Map<number, Begun>();
  readonly #permits = new Map<number, GivenPermit>();
  /** Values that have been sent and not been taken over, as far as is known, in order. */
  #unseen: Outcome[] = [];
  /** How many were taken over: no more can be given back. */
  #takenOver = 0;
  /** Errors that came from the side below, and their numbers there. */
  readonly #errors = new WeakMap<object, number>();
  #lastChannel = 0;
  #lastOperation = 0;
  #lastEnd = 0;

  /** `distrust` ends the side below. */
  constructor(link: ChannelsLink, distrust: (error: unknown) => void) {
    this.#link = link;
    this.#distrust = distrust;
    links.add(this);
  }

  /** What is kept for the side below, in numbers. */
  get sizes(): Readonly<Record<"channels" | "ends" | "operations" | "permits" | "unseen", number>> {
    return {
      channels: this.#channels.size,
      ends: this.#ends.size,
      operations: this.#operations.size,
      permits: this.#permits.size,
      unseen: this.#unseen.length,
    };
  }

  /** Messages of the side below. */
  arrived(bytes: Uint8Array, attachments: readonly unknown[]): void {
    if (this.#over) return;
    try {
      const packet = new PacketReader(bytes, attachments);
      const seen = packet.u32();
      if (seen > this.#unseen.length) throw new RangeError(`${seen} values were taken over, and ${this.#unseen.length} had been sent.`);
      this.#takenOver += seen;
      while (!packet.done) this.#message(packet);
      // After what it said of the channels in those values.
      if (seen > 0) this.#unseen = this.#unseen.slice(seen);
    } catch (error) {
      const message = "A message about a channel cannot be; its sender is not trusted any more.";
      this.#distrust(new RangeError(message, { cause: error }));
      this.ended();
    }
  }

  /** The side below is gone: what it waited for has not happened, what it held is free, what it never got is there again. */
  ended(): void {
    if (this.#over) return;
    this.#over = true;
    links.delete(this);
    unsent.delete(this);
    for (const [number, { standing }] of this.#operations) if (standing?.withdraw() !== false) this.#operations.delete(number);
    this.#returnUnseen();
    for (const permit of this.#permits.values()) permit.giveBack();
    this.#permits.clear();
    for (const { end } of this.#ends.values()) holderGone(end, this.#key);
    this.#ends.clear();
    this.#channels.clear();
  }

  /** All together, since their order is lost otherwise: what has happened and is not answered yet brings the last of them. */
  #returnUnseen(): void {
    if (this.#operations.size > 0) return;
    const returned = new Map<AnyCore, Returned[]>();
    for (const { from, packed } of this.#unseen) {
      if (from === undefined || packed === undefined) continue;
      const values = returned.get(from.core) ?? [];
      returned.set(from.core, values);
      values.push({ end: from.end as ReceiverEnd<unknown> | undefined, packed });
    }
    this.#unseen = [];
    for (const [core, values] of returned) takeBack(core, values);
  }

  // ---- messages ----

  #message(packet: PacketReader): void {
    const kind = packet.u8();
    switch (kind) {
      case Up.HELLO:
        this.#key = packet.text();
        break;
      case Up.HAVE:
        this.#have(packet.u32(), packet.text());
        break;
      case Up.LET_GO:
        this.#letGo(packet.u32());
        break;
      case Up.BEGIN:
        this.#begin(packet);
        break;
      case Up.WITHDRAW:
        this.#withdraw(packet.u32());
        break;
      case Up.FILL:
        this.#fill(packet);
        break;
      case Up.GIVE_BACK:
        this.#permit(packet.u32()).giveBack();
        break;
      case Up.OPEN_END:
        this.#openEnd(packet);
        break;
      case Up.HAVE_END:
        this.#haveEnd(packet);
        break;
      case Up.CLOSE_END:
        this.#closeEnd(packet);
        break;
      case Up.GIVE_END:
        this.#giveEnd(packet);
        break;
      case Up.CLOSE: {
        const core = this.#channel(packet.u32());
        core.close(this.#error(packet));
        break;
      }
      case Up.RETURN:
        this.#giveBackValues(packet);
        break;
      case Up.ASK:
        this.#ask(packet.u32(), this.#channel(packet.u32()));
        break;
      case Up.MOVE:
        this.#move(packet);
        break;
      default:
        throw new RangeError(`There is no message of kind ${kind}.`);
    }
  }

  #error(packet: PacketReader): unknown {
    if (packet.u8() === 0) return undefined;
    const number = packet.u32();
    const error: unknown = decodeError({ bytes: packet.bytes() }, { resolveClass });
    if (typeof error === "object" && error !== null) this.#errors.set(error, number);
    return error;
  }

  #channel(number: number): AnyCore {
    const core = this.#channels.get(number);
    if (core === undefined) throw new RangeError(`There is no channel ${number}.`);
    return core;
  }

  #newChannel(number: number): void {
    if (number <= this.#lastChannel) throw new RangeError(`There has been a channel ${number}.`);
    this.#lastChannel = number;
  }

  #have(number: number, id: string): void {
    this.#newChannel(number);
    const core = coreNamed(id);
    if (core?.elsewhere === undefined) throw new RangeError("It has a channel that was never given away.");
    if (!this.#link.sharesMemory && core.elsewhere instanceof HomeChannel) core.elsewhere.leaveProcess();
    this.#channels.set(number, core);
  }

  #letGo(number: number): void {
    const core = this.#channel(number);
    this.#channels.delete(number);
    setTimeout(() => void core, lingerMs).unref();
  }

  #move(packet: PacketReader): void {
    const number = packet.u32();
    this.#newChannel(number);
    const moved = receiveMoved(
      packet,
      () => this.#packed(packet),
      () => this.#error(packet),
      this.#link.sharesMemory,
    );
    this.#channels.set(number, moved.core);
    for (const [end, each] of moved.ends) {
      this.#newEnd(end);
      this.#ends.set(end, { core: moved.core, end: each });
    }
    for (const [permit, each] of moved.permits) {
      this.#newOperation(permit);
      this.#permits.set(permit, each);
    }
  }

  // ---- ends ----

  #newEnd(number: number): void {
    if (number <= this.#lastEnd) throw new RangeError(`There has been an end ${number}.`);
    this.#lastEnd = number;
  }

  #makeEnd(core: AnyCore, sends: boolean): AnyEnd {
    if (sends) return new SenderEnd<unknown>(core);
    const end = new ReceiverEnd<unknown>(core instanceof BroadcastCore ? core.join() : core.inbox);
    core.elsewhere?.openSide(end, false);
    return end;
  }

  #openEnd(packet: PacketReader): void {
    const core = this.#channel(packet.u32());
    const number = packet.u32();
    this.#newEnd(number);
    this.#ends.set(number, { core, end: this.#makeEnd(core, packet.u8() === 1) });
  }

  #haveEnd(packet: PacketReader): void {
    const core = this.#channel(packet.u32());
    const number = packet.u32();
    this.#newEnd(number);
    const sends = packet.u8() === 1;
    const id = packet.text();
    const giver = packet.text();
    const end = knownEnd(core, id);
    // Closed meanwhile, and forgotten: it has no number here, and is refused as such.
    if (end === undefined || end instanceof SenderEnd !== sends) return;
    noteArrived(id, giver, this.#key);
    this.#ends.set(number, { core, end });
  }

  #closeEnd(packet: PacketReader): void {
    this.#channel(packet.u32());
    const number = packet.u32();
    const error = this.#error(packet);
    const known = this.#ends.get(number);
    this.#ends.delete(number);
    if (known === undefined) return;
    if (known.end instanceof SenderEnd) known.end.close(error);
    else known.end.close();
    forgetEnd(known.end);
  }

  #giveEnd(packet: PacketReader): void {
    const known = this.#ends.get(packet.u32());
    const id = packet.text();
    const giver = packet.text();
    if (known !== undefined) noteGiven(known.core, known.end, id, giver);
  }

  // ---- operations ----

  #newOperation(number: number): void {
    if (number <= this.#lastOperation) throw new RangeError(`There has been an operation ${number}.`);
    this.#lastOperation = number;
  }

  #begin(packet: PacketReader): void {
    const number = packet.u32();
    this.#newOperation(number);
    const flags = packet.u8();
    const count = packet.u32();
    if (count === 0 || count > mostCases) throw new RangeError(`An operation has ${count} cases.`);
    const wanted: WantedCase[] = [];
    let refusal: Outcome | undefined;
    let refused = 0;
    for (let which = 0; which < count; which++) {
      const core = this.#channel(packet.u32());
      const endNumber = packet.u32();
      const kind = packet.u8();
      if (kind !== SEND && kind !== RECEIVE && kind !== RESERVE) throw new RangeError(`There is no operation of kind ${kind}.`);
      const packed = kind === SEND ? this.#packed(packet) : undefined;
      const end = endNumber === 0 ? undefined : this.#ends.get(endNumber)?.end;
      const isClosed = endNumber !== 0 && end === undefined;
      if (end !== undefined && end instanceof ReceiverEnd !== (kind === RECEIVE)) throw new RangeError("An end of the other kind.");
      if (!isClosed && kind === RECEIVE && end === undefined && core instanceof BroadcastCore)
        throw new RangeError("No end to receive on.");
      if (isClosed && refusal === undefined) [refusal, refused] = [{ kind: kind === RECEIVE ? Answer.OVER : Answer.END_CLOSED }, which];
      wanted.push({ core, end, kind, packed });
    }
    const begun: Begun = { wanted, flags, standing: undefined };
    this.#operations.set(number, begun);
    if (refusal !== undefined) this.#answer(number, refused, refusal);
    else this.#stand(number, begun);
  }

  #stand(number: number, begun: Begun): void {
    const { wanted, flags } = begun;
    const tell = (which: number, outcome: Outcome) => this.#answer(number, which, outcome);
    try {
      if (wanted.every(({ core }) => core.elsewhere instanceof HomeChannel)) {
        const served = new ServedOperation(wanted, flags, tell);
        begun.standing = served;
        served.begin();
      } else if (wanted.every(({ core }) => core.elsewhere instanceof RemoteChannel)) {
        begun.standing = new ForwardedOperation(wanted, flags, tell, this.#link.sharesMemory);
      } else begun.standing = new TranslatedOperation(wanted, flags, tell, this.#link.sharesMemory);
    } catch (error) {
      this.#answer(number, 0, { kind: Answer.FAILED, error });
    }
  }

  /** A channel has moved: what stood in its lines begins anew where it is now. */
  restand(core: AnyCore): void {
    for (const [number, begun] of this.#operations) {
      if (begun.standing instanceof ServedOperation && begun.wanted.some((each) => each.core === core) && begun.standing.withdraw())
        this.#stand(number, begun);
    }
  }

  #withdraw(number: number): void {
    if (number > this.#lastOperation) throw new RangeError(`There is no operation ${number}.`);
    const begun = this.#operations.get(number);
    // Answered: that is on its way.
    if (begun?.standing === undefined) return;
    if (begun.standing.withdraw()) this.#answer(number, 0, { kind: Answer.WITHDRAWN });
  }

  #giveBackValues(packet: PacketReader): void {
    const core = this.#channel(packet.u32());
    const count = packet.u32();
    if (count > this.#takenOver) throw new RangeError(`${count} values come back, and ${this.#takenOver} had been taken over.`);
    this.#takenOver -= count;
    const values: Returned[] = [];
    for (let left = count; left > 0; left--) {
      const end = this.#ends.get(packet.u32())?.end;
      const packed = this.#packed(packet);
      if (end instanceof SenderEnd) throw new RangeError("An end of the other kind.");
      // What an end of a broadcast had is nobody's when the end is closed.
      if (end !== undefined || !(core instanceof BroadcastCore)) values.push({ end, packed });
    }
    takeBack(core, values);
  }

  #permit(number: number): GivenPermit {
    const permit = this.#permits.get(number);
    if (permit === undefined) throw new RangeError(`There is no permit ${number}.`);
    this.#permits.delete(number);
    return permit;
  }

  #fill(packet: PacketReader): void {
    const number = packet.u32();
    this.#newOperation(number);
    const permit = this.#permit(packet.u32());
    permit.fill(this.#packed(packet), (outcome) => this.#answer(number, 0, outcome));
  }

  /** A value, and the channels in it. */
  #packed(packet: PacketReader): Packed {
    const { bytes, attachments } = packet.value();
    let left = packet.u32();
    if (left === 0) return new Packed(bytes, attachments, none, undefined);
    const mentions: Mention[] = [];
    for (; left > 0; left--) mentions.push({ core: this.#channel(packet.u32()), end: undefined });
    return new Packed(bytes, attachments, mentions, undefined);
  }

  // ---- answers ----

  #begins(): PacketWriter {
    if (unsent.size === 0) process.nextTick(flushAnswers);
    unsent.add(this);
    return this.#out;
  }

  /** What is answered leaves now. */
  flush(): void {
    unsent.delete(this);
    if (this.#over || this.#out.length === 0) return;
    this.#link.send({ type: "channels", payload: this.#out.take() });
  }

  #answer(number: number, which: number, outcome: Outcome): void {
    this.#operations.delete(number);
    if (this.#over) {
      // It happened after the side below had gone.
      outcome.permit?.giveBack();
      if (outcome.packed !== undefined) this.#unseen.push(outcome);
      this.#returnUnseen();
      return;
    }
    const { kind, packed, permit } = outcome;
    const out = this.#begins().u32(number).u32(which).u8(kind);
    if (packed !== undefined) {
      this.#unseen.push(outcome);
      out.value(packed.bytes, copied(packed.attachments)).u8(packed.mentionsChannels ? 1 : 0);
    } else if (permit !== undefined) this.#permits.set(number, permit);
    else if (kind === Answer.CLOSED || kind === Answer.FAILED) this.#writeError(out, outcome.error);
    if (out.length > fullBytes) this.flush();
  }

  #writeError(out: PacketWriter, error: unknown): void {
    if (error === undefined) {
      out.u8(0);
      return;
    }
    const number = typeof error === "object" && error !== null ? this.#errors.get(error) : undefined;
    out
      .u8(1)
      .u32(number ?? 0)
      .bytes(encodeError(error, { root: "message", sharesMemory: false, exportedClass }).bytes);
  }

  #ask(number: number, core: AnyCore): void {
    this.#newOperation(number);
    const { capacity, buffered, dropped, waitingSenders, waitingReceivers, senders, receivers } = core.statistics();
    const out = this.#begins()
      .u32(number)
      .u32(0)
      .u8(Answer.STATE)
      .u8(core.closed ? 1 : 0)
      .float(capacity)
      .u32(buffered)
      .float(dropped);
    out.u32(waitingSenders).u32(waitingReceivers).u32(senders).u32(receivers);
  }
}
