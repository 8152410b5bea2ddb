// The core of a broadcast: each receiving end has a buffer of its own, and a value goes into all of them or waits for the slowest.
//
// Buffers of their own, not one log with a cursor for each end (Tokio, Effect): "drop-newest" loses a value for the ends that are full
// and for no other, which in a log is a hole that every reader has to know of (Effect-TS/effect#7184 is what comes of it).
//
// Invariants
// - A value is delivered to all ends in one step; so an end made before it gets it and one made after does not.
// - `#full` ends hold as many values as they may. Where sends wait, somebody waits only while an end is full (a reserved place counts)
//   or, at capacity 0, nobody receives.
// - At capacity 0 an end may hold one value: a send has happened when the first end takes it and is over when every end has it; nothing
//   else is accepted before. A cancel in between comes too late and lets the send succeed.
import type { ChannelStatistics } from "../contract/channel.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import { notReady } from "../core/clause.ts";
import { enterOperation } from "../core/parked.ts";
import { HandOver } from "./hand-over.ts";
import { type Party, waitingIn } from "./lines.ts";
import { type HandingOver, Offer, type OfferNode, type SendingSide } from "./offer.ts";
import { ReceivingHalf, type ReceivingSide } from "./receiving-half.ts";
import { SendingHalf } from "./sending-half.ts";
import type { ChannelSettings } from "./settings.ts";
import { paidOff } from "./turns.ts";

export class BroadcastCore<T> extends SendingHalf<T> {
  /** One for each receiving end that is open. */
  readonly inboxes = new Set<ReceivingHalf<T>>();
  /** How many values an end may hold. */
  readonly #limit: number;
  #full = 0;
  /** At capacity 0: a send that has happened and is not over. */
  #handOver: (OfferNode<T> & HandingOver) | undefined = undefined;

  constructor(settings: ChannelSettings) {
    super(settings);
    this.#limit = Math.max(1, settings.capacity);
  }

