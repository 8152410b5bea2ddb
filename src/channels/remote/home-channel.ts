// The home of a channel that others have, too: a state like that of any channel, of values that are packed. It serves the tasks of this
// thread here and those of other sides by their links (`lower-link.ts`); all stand in the same lines.
import type { ChannelStatistics, Permit } from "../../contract/channel.ts";
import type { WaitOptions } from "../../contract/waiting.ts";
import { notReady } from "../../core/clause.ts";
import { currentScope } from "../../core/context.ts";
import { enterOperation, Parked } from "../../core/parked.ts";
import type { ParkingLot } from "../../core/parking-lot.ts";
import { noBlocking } from "../blocking.ts";
import { BroadcastCore } from "../broadcast-core.ts";
import { ChannelCore } from "../channel-core.ts";
import type { Elsewhere, WaitingNode } from "../elsewhere.ts";
import { halfOfReceiver, ReceiverEnd } from "../ends.ts";
import { HandOver } from "../hand-over.ts";
import { IteratorStep } from "../iterator.ts";
import { type HandingOver, Offer, type SendingSide } from "../offer.ts";
import type { HeldPermit } from "../permit.ts";
import { ReceivingHalf, type ReceivingSide } from "../receiving-half.ts";
import { refusal } from "../refusal.ts";
import { SharedPermit } from "../shared/permit.ts";
import { paid, paidOff } from "../turns.ts";
import { LineHome, type LineKeeper } from "./line-home.ts";
import type { AnyCore } from "./naming.ts";
import { Packed, pack, unpack } from "./packed.ts";
import type { Returned } from "./returned.ts";
import { forgetEnd } from "./travelling-ends.ts";

/** A state of packed values. */
export type PackedCore = ChannelCore<Packed> | BroadcastCore<Packed>;

class PackedChannel extends ChannelCore<Packed> {
  override refusal(value: unknown, side: SendingSide | undefined) {
    return super.refusal(value instanceof Packed ? value.given : value, side);
  }
}

class PackedBroadcast extends BroadcastCore<Packed> {
  override refusal(value: unknown, side: SendingSide | undefined) {
    return super.refusal(value instanceof Packed ? value.given : value, side);
  }
}

/** A node of this thread in a line of packed values. */
class Stand {
  next: never = undefined as never;
  previous: never = undefined as never;
  readonly node: WaitingNode;
  readonly payload: Offer<Packed> | ReceivingSide | undefined;
  readonly #home: HomeChannel<unknown>;

  constructor(home: HomeChannel<unknown>, node: WaitingNode, payload: Offer<Packed> | ReceivingSide | undefined) {
    this.#home = home;
    this.node = node;
    this.payload = payload;
  }

  get ready(): boolean {
    return this.node.ready;
  }

  get select(): object | undefined {
    return this.node.select;
  }

  settle(result: unknown): void {
    this.#home.told(this.node, this.payload, result);
  }

  fail(error: unknown): void {
    this.#home.left(this.node);
    this.node.fail(error);
  }
}

/** The same for a send that may happen before it is over. */
class HandOverStand extends Stand {
  get happened(): boolean {
    return (this.node as unknown as HandingOver).happened;
  }

  set happened(happened: boolean) {
    (this.node as unknown as HandingOver).happened = happened;
  }

  get waiting(): boolean {
    return (this.node as unknown as HandingOver).waiting;
  }
}

export class HomeChannel<T> implements Elsewhere<T>, LineKeeper {
  readonly inner: PackedCore;
  readonly senders: LineHome;
  readonly receivers: LineHome;
  ending = false;
  readonly #core: AnyCore;
  /** Values may go to other processes: shared memory in them is refused. */
  #sharesMemory = true;
  readonly #stands = new Map<WaitingNode, { readonly stand: Stand; readonly line: ParkingLot<never, never> }>();
  /** What the receiving ends of a broadcast have, by the half that the end knows. */
  readonly #inboxes = new Map<ReceivingHalf<unknown>, ReceivingHalf<Packed>>();

  constructor(core: AnyCore) {
    this.#core = core;
    this.inner = core instanceof ChannelCore ? new PackedChannel(core) : new PackedBroadcast(core);
    this.senders = new LineHome(this.inner, this);
    this.receivers = new LineHome({ waitingFor: `a value from ${core.title}` }, this);
  }

  get sharesMemory(): boolean {
    return this.#sharesMemory;
  }

  /** Another process has it from now on. */
  leaveProcess(): void {
    this.#sharesMemory = false;
  }

