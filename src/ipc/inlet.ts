// The receiving half of a channel whose sender is in another program: a channel of this thread with one place, which the wire fills. So
// receiving, iterating, cancelling and select are those of any channel.

import { ChannelCore } from "../channels/channel-core.ts";
import { ReceivingClause } from "../channels/clauses/receiving.ts";
import { ReceiverEnd } from "../channels/ends.ts";
import { waitingIn } from "../channels/lines.ts";
import { type ReceivingSide as End, type ReceiverNode, ReceivingHalf } from "../channels/receiving-half.ts";
import { type BrokenChannelError, UnsupportedError } from "../contract/errors.ts";
import type { Clause } from "../contract/waiting.ts";
import type { notReady } from "../core/clause.ts";
import { decode, decodeError } from "../wire/codec.ts";
import type { ReceivingSide, Wire } from "./wire.ts";

/** Tells its inlet what a channel of one thread need not know: that somebody waits, and that nobody does any more. */
class Inbox<T> extends ReceivingHalf<T> {
  readonly #inlet: Inlet<T>;

  constructor(inlet: Inlet<T>) {
    super(inlet);
    this.#inlet = inlet;
  }

  override take(standing: boolean): T | typeof notReady {
    this.#inlet.start();
    return super.take(standing);
  }

  override arrived(): void {
    super.arrived();
    this.#inlet.keepAlive();
  }

  withdrawn(): void {
    this.#inlet.keepAlive();
  }

  override delist(node: ReceiverNode<T>): void {
    super.delist(node);
    this.#inlet.keepAlive();
  }

  override receiveSync(): T | undefined {
    throw new UnsupportedError(`receiveSync does not wait for ${this.source.title}: await receive(), or use tryReceive().`, "receiveSync");
  }
}

export class Inlet<T> extends ChannelCore<T> implements ReceivingSide {
  override readonly inbox: Inbox<T> = new Inbox<T>(this);
  readonly #open: () => Wire | undefined;
  #wire: Wire | undefined;

  /** `open` is asked once, at the first use; it gives nothing when the end is not here. */
  constructor(title: string, open: () => Wire | undefined) {
    super({ title, capacity: 1, overflow: "wait" });
    this.#open = open;
  }

  get hasRoom(): boolean {
    return this.inbox.buffer.length === 0;
  }

  value(payload: Uint8Array): void {
    this.accept(decode({ bytes: payload }) as T, undefined);
    this.keepAlive();
  }

  end(failure: Uint8Array | undefined): void {
    this.close(failure === undefined ? undefined : decodeError({ bytes: failure }));
    this.keepAlive();
  }

  broke(reason: BrokenChannelError): void {
    this.close(reason);
    this.keepAlive();
  }

  override taken(): void {
    this.#wire?.pump();
  }

  override leave(inbox: ReceivingHalf<T>, side: End): void {
    super.leave(inbox, side);
    if (this.receivingSides > 0) return;
    this.inbox.buffer.clear();
    this.#wire?.stop();
  }

  /** Begins to read. */
  start(): void {
    if (this.#wire !== undefined || this.inbox.finished) return;
    this.#wire = this.#open();
    this.#wire?.pump();
  }

  keepAlive(): void {
    this.#wire?.hold(waitingIn(this.inbox.line) > 0);
  }
}

/** Leaves the line between two rounds of a `Select`: who stands in it is taken for somebody who waits. */
class InletClause<T> extends ReceivingClause<T> {
  override get keepsPlace(): boolean {
    return false;
  }
}

/** A receiving end over an inlet. */
export class InletEnd<T> extends ReceiverEnd<T> {
  readonly #inbox: ReceivingHalf<T>;
  #clause: InletClause<T> | undefined = undefined;

  constructor(inlet: Inlet<T>) {
    super(inlet.inbox);
    this.#inbox = inlet.inbox;
    inlet.join(this);
  }

  override receiving(): Clause<T | undefined> {
    this.#clause ??= new InletClause(this.#inbox, this);
    return this.#clause;
  }
}