  /** How many wait to send, or for their value to be taken by all. */
  get waitingSenders(): number {
    return waitingIn(this.line) + (this.#handOver?.waiting ? 1 : 0);
  }

  override send(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void> {
    if (this.capacity > 0 || this.elsewhere !== undefined) return super.send(value, side, options);
    try {
      const scope = enterOperation(options);
      const accepted = this.attempt(value, side);
      if (accepted && this.#full === 0) return paidOff();
      const operation = new HandOver<T>(scope, options, this.line, new Offer(value, side, false));
      if (accepted) this.accepted(operation);
      else this.line.enlist(operation);
      return operation.promise as Promise<undefined>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  accept(value: T, from: Party | undefined): boolean {
    if (this.waits && !this.canAccept(from)) return false;
    this.#deliver(value, from, undefined);
    return true;
  }

  protected canAccept(from: Party | undefined): boolean {
    if (this.inboxes.size === 0) return true;
    return this.#allHaveRoom() && (this.capacity > 0 || this.#somebodyReceives(from));
  }

  /** Whoever asks while nobody holds a value makes the first in line happen. At other capacities nobody is in line then. */
  pull(inbox: ReceivingHalf<T>, standing: boolean): T | typeof notReady {
    if (!this.#allHaveRoom()) return notReady;
    const sender = this.firstWithValue(standing);
    if (sender === undefined) return notReady;
    this.line.remove(sender);
    const { value } = sender.payload;
    this.#deliver(value, sender, inbox);
    this.accepted(sender);
    return value;
  }

  taken({ buffer }: ReceivingHalf<T>): void {
    if (buffer.length === this.#limit - 1) this.#full--;
    this.#vacated();
  }

  /** Another receiving end is open. */
  join(): ReceivingHalf<T> {
    const inbox = new ReceivingHalf<T>(this);
    if (this.elsewhere !== undefined) inbox.finished = true;
    else if (this.obstacle === "closed") inbox.finish();
    else this.inboxes.add(inbox);
    return inbox;
  }

  leave(inbox: ReceivingHalf<T>, side: ReceivingSide): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.closeSide(side, undefined);
      return;
    }
    if (!this.inboxes.delete(inbox)) return;
    if (inbox.buffer.length === this.#limit) this.#full--;
    inbox.buffer.clear();
    inbox.line.settleAll(undefined);
    this.#vacated();
  }

  protected override accepted(node: OfferNode<T>): void {
    if ("happened" in node && this.#full > 0) {
      const handOver = node as OfferNode<T> & HandingOver;
      handOver.happened = true;
      this.#handOver = handOver;
    } else super.accepted(node);
  }

  /** Puts a value into a buffer, whatever room there is. */
  load({ buffer }: ReceivingHalf<T>, value: T): void {
    buffer.push(value);
    if (buffer.length === this.#limit) this.#full++;
  }

  /** A send that has happened and is not over, on its way to another core. */
  releaseHandOver(): (OfferNode<T> & HandingOver) | undefined {
    const node = this.#handOver;
    this.#handOver = undefined;
    return node;
  }

  resumeHandOver(node: OfferNode<T> & HandingOver): void {
    this.#handOver = node;
  }

  /** A value was given to a receiver of this end that died before it had it. */
  putBack(inbox: ReceivingHalf<T>, value: T): void {
    if (!this.inboxes.has(inbox) || inbox.handOn(value)) return;
    inbox.buffer.unshift(value);
    if (inbox.buffer.length === this.#limit) this.#full++;
  }

  /** Counts of this moment. */
  statistics(): ChannelStatistics {
    const { capacity, dropped, sides, inboxes, waitingSenders, elsewhere } = this;
    if (elsewhere !== undefined) return elsewhere.statistics();
    let buffered = 0;
    let waitingReceivers = 0;
    for (const { buffer, line } of inboxes) {
      buffered = Math.max(buffered, buffer.length);
      waitingReceivers += waitingIn(line);
    }
    return { capacity, buffered, dropped, waitingSenders, waitingReceivers, senders: sides, receivers: inboxes.size };
  }

  protected hasPlace(): boolean {
    return this.dropsOldest || (this.reserved < this.#limit && this.canAccept(undefined));
  }

  protected place(value: T): void {
    this.#deliver(value, undefined, undefined);
  }

  protected finish(): void {
    for (const inbox of this.inboxes) inbox.finish();
    this.#handOver?.settle(undefined);
  }

  #allHaveRoom(): boolean {
    if (this.reserved === 0) return this.#full === 0;
    for (const { buffer } of this.inboxes) if (buffer.length + this.reserved >= this.#limit) return false;
    return true;
  }

  #somebodyReceives(from: Party | undefined): boolean {
    for (const { line } of this.inboxes) if (line.firstFor(from) !== undefined) return true;
    return false;
  }

  /** Hands the value to those who wait, and puts it into the buffers of all others but one. */
  #deliver(value: T, from: Party | undefined, except: ReceivingHalf<T> | undefined): void {
    for (const inbox of this.inboxes) {
      if (inbox === except) continue;
      const receiver = inbox.line.firstFor(from);
      if (receiver === undefined) this.#store(inbox, value);
      else {
        inbox.line.remove(receiver);
        receiver.settle(value);
      }
    }
  }

  #store({ buffer }: ReceivingHalf<T>, value: T): void {
    if (!this.waits && buffer.length + this.reserved >= this.#limit) {
      this.dropped++;
      if (!this.dropsOldest) return;
      buffer.shift();
      buffer.push(value);
      return;
    }
    buffer.push(value);
    if (buffer.length === this.#limit) this.#full++;
  }

  #vacated(): void {
    if (this.#full === 0 && this.#handOver !== undefined) {
      this.#handOver.settle(undefined);
      this.#handOver = undefined;
    }
    if (this.line.length > 0) this.admit();
  }
}