  inboxOf(side: ReceivingSide | undefined): ReceivingHalf<Packed> {
    const outer = this.#outer(side);
    if (side?.closed !== true || this.inner instanceof ChannelCore || this.#inboxes.has(outer)) return this.innerOf(outer);
    // It has left already, and does not come back by being asked.
    const none = new ReceivingHalf<Packed>(this.inner);
    none.finished = true;
    return none;
  }

  /** What receiving ends have, as they know it. */
  outers(): ReceivingHalf<unknown>[] {
    return this.#core instanceof ChannelCore ? [this.#core.inbox] : [...this.#inboxes.keys()];
  }

  innerOf(outer: ReceivingHalf<unknown>): ReceivingHalf<Packed> {
    if (this.inner instanceof ChannelCore) return this.inner.inbox;
    let inbox = this.#inboxes.get(outer);
    if (inbox === undefined) {
      inbox = this.inner.join();
      this.#inboxes.set(outer, inbox);
    }
    return inbox;
  }

  #outer(side: ReceivingSide | undefined): ReceivingHalf<unknown> {
    return this.#core instanceof ChannelCore ? this.#core.inbox : halfOfReceiver(side as ReceiverEnd<unknown>);
  }

  // ---- sending ----

  send(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void> {
    try {
      const scope = enterOperation(options);
      const offer = this.#offer(value, side, false);
      const handsOver = this.inner instanceof BroadcastCore && this.inner.capacity === 0;
      if (!handsOver && this.inner.attempt(offer.value, side)) return paidOff();
      const own = new Offer(value, side, false) as Offer<never>;
      const parked = handsOver
        ? new HandOver<never>(scope, options, this.senders, own)
        : new Parked<undefined, Offer<never>>(scope, options, this.senders, own);
      const stand = this.#stand(parked as never, offer, this.inner.line as never);
      this.#begin(parked as never, () => this.inner.offer(stand as never));
      return parked.promise as Promise<undefined>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  attemptSend(value: T, side: SendingSide | undefined): boolean {
    return this.inner.attempt(this.#offer(value, side, false).value, side);
  }

  sendSync(): void {
    noBlocking("sendSync", this.inner.title);
  }

  reserve(side: SendingSide | undefined, options: WaitOptions | undefined): Promise<Permit<T>> {
    try {
      const scope = enterOperation(options);
      const parked = new Parked<Permit<T>, Offer<T>>(scope, options, this.senders, new Offer(undefined as T, side, true));
      const stand = this.#stand(parked as never, new Offer(undefined as never, side, true), this.inner.line as never);
      this.#begin(parked as never, () => this.inner.askPlace(stand as never));
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  fillPlace(value: T, side: SendingSide | undefined): void {
    this.inner.fillPlace(this.#offer(value, side, false).value, side);
  }

  givePlaceBack(): void {
    this.inner.givePlaceBack();
  }

  enlistSender(node: WaitingNode): void {
    const { value, side, reserves } = node.payload as Offer<T>;
    const offer = reserves ? new Offer(undefined as never, side, true) : this.#offer(value, side, false);
    this.inner.line.enlist(this.#stand(node, offer, this.inner.line as never) as never);
  }

  arrived(outer: ReceivingHalf<unknown>): void {
    this.innerOf(outer).arrived();
  }

  #offer(value: T, side: SendingSide | undefined, reserves: boolean): Offer<Packed> {
    // Refused before it is packed: an end that is closed refuses any value.
    if (side?.closed) throw refusal("end closed", this.inner.title, undefined, value);
    return new Offer(pack(value, this.#sharesMemory), side, reserves);
  }

  // ---- receiving ----

  receive(side: ReceivingSide | undefined, options: WaitOptions | undefined): Promise<T | undefined> {
    try {
      const scope = enterOperation(options);
      const value = this.attemptReceive(side, true);
      if (value !== notReady) return paid(value);
      const parked = new Parked<T | undefined, ReceivingSide | undefined>(scope, options, this.receivers, side);
      this.enlistReceiver(parked as never);
      this.inboxOf(side).arrived();
      return parked.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  attemptReceive(side: ReceivingSide | undefined, standing: boolean): T | undefined | typeof notReady {
    const value = this.inboxOf(side).attempt(side, standing);
    return value instanceof Packed ? (unpack(value) as T) : (value as undefined | typeof notReady);
  }

  receiveSync(): T | undefined {
    return noBlocking("receiveSync", this.inner.title);
  }

  step(side: ReceivingSide | undefined): Promise<IteratorResult<T, undefined>> {
    const inbox = this.inboxOf(side);
    try {
      enterOperation();
      const value = inbox.attempt(side, true);
      if (value instanceof Packed) return paid({ value: unpack(value) as T, done: false });
      if (value === undefined) return paid({ value: undefined, done: true });
      const step = new IteratorStep<T>(currentScope(), this.#outer(side) as ReceivingHalf<T>, side);
      this.enlistReceiver(step as never);
      inbox.arrived();
      return step.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  enlistReceiver(node: WaitingNode): void {
    const side = node.payload as ReceivingSide | undefined;
    const { line } = this.inboxOf(side);
    line.enlist(this.#stand(node, side, line as never) as never);
  }

  // ---- in line ----

  #stand(node: WaitingNode, payload: Stand["payload"], line: ParkingLot<never, never>): Stand {
    const stand = new ("happened" in node ? HandOverStand : Stand)(this as HomeChannel<unknown>, node, payload);
    this.#stands.set(node, { stand, line });
    return stand;
  }

  /** Begins an operation that has its node already. */
  #begin(node: WaitingNode, begin: () => void): void {
    try {
      begin();
    } catch (error) {
      this.left(node);
      node.fail(error);
    }
  }

  left(node: WaitingNode): void {
    this.#stands.delete(node);
  }

  /** A node has been served. */
  told(node: WaitingNode, payload: Stand["payload"], result: unknown): void {
    this.left(node);
    if (payload instanceof Offer) {
      node.settle((payload.reserves ? this.#permit(result as HeldPermit<Packed>) : undefined) as never);
      return;
    }
    let value: unknown;
    try {
      value = result instanceof Packed ? unpack(result) : undefined;
    } catch (error) {
      node.fail(error);
      return;
    }
    this.ending = result === undefined;
    node.settle(value as never);
    this.ending = false;
  }

  #permit(held: HeldPermit<Packed>): Permit<T> {
    return new SharedPermit<T>(
      (value) => held.send(pack(value, this.#sharesMemory)),
      () => held[Symbol.dispose](),
    );
  }

  delist(node: WaitingNode): void {
    const standing = this.#stands.get(node);
    if (standing === undefined) return;
    this.#stands.delete(node);
    standing.line.remove(standing.stand as never);
  }

  /** On the thread of the home whoever waits is in line, or has been told. */
  late(): boolean {
    return false;
  }

  withdraw(operation: WaitingNode): void {
    this.delist(operation);
  }

  // ---- the end, and the ends ----

  get closed(): boolean {
    return this.inner.closed;
  }

  openSide(side: object, sends: boolean): void {
    if (sends) this.inner.openSide(side as SendingSide);
    else if (this.inner instanceof ChannelCore) this.inner.join(side as ReceivingSide);
    else this.inboxOf(side as ReceivingSide);
  }

  closeSide(side: object, error: unknown): void {
    forgetEnd(side);
    if (side instanceof ReceiverEnd) {
      this.inner.leave(this.inboxOf(side), side);
      this.#inboxes.delete(halfOfReceiver(side));
    } else this.inner.closeSide(side as SendingSide, error);
  }

  close(error: unknown): void {
    this.inner.close(error);
  }

  statistics(): ChannelStatistics {
    return this.inner.statistics();
  }

  /** Values never arrived where they were sent: oldest first to those who wait; what is left goes before all that is buffered. */
  takeBack(values: readonly Returned[]): void {
    const left = values.filter(({ end, packed }) => !this.inboxOf(end).handOn(packed));
    for (const { end, packed } of left.reverse()) this.inner.putBack(this.inboxOf(end), packed);
  }

  // ---- moving in, and away ----

  /** Those of this thread who wait, in order. */
  standing(): { readonly node: WaitingNode; readonly receives: boolean }[] {
    return [...this.#stands].map(([node, { stand }]) => ({ node, receives: !(stand.payload instanceof Offer) }));
  }

  /** Takes over all that the channel is, while nobody else has it. Throws `NotSerializableError` when a value in it cannot travel, and
   *  has done nothing then. */
  settle(sharesMemory: boolean): void {
    this.#sharesMemory = sharesMemory;
    const core = this.#core;
    const { inner } = this;
    const inboxes = core instanceof ChannelCore ? [core.inbox] : [...core.inboxes];
    const loads = inboxes.map((inbox) => [...inbox.buffer].map((value) => pack(value, sharesMemory)));
    for (const { payload } of core.line) if (!payload.reserves) pack(payload.value, sharesMemory);
    inner.dropped = core.dropped;
    inner.sides = core.sides;
    inner.error = core.error;
    if (core instanceof ChannelCore) (inner as PackedChannel).receivingSides = core.receivingSides;
    const obstacle = core.obstacle as typeof inner.obstacle;
    core.elsewhere = this as Elsewhere<unknown>;
    core.obstacle = "elsewhere";
    if (obstacle === "closed") inner.close(undefined);
    else inner.obstacle = obstacle;
    inboxes.forEach((outer, index) => {
      this.#moveInbox(outer, loads[index] as Packed[]);
    });
    inner.reserved = core.reserved;
    for (const node of [...core.line]) {
      core.line.remove(node);
      if (node instanceof Parked) node.home = this.senders;
      this.enlistSender(node as WaitingNode);
    }
    if (core instanceof BroadcastCore) this.#moveHandOver(core);
  }

  #moveInbox(outer: ReceivingHalf<unknown>, values: readonly Packed[]): void {
    const inbox = this.innerOf(outer);
    for (const value of values) this.inner.load(inbox, value);
    outer.buffer.clear();
    outer.finished = true;
    for (const each of [...outer.line]) {
      outer.line.remove(each);
      const node = each as WaitingNode;
      if (node instanceof Parked) node.home = this.receivers;
      inbox.line.enlist(this.#stand(node, each.payload, inbox.line as never) as never);
    }
  }

  #moveHandOver(core: BroadcastCore<unknown>): void {
    const node = core.releaseHandOver();
    if (node === undefined) return;
    const { line } = this.inner;
    const stand = this.#stand(node as never, new Offer(undefined as never, undefined, false), line as never);
    (this.inner as PackedBroadcast).resumeHandOver(stand as never);
  }
}
