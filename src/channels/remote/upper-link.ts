// The link of this thread to the side above it, for channels: what is asked there, and what has been answered. Every operation on a
// channel whose home is above is one entry here until its answer comes; a cancel is a question too.

import type { ChannelStatistics } from "../../contract/channel.ts";
import { UnsupportedError } from "../../contract/errors.ts";
import { enterBlockingWait, leaveBlockingWait } from "../../core/blocking.ts";
import { decodeError, encodeError } from "../../wire/codec.ts";
import { exportedClass, resolveClass } from "../../wire/module-namespaces.ts";
import { Answer, Up } from "./messages.ts";
import { type AnyCore, idOf, type Mention, nameCore } from "./naming.ts";
import { Packed } from "./packed.ts";
import { PacketReader, PacketWriter } from "./packets.ts";
import { here } from "./travelling-ends.ts";

/** What carries the messages. */
export interface ChannelsLink {
  readonly sharesMemory: boolean;
  send(frame: {
    readonly type: "channels";
    readonly payload: { readonly bytes: Uint8Array; readonly attachments?: readonly unknown[] };
  }): void;
  /** Blocks until something has come, `timeoutMs` at most; absent where impossible. */
  readonly wait?: ((timeoutMs: number) => void) | undefined;
}

/** One case of an operation: a plain operation has one. */
export interface FarCase {
  readonly channel: number;
  /** 0 for the channel itself. */
  readonly end: number;
  readonly kind: number;
  readonly packed: Packed | undefined;
}

export interface FarAnswer {
  /** Which case. */
  readonly which: number;
  readonly kind: number;
  readonly packed: Packed | undefined;
  /** The error in it, decoded. */
  readonly error: unknown;
  readonly state: (ChannelStatistics & { readonly closed: boolean }) | undefined;
  /** The number of the operation: also that of the permit. */
  readonly number: number;
}

/** More than this does not wait for the end of the tick. */
const fullBytes = 64 * 1024;
const waitMs = 1_000;

export class UpperLink {
  readonly #link: ChannelsLink;
  readonly #out = new PacketWriter();
  readonly #numbers = new WeakMap<AnyCore, number>();
  readonly #pending = new Map<number, (answer: FarAnswer) => void>();
  readonly #gone = new FinalizationRegistry<number>((channel) => this.#message(Up.LET_GO).u32(channel));
  /** What channels were closed with on this thread. */
  readonly #errors = new Map<number, WeakRef<object>>();
  readonly #errorsGone = new FinalizationRegistry<number>((number) => this.#errors.delete(number));
  #lastError = 0;
  #lastChannel = 0;
  #lastOperation = 0;
  #lastEnd = 0;
  #scheduled = false;
  #greeted = false;
  /** Values that were taken over here, since the last message. */
  #seen = 0;
  #acknowledging: NodeJS.Immediate | undefined;
  /** Sees to it that the homes of these are above. */
  rise: (mentions: readonly Mention[]) => void = () => {};

  constructor(link: ChannelsLink) {
    this.#link = link;
    process.on("exit", () => this.flush());
  }

  get sharesMemory(): boolean {
    return this.#link.sharesMemory;
  }

  /** Operations that have not been answered. */
  get waiting(): number {
    return this.#pending.size;
  }

  // ---- channels and ends ----

  numberOf(core: AnyCore): number {
    return this.#numbers.get(core) ?? this.have(core, idOf(core));
  }

  have(core: AnyCore, id: string): number {
    nameCore(core, id);
    const number = this.#number(core);
    this.#message(Up.HAVE).u32(number).text(id);
    return number;
  }

