// The sending half of a channel whose receiver is in another program. A value is accepted when the system has taken everything before
// it: so a send waits for room in the system's buffer, and what waits in this program is one frame.
//
// Lines, cancelling, permits and select come with `SendingHalf`. A place is the empty way out, so there is one.

import type { Party } from "../channels/lines.ts";
import type { SendingSide as End, OfferNode } from "../channels/offer.ts";
import { SendingHalf } from "../channels/sending-half.ts";
import { UnsupportedError } from "../contract/errors.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import type { notReady } from "../core/clause.ts";
import { notReady as nothing } from "../core/clause.ts";
import { encode, encodeError } from "../wire/codec.ts";
import { VALUE } from "./framing.ts";
import type { SendingSide, Wire } from "./wire.ts";

export class Outlet<T> extends SendingHalf<T> implements SendingSide {
  readonly #mostBytes: number;
  readonly #open: () => Wire | undefined;
  #wire: Wire | undefined;
  /** Why the value of the node that is being served cannot be sent. */
  #refused: { readonly error: unknown } | undefined;

  /** `open` is asked once, at the first use; it gives nothing when the end is not here. */
  constructor(title: string, mostBytes: number, open: () => Wire | undefined) {
    super({ title, capacity: 1, overflow: "wait" });
    this.#mostBytes = mostBytes;
    this.#open = open;
  }

  override send(value: T, side: End | undefined, options: WaitOptions | undefined): Promise<void> {
    try {
      return super.send(value, side, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  accept(value: T, from: Party | undefined): boolean {
    if (!this.hasPlace()) return false;
    try {
      this.#write(value);
    } catch (error) {
      if (from === undefined) throw error;
      // Whoever serves the line is not whoever sent this value.
      this.#refused = { error };
    }
    return true;
  }

  protected canAccept(): boolean {
    return this.hasPlace();
  }

  protected hasPlace(): boolean {
    return this.reserved === 0 && this.#opened()?.free === true;
  }

  protected place(value: T): void {
    try {
      this.#write(value);
    } finally {
      this.admit();
    }
  }

  protected override accepted(node: OfferNode<T>): void {
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused === undefined) node.settle(undefined);
    else node.fail(refused.error);
  }

  protected finish(): void {
    const failure = this.error === undefined ? undefined : encodeError(this.error, { root: "reason" }).bytes;
    // A reason that is too long to be sent is no reason to send none.
    this.#opened()?.finish(
      failure !== undefined && failure.byteLength > this.#mostBytes ? encodeError(tooLong, { root: "reason" }).bytes : failure,
    );
  }

  // Nobody on this side receives what this half sends.

  pull(): typeof notReady {
    return nothing;
  }

  taken(): void {
    return;
  }

  leave(): void {
    return;
  }

  override sendSync(): void {
    throw new UnsupportedError(`sendSync does not wait for ${this.title}: await send(), or use trySend().`, "sendSync");
  }

  freed(): void {
    if (this.obstacle === undefined) this.admit();
  }

  broke(): void {
    this.obstruct("broken");
  }

  #opened(): Wire | undefined {
    this.#wire ??= this.#open();
    return this.#wire;
  }

  #write(value: T): void {
    const { bytes } = encode(value, { root: "message" });
    if (bytes.byteLength > this.#mostBytes) {
      throw new RangeError(
        `A value of ${bytes.byteLength} bytes is too long for ${this.title}, which takes ${this.#mostBytes}: send it in parts, or set maxValueBytes.`,
      );
    }
    if (this.#opened()?.write(VALUE, bytes) === true) return;
    this.broke();
    throw this.refusal(value, undefined);
  }
}

const tooLong = new Error("It was closed with an error that is too long to be sent.");
