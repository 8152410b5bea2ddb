// The sending half of a channel: the senders' line, the places that are reserved, and the end of it all. What room there is and where a
// value goes is for the flavours to say (`channel-core.ts`, `broadcast-core.ts`). The protocol: README.md.
//
// Invariants
// - Whoever stands in line and may be served could not be served when it came, and not since: every step that makes room ends in
//   `admit`, which serves from the head of the line until the head has to wait.
// - A reserved place counts as taken. Where sends never wait because they drop the oldest value, a place can always be made, and
//   none is counted.
// - Once there is an obstacle nobody stands in line and nothing more is accepted.

import type { Overflow, Permit } from "../contract/channel.ts";
import type { BrokenChannelError, ChannelClosedError } from "../contract/errors.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import type { notReady } from "../core/clause.ts";
import { currentScope } from "../core/context.ts";
import { enterOperation } from "../core/parked.ts";
import { type LotHost, ParkingLot } from "../core/parking-lot.ts";
import { noBlocking } from "./blocking.ts";
import type { Elsewhere, WaitingNode } from "./elsewhere.ts";
import { type Party, removeEach } from "./lines.ts";
import { Offer, type OfferNode, type SendingSide } from "./offer.ts";
import { HeldPermit } from "./permit.ts";
import type { ReceivingHalf, ReceivingSide } from "./receiving-half.ts";
import { refusal } from "./refusal.ts";
import type { ChannelSettings } from "./settings.ts";
import { paid, paidOff } from "./turns.ts";

export abstract class SendingHalf<T> implements LotHost {
  readonly title: string;
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly line: ParkingLot<HeldPermit<T> | undefined, Offer<T>>;
  /** Why nothing more can be sent, here: when it has moved, that is for `elsewhere` to say. */
  obstacle: "closed" | "broken" | "elsewhere" | undefined = undefined;
  /** Where the state is when other threads have this channel, too. From then on nothing stands in the lines here. */
  elsewhere: Elsewhere<T> | undefined = undefined;
  /** What the receivers get once they have drained the channel. */
  error: unknown = undefined;
  reserved = 0;
  dropped = 0;
  /** Sending ends that are open. */
  sides = 0;
  protected readonly waits: boolean;
  protected readonly dropsOldest: boolean;

  constructor({ title, capacity, overflow }: ChannelSettings) {
    this.title = title;
    this.capacity = capacity;
    this.overflow = overflow;
    this.line = new ParkingLot(this);
    this.waits = overflow === "wait";
    this.dropsOldest = overflow === "drop-oldest";
  }

  get waitingFor(): string {
    return this.capacity === 0 ? `a receiver of ${this.title}` : `room in ${this.title}`;
  }

  // ---- what a flavour says ----

  /** Hands the value over, buffers or drops it, unless it would have to wait. `from`: the node that brings it, if it stood in line. A
   *  select that is trying its cases need not be named: they are not ready then, and so are passed over. */
  abstract accept(value: T, from: Party | undefined): boolean;
  /** Whether it would not have to wait. */
  protected abstract canAccept(from: Party): boolean;
  /** Lets a receiver that found nothing buffered take what somebody in line offers. */
  abstract pull(inbox: ReceivingHalf<T>, standing: boolean): T | typeof notReady;
  /** A value was taken out of a buffer. */
  abstract taken(inbox: ReceivingHalf<T>): void;
  /** A receiving end is closed. */
  abstract leave(inbox: ReceivingHalf<T>, side: ReceivingSide): void;
  /** There is a place to be reserved. */
  protected abstract hasPlace(): boolean;
  /** Puts a value where a place was kept. */
  protected abstract place(value: T): void;
  /** No more values will come. */
  protected abstract finish(): void;

  // ---- operations ----