  #number(core: AnyCore): number {
    const number = ++this.#lastChannel;
    this.#numbers.set(core, number);
    this.#gone.register(core, number);
    return number;
  }

  /** A channel of this thread moves up: what follows is written by the caller. */
  move(core: AnyCore): { readonly channel: number; readonly out: PacketWriter } {
    const channel = this.#number(core);
    return { channel, out: this.#message(Up.MOVE).u32(channel).text(idOf(core)) };
  }

  openEnd(channel: number, sends: boolean): number {
    const end = ++this.#lastEnd;
    this.#message(Up.OPEN_END)
      .u32(channel)
      .u32(end)
      .u8(sends ? 1 : 0);
    return end;
  }

  /** The number for an end that is moved. */
  nextEnd(): number {
    return ++this.#lastEnd;
  }

  haveEnd(channel: number, sends: boolean, id: string, giver: string): number {
    const end = ++this.#lastEnd;
    this.#message(Up.HAVE_END)
      .u32(channel)
      .u32(end)
      .u8(sends ? 1 : 0)
      .text(id)
      .text(giver);
    return end;
  }

  closeEnd(channel: number, end: number, error: unknown): void {
    this.writeError(this.#message(Up.CLOSE_END).u32(channel).u32(end), error);
  }

  giveEnd(end: number, id: string, giver: string): void {
    this.#message(Up.GIVE_END).u32(end).text(id).text(giver);
  }

  close(channel: number, error: unknown): void {
    this.writeError(this.#message(Up.CLOSE).u32(channel), error);
  }

  /** With a number: whoever receives on this thread gets the very error. */
  writeError(out: PacketWriter, error: unknown): void {
    if (error === undefined) {
      out.u8(0);
      return;
    }
    const number = ++this.#lastError;
    if (typeof error === "object" && error !== null) {
      this.#errors.set(number, new WeakRef(error));
      this.#errorsGone.register(error, number);
    }
    out
      .u8(1)
      .u32(number)
      .bytes(encodeError(error, { root: "message", sharesMemory: false, exportedClass }).bytes);
  }

  #readError(packet: PacketReader): unknown {
    if (packet.u8() === 0) return undefined;
    const own = this.#errors.get(packet.u32())?.deref();
    const bytes = packet.bytes();
    return own ?? decodeError({ bytes }, { resolveClass });
  }

  // ---- operations ----

  /** Begins an operation; `tell` gets its answer. Throws `NotSerializableError` when a channel in a value cannot go up. */
  begin(cases: readonly FarCase[], flags: number, tell: (answer: FarAnswer) => void): number {
    for (const { packed } of cases) if (packed !== undefined) this.#announce(packed);
    const number = this.#next(tell);
    const out = this.#message(Up.BEGIN).u32(number).u8(flags).u32(cases.length);
    for (const { channel, end, kind, packed } of cases) {
      out.u32(channel).u32(end).u8(kind);
      if (packed !== undefined) this.writePacked(out, packed);
    }
    if (out.length > fullBytes) this.flush();
    return number;
  }

  /** The channels in a value, before the message with it begins: each may need one of its own. */
  #announce({ mentions }: Packed): void {
    if (mentions.length === 0) return;
    this.rise(mentions);
    for (const { core } of mentions) this.numberOf(core);
  }

  /** The number for a permit that is moved. */
  nextPermit(): number {
    return ++this.#lastOperation;
  }

  #next(tell: (answer: FarAnswer) => void): number {
    const number = ++this.#lastOperation;
    this.#pending.set(number, tell);
    return number;
  }

  /** A value, and the channels in it. */
  writePacked(out: PacketWriter, { bytes, attachments, mentions }: Packed): void {
    out.value(bytes, attachments).u32(mentions.length);
    for (const { core } of mentions) out.u32(this.numberOf(core));
  }

  withdraw(operation: number): void {
    if (this.#pending.has(operation)) this.#message(Up.WITHDRAW).u32(operation);
  }

  giveBack(permit: number): void {
    this.#message(Up.GIVE_BACK).u32(permit);
  }

  /** Values that were received over this link go back. */
  takeBack(channel: number, values: readonly { readonly end: number; readonly packed: Packed }[]): void {
    for (const { packed } of values) this.#announce(packed);
    const out = this.#message(Up.RETURN).u32(channel).u32(values.length);
    for (const { end, packed } of values) this.writePacked(out.u32(end), packed);
  }

  /** Whether an answer can be waited for without the event loop. */
  get blocks(): boolean {
    return this.#link.wait !== undefined;
  }

  /** Begins an operation and blocks until it is answered. `onWait` is called every `waitMs` at most, and may withdraw it. */
  exchange(operation: string, cases: readonly FarCase[], flags: number, onWait?: (number: number) => number): FarAnswer {
    this.#checkBlocking(operation);
    return this.#await((tell) => this.begin(cases, flags, tell), onWait);
  }

  fill(permit: number, packed: Packed, tell: (answer: FarAnswer) => void): number {
    this.#announce(packed);
    const number = this.#next(tell);
    this.writePacked(this.#message(Up.FILL).u32(number).u32(permit), packed);
    return number;
  }

  fillSync(permit: number, packed: Packed): FarAnswer {
    this.#checkBlocking("send of a permit");
    return this.#await((tell) => this.fill(permit, packed, tell));
  }

  ask(operation: string, channel: number): FarAnswer {
    this.#checkBlocking(operation);
    return this.#await((tell) => {
      const number = this.#next(tell);
      this.#message(Up.ASK).u32(number).u32(channel);
      return number;
    });
  }

  #checkBlocking(operation: string): void {
    if (this.blocks) return;
    const message = `${operation} on a channel of another process needs an answer at once, which cannot be had on this platform: await instead.`;
    throw new UnsupportedError(message, operation);
  }

  #await(begin: (tell: (answer: FarAnswer) => void) => number, onWait?: (number: number) => number): FarAnswer {
    let answered: FarAnswer | undefined;
    const number = begin((answer) => {
      answered = answer;
    });
    this.flush();
    enterBlockingWait("the side where a channel was made");
    try {
      while (answered === undefined) this.#link.wait?.(onWait?.(number) ?? waitMs);
    } finally {
      leaveBlockingWait();
    }
    return answered;
  }

  // ---- messages ----

  /** Begins a message, which leaves at the end of this tick. */
  #message(kind: number): PacketWriter {
    const out = this.#out;
    if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(() => this.flush());
    }
    // Room for what has been seen by the time it leaves.
    if (out.length === 0) out.u32(0);
    if (!this.#greeted) {
      this.#greeted = true;
      out.u8(Up.HELLO).text(here());
    }
    return out.u8(kind);
  }

  /** What there is to say leaves now. */
  flush(): void {
    this.#scheduled = false;
    if (this.#acknowledging !== undefined) {
      clearImmediate(this.#acknowledging);
      this.#acknowledging = undefined;
    }
    const out = this.#out;
    if (out.length === 0 && this.#seen === 0) return;
    if (out.length === 0) out.u32(0);
    const payload = out.setU32(0, this.#seen).take();
    this.#seen = 0;
    this.#link.send({ type: "channels", payload });
  }

  /** Messages of the side above. */
  arrived(bytes: Uint8Array, attachments: readonly unknown[]): void {
    const packet = new PacketReader(bytes, attachments);
    while (!packet.done) this.#answered(packet);
  }

  #answered(packet: PacketReader): void {
    const number = packet.u32();
    const which = packet.u32();
    const kind = packet.u8();
    let packed: Packed | undefined;
    let error: unknown;
    let state: FarAnswer["state"];
    if (kind === Answer.VALUE) {
      const value = packet.value();
      packed = new Packed(value.bytes, value.attachments, [], undefined, packet.u8() === 1);
    } else if (kind === Answer.CLOSED || kind === Answer.FAILED) error = this.#readError(packet);
    else if (kind === Answer.STATE) state = readState(packet);
    const tell = this.#pending.get(number);
    this.#pending.delete(number);
    try {
      tell?.({ which, kind, packed, error, state, number });
    } finally {
      if (kind === Answer.VALUE) this.#acknowledge();
    }
  }

  /** The other side keeps a value until it knows that it has been taken over. Who receives again says so by that. */
  #acknowledge(): void {
    this.#seen++;
    this.#acknowledging ??= setImmediate(() => this.flush());
  }
}

function readState(packet: PacketReader): NonNullable<FarAnswer["state"]> {
  return {
    closed: packet.u8() === 1,
    capacity: packet.float(),
    buffered: packet.u32(),
    dropped: packet.float(),
    waitingSenders: packet.u32(),
    waitingReceivers: packet.u32(),
    senders: packet.u32(),
    receivers: packet.u32(),
  };
}

let upper: UpperLink | undefined;

/** The link of this thread to the side above; `undefined` on the thread that nobody of brigade has started. */
export function upperLink(): UpperLink | undefined {
  return upper;
}

export function openUpperLink(link: ChannelsLink): UpperLink {
  upper = new UpperLink(link);
  return upper;
}
