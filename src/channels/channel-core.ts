// The core of a channel: one queue between many senders and many receivers (Go's hchan: two lines and a ring). Rendezvous, bounded,
// dropping, unbounded and latest are one structure with another capacity and overflow: a class for each would make every call on
// the way a choice between classes.
//
// Invariants
// - Somebody waits to send only when the buffer and the reserved places make up the capacity and no receiver waits; at capacity 0, when
//   no receiver waits beyond those that are reserved.
// - `buffer.length + reserved <= capacity` at capacities of 1 and more. At capacity 0 a place is a receiver in line; when that receiver
//   leaves after its place was reserved, the permit stays good and its value is buffered.
import type { ChannelStatistics } from "../contract/channel.ts";
import { notReady } from "../core/clause.ts";
import { type Party, removeEach, waitingIn } from "./lines.ts";
import { type ReceiverNode, ReceivingHalf, type ReceivingSide } from "./receiving-half.ts";
import { SendingHalf } from "./sending-half.ts";

export class ChannelCore<T> extends SendingHalf<T> {
  readonly inbox: ReceivingHalf<T> = new ReceivingHalf<T>(this);
  /** Receiving ends that are open. */
  receivingSides = 0;

  accept(value: T, from: Party | undefined): boolean {
    const { line, buffer } = this.inbox;
    const receiver = this.#receiverFor(from);
    if (receiver !== undefined) {
      line.remove(receiver);
      receiver.settle(value);
      return true;
    }
    if (buffer.length + this.reserved < this.capacity) {
      buffer.push(value);
      return true;
    }
    return !this.waits && this.#drop(value);
  }

  protected canAccept(from: Party): boolean {
    return this.inbox.buffer.length + this.reserved < this.capacity || this.#receiverFor(from) !== undefined;
  }

  pull(_inbox: ReceivingHalf<T>, standing: boolean): T | typeof notReady {
    // At capacity 0 whoever goes on to stand in line is itself the place that a reservation waits for, so the order of the line
    // holds. Elsewhere a reservation waits for a place in the buffer and does not stand in the way.
    const inOrder = standing && this.capacity === 0;
    if (inOrder && this.reserved > 0) return notReady;
    const sender = this.firstWithValue(inOrder);
    if (sender === undefined) return notReady;
    this.line.remove(sender);
    sender.settle(undefined);
    return sender.payload.value;
  }

  taken(): void {
    if (this.line.length > 0) this.admit();
  }

  /** Another receiving end is open. */
  join(side: ReceivingSide): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.openSide(side, false);
      return;
    }
    this.receivingSides++;
    if (this.obstacle === "broken") this.obstacle = undefined;
  }

  leave(inbox: ReceivingHalf<T>, side: ReceivingSide): void {
    if (this.elsewhere !== undefined) {
      this.elsewhere.closeSide(side, undefined);
      return;
    }
    this.receivingSides--;
    removeEach(
      inbox.line,
      (node) => node.payload === side,
      (node) => node.settle(undefined),
    );
    if (this.receivingSides === 0) this.obstruct("broken");
  }

  /** Puts a value into a buffer, whatever room there is. */
  load(inbox: ReceivingHalf<T>, value: T): void {
    inbox.buffer.push(value);
  }

  /** A value was given to a receiver that died before it had it: it is there again, before all others. */
  putBack(inbox: ReceivingHalf<T>, value: T): void {
    if (!inbox.handOn(value)) inbox.buffer.unshift(value);
  }

  /** Counts of this moment. */
  statistics(): ChannelStatistics {
    const { capacity, dropped, line, sides, inbox, receivingSides, elsewhere } = this;
    if (elsewhere !== undefined) return elsewhere.statistics();
    return {
      capacity,
      buffered: inbox.buffer.length,
      dropped,
      waitingSenders: waitingIn(line),
      waitingReceivers: waitingIn(inbox.line),
      senders: sides,
      receivers: receivingSides,
    };
  }

  protected hasPlace(): boolean {
    if (this.capacity === 0) return waitingIn(this.inbox.line) > this.reserved;
    return this.dropsOldest || this.inbox.buffer.length + this.reserved < this.capacity;
  }

  protected place(value: T): void {
    const { line, buffer } = this.inbox;
    const receiver = line.shift();
    if (receiver !== undefined) receiver.settle(value);
    else if (this.dropsOldest) this.accept(value, undefined);
    else buffer.push(value);
  }

  protected finish(): void {
    this.inbox.finish();
  }

  /** The receiver to hand a value to. At capacity 0 as many as are reserved are left in line. */
  #receiverFor(from: Party | undefined): ReceiverNode<T> | undefined {
    const { line } = this.inbox;
    if (this.reserved > 0 && this.capacity === 0 && waitingIn(line) <= this.reserved) return undefined;
    return line.firstFor(from);
  }

  #drop(value: T): true {
    const { buffer } = this.inbox;
    this.dropped++;
    if (this.dropsOldest) {
      buffer.shift();
      buffer.push(value);
    }
    return true;
  }
}
