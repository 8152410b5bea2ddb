// The bytes of a ring of slots. A record takes whole slots, and may begin at the end of the ring and go on at its beginning.
import type { SharedWords } from "./atomics.ts";

export class SlotBytes {
  readonly slots: number;
  /** Bytes of the largest record. */
  readonly longest: number;
  readonly #slotBytes: number;
  /** By slot: the length of the record that begins there. */
  readonly #lengths: SharedWords;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, offset: number, slots: number, slotBytes: number) {
    this.slots = slots;
    this.longest = slots * slotBytes;
    this.#slotBytes = slotBytes;
    this.#lengths = new Int32Array(buffer, offset, slots);
    this.#bytes = new Uint8Array(buffer, offset + 4 * slots, this.longest);
  }

  static size(slots: number, slotBytes: number): number {
    return slots * (4 + slotBytes);
  }

  /** Slots that a record of so many bytes takes. */
  slotsFor(bytes: number): number {
    return Math.max(1, Math.ceil(bytes / this.#slotBytes));
  }

  /** Slots of the record that begins at the position. */
  slotsAt(position: number): number {
    return this.slotsFor(this.#lengths[position % this.slots] as number);
  }

  write(position: number, record: Uint8Array): void {
    const slot = position % this.slots;
    const at = slot * this.#slotBytes;
    const piece = Math.min(record.length, this.longest - at);
    this.#bytes.set(record.subarray(0, piece), at);
    if (piece < record.length) this.#bytes.set(record.subarray(piece), 0);
    this.#lengths[slot] = record.length;
  }

  /** A copy. */
  read(position: number): Uint8Array {
    const slot = position % this.slots;
    const record = new Uint8Array(this.#lengths[slot] as number);
    const at = slot * this.#slotBytes;
    const piece = Math.min(record.length, this.longest - at);
    record.set(this.#bytes.subarray(at, at + piece));
    if (piece < record.length) record.set(this.#bytes.subarray(0, record.length - piece), piece);
    return record;
  }
}