  send(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void> {
    if (options !== undefined || side?.closed) return this.#sendWithin(value, side, options);
    const scope = currentScope();
    if (scope.error !== undefined) return Promise.reject(scope.error);
    if (this.obstacle !== undefined) return this.#sendWithin(value, side, undefined);
    if (this.accept(value, undefined)) return paidOff();
    return this.line.park(scope, undefined, new Offer(value, side, false)).promise as Promise<undefined>;
  }

  #sendWithin(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void> {
    if (this.elsewhere !== undefined) return this.elsewhere.send(value, side, options);
    try {
      const scope = enterOperation(options);
      if (this.attempt(value, side)) return paidOff();
      return this.line.park(scope, options, new Offer(value, side, false)).promise as Promise<undefined>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends when it need not wait. */
  attempt(value: T, side: SendingSide | undefined): boolean {
    if (this.obstacle !== undefined || side?.closed) return this.#attemptInVain(value, side);
    return this.accept(value, undefined);
  }

  #attemptInVain(value: T, side: SendingSide | undefined): boolean {
    if (this.elsewhere !== undefined) return this.elsewhere.attemptSend(value, side);
    throw this.refusal(value, side);
  }

  /** Sends for a node that is told. Throws the refusal. */
  offer(node: OfferNode<T>): void {
    const { value, side } = node.payload;
    if (this.attempt(value, side)) this.accepted(node);
    else this.line.enlist(node);
  }

  /** Reserves for a node that is told. Throws the refusal. */
  askPlace(node: OfferNode<T>): void {
    const { side } = node.payload;
    if (this.obstacle !== undefined || side?.closed) throw this.refusal(undefined, side);
    if (this.hasPlace()) node.settle(this.#grant(side));
    else this.line.enlist(node);
  }

  /** Blocks the thread, for as long as others than this thread can end it. */
  sendSync(value: T, side: SendingSide | undefined, timeoutMs: number | undefined): void {
    if (this.elsewhere === undefined) noBlocking("sendSync", this.title);
    this.elsewhere.sendSync(value, side, timeoutMs);
  }

  /** A case of a select comes into line, or leaves it. */
  enlist(node: OfferNode<T>): void {
    if (this.elsewhere === undefined) this.line.enlist(node);
    else this.elsewhere.enlistSender(node as WaitingNode);
  }

  delist(node: OfferNode<T>): void {
    if (this.elsewhere === undefined) this.line.remove(node);
    else this.elsewhere.delist(node as WaitingNode);
  }

  reserve(side: SendingSide | undefined, options: WaitOptions | undefined): Promise<Permit<T>> {
    if (this.elsewhere !== undefined) return this.elsewhere.reserve(side, options);
    try {
      const scope = enterOperation(options);
      if (this.obstacle !== undefined || side?.closed) throw this.refusal(undefined, side);
      if (!this.hasPlace()) {
        return this.line.park(scope, options, new Offer(undefined as T, side, true)).promise as Promise<HeldPermit<T>>;
      }
      return paid(this.#grant(side));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Uses up a permit. */
  fillPlace(value: T, side: SendingSide | undefined): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.fillPlace(value, side);
      return;
    }
    if (!this.dropsOldest) this.reserved--;
    if (this.obstacle !== undefined || side?.closed) {
      this.admit();
      throw this.refusal(value, side);
    }
    this.place(value);
    this.admit();
  }

  givePlaceBack(): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.givePlaceBack();
      return;
    }
    if (!this.dropsOldest) this.reserved--;
    this.admit();
  }

  /** The longest in line that has a value. `inOrder`: none when somebody who reserves comes before. */
  protected firstWithValue(inOrder: boolean): OfferNode<T> | undefined {
    const { first } = this.line;
    if (first === undefined || !first.payload.reserves) return first;
    if (inOrder) return undefined;
    for (const node of this.line) if (node.ready && !node.payload.reserves) return node;
    return undefined;
  }

  /** Serves those in line as far as there is room. */
  admit(): void {
    for (let node = this.line.first; node !== undefined && this.#serve(node); node = this.line.first) {}
  }

  #serve(node: OfferNode<T>): boolean {
    const { value, side, reserves } = node.payload;
    if (!(reserves ? this.hasPlace() : this.canAccept(node))) return false;
    // Out of the line first: resolving a promise looks for `then` in the value, which may be anybody's code.
    this.line.remove(node);
    if (reserves) node.settle(this.#grant(side));
    else {
      this.accept(value, node);
      this.accepted(node);
    }
    return true;
  }

  /** The value of a node that is out of the line has been accepted. */
  protected accepted(node: OfferNode<T>): void {
    node.settle(undefined);
  }

  #grant(side: SendingSide | undefined): HeldPermit<T> {
    if (!this.dropsOldest) this.reserved++;
    return new HeldPermit(this, side);
  }

  // ---- the end ----

  get closed(): boolean {
    return this.elsewhere === undefined ? this.obstacle === "closed" : this.elsewhere.closed;
  }

  close(error: unknown): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.close(error);
      return;
    }
    if (this.obstacle === "closed") return;
    this.error ??= error;
    this.obstruct("closed");
    this.finish();
  }

  /** Nothing more can be sent: refuses those in line. */
  protected obstruct(obstacle: "closed" | "broken"): void {
    if (this.obstacle === "closed") return;
    this.obstacle = obstacle;
    this.line.failAll(({ payload: { value, side } }) => this.refusal(value, side));
  }

  /** Another sending end is open. */
  openSide(side: SendingSide): void {
    if (this.elsewhere === undefined) this.sides++;
    else this.elsewhere.openSide(side, true);
  }

  /** A sending end is closed. Its error is kept for the receivers even while other ends go on: it must not get lost. */
  closeSide(side: SendingSide, error: unknown): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.closeSide(side, error);
      return;
    }
    this.error ??= error;
    this.sides--;
    removeEach(
      this.line,
      (node) => node.payload.side === side,
      (node) => node.fail(this.refusal(node.payload.value, side)),
    );
    if (this.sides === 0) this.close(undefined);
  }

  refusal(value: unknown, side: SendingSide | undefined): ChannelClosedError | BrokenChannelError {
    const kind = this.obstacle === "closed" ? "closed" : side?.closed ? "end closed" : "broken";
    return refusal(kind, this.title, this.error, value);
  }
}
