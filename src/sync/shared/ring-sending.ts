// The senders of a shared ring in this thread.
import type { Permit } from "../../contract/channel.ts";
import { ChannelClosedError, NotOwnerError } from "../../contract/errors.ts";
import { notReady } from "../../core/clause.ts";
import { bindToThread } from "../../core/thread-bound.ts";
import type { ChangeWord } from "../../memory/change-word.ts";
import { CLOSED, DONE, NOT_NOW, type SlotRing } from "../../memory/slot-ring.ts";
import type { Change } from "./change-line.ts";
import { codec } from "./value-codec.ts";

/** A value on its way, as bytes; or the wish for a slot. */
export type Shipment = { readonly value: unknown; readonly bytes: Uint8Array } | "reserve";

export class Sending implements Change<RingPermit | undefined, Shipment> {
  readonly waitingFor = "room in a shared ring";
  readonly word: ChangeWord;
  readonly #ring: SlotRing;

  constructor(ring: SlotRing) {
    this.#ring = ring;
    this.word = ring.freed;
  }

  seen(): number {
    return this.#ring.seen;
  }

  /** Throws `NotSerializableError`, and `RangeError` for a value that the ring could never take. */
  pack(value: unknown): Exclude<Shipment, "reserve"> {
    const bytes = codec().encode(value);
    const { slots, records } = this.#ring;
    if (bytes.length <= records.longest) return { value, bytes };
    throw new RangeError(
      `The value takes ${bytes.length} bytes, and the whole ring has ${records.longest} (${slots} slots of ${records.longest / slots} bytes): send less at a time, or make the ring with larger slots.`,
    );
  }

  attempt(shipment: Shipment, rounds: number): RingPermit | undefined | typeof notReady {
    const ring = this.#ring;
    const outcome = shipment === "reserve" ? ring.keep(rounds) : ring.offer(shipment.bytes, rounds);
    if (outcome === NOT_NOW) return notReady;
    if (outcome === CLOSED) throw refusal(shipment === "reserve" ? undefined : shipment.value);
    return outcome === DONE ? undefined : new RingPermit(ring, this, outcome);
  }

  putBack(result: RingPermit | undefined): void {
    result?.[Symbol.dispose]();
  }

  giveUp(rounds: number): void {
    this.#ring.giveUp(rounds);
  }

  /** False when the time ran out. */
  sendSync({ value, bytes }: Exclude<Shipment, "reserve">, timeoutMs: number): boolean {
    const outcome = this.#ring.waitSync(this.word, timeoutMs, (rounds) => this.#ring.offer(bytes, rounds));
    if (outcome === CLOSED) throw refusal(value);
    return outcome === DONE;
  }
}

/** A slot that is kept. States: **held** → **spent**, by `send` or by giving it back, whichever comes first. */
export class RingPermit implements Permit<unknown> {
  readonly #ring: SlotRing;
  readonly #sending: Sending;
  readonly #place: number;
  #spent = false;

  constructor(ring: SlotRing, sending: Sending, place: number) {
    this.#ring = ring;
    this.#sending = sending;
    this.#place = place;
  }

  readonly send = (value: unknown): void => {
    if (this.#spent) throw new NotOwnerError("This permit was good for one value and is spent; reserve another.");
    const { bytes } = this.#sending.pack(value);
    const { records } = this.#ring;
    if (records.slotsFor(bytes.length) > 1) {
      throw new RangeError(
        `The value takes ${bytes.length} bytes, and a permit keeps one slot of ${records.longest / records.slots}: send it without a permit, or make the ring with larger slots.`,
      );
    }
    this.#spent = true;
    if (this.#ring.fill(this.#place, bytes) === CLOSED) throw refusal(value);
  };

  [Symbol.dispose](): void {
    if (this.#spent) return;
    this.#spent = true;
    this.#ring.fill(this.#place, undefined);
  }
}
bindToThread(RingPermit, "a permit of a shared ring");

function refusal(value: unknown): ChannelClosedError {
  return new ChannelClosedError("The shared ring is closed: nothing more can be sent.", value);
}
