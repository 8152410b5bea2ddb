// Messages about channels as bytes: those of one tick lie behind one another and leave as one frame. Little-endian. Nothing in
// them is trusted: a reader that finds too few bytes, or a length that cannot be, throws `RangeError`.

import { copyBytes } from "../../wire/copy-bytes.ts";

const firstBytes = 1024;
/** More than this is not kept for the next frame. */
const keptBytes = 64 * 1024;
const shortBytes = 64;
const none: readonly never[] = [];

export class PacketWriter {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  length = 0;
  attachments: unknown[] = [];

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.length += 4;
    return this.setU32(this.length - 4, value);
  }

  /** Says at a place that is written already what was not known then. */
  setU32(at: number, value: number): this {
    const bytes = this.#bytes;
    // By hand: all of it together is cheaper than the checks of one call of `writeUInt32LE`.
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    return this;
  }

  float(value: number): this {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(value, this.length);
    this.length += 8;
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  bytes(value: Uint8Array): this {
    this.u32(value.byteLength);
    this.#reserve(value.byteLength);
    const length = value.byteLength;
    // Most are short, and for those the call into native code takes longer.
    if (length <= shortBytes) for (let index = 0; index < length; index++) this.#bytes[this.length + index] = value[index] as number;
    else this.#bytes.set(value, this.length);
    this.length += length;
    return this;
  }

  /** Bytes, and what lies beside them. */
  value(bytes: Uint8Array, attachments: readonly unknown[]): this {
    this.bytes(bytes).u32(attachments.length);
    if (attachments.length > 0) this.attachments.push(...attachments);
    return this;
  }

  /** All there is, as bytes of its own; empties the writer. */
  take(): { readonly bytes: Uint8Array; readonly attachments: readonly unknown[] } {
    const bytes = new Uint8Array(this.length);
    bytes.set(this.#bytes.subarray(0, this.length));
    const { attachments } = this;
    this.length = 0;
    this.attachments = [];
    if (this.#bytes.byteLength > keptBytes) this.#bytes = Buffer.allocUnsafeSlow(firstBytes);
    return { bytes, attachments };
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.byteLength));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}

export class PacketReader {
  readonly #bytes: Uint8Array;
  readonly #attachments: readonly unknown[];
  #at = 0;
  #attached = 0;

  constructor(bytes: Uint8Array, attachments: readonly unknown[]) {
    this.#bytes = bytes;
    this.#attachments = attachments;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.byteLength - this.#at;
  }

  u8(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  u32(): number {
    const at = this.#advance(4);
    const bytes = this.#bytes as Readonly<Record<number, number>>;
    return (
      ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>>
      0
    );
  }

  float(): number {
    return this.#buffer(8).readDoubleLE();
  }

  text(): string {
    return this.#buffer(this.u32()).toString("utf8");
  }

  /** Bytes of their own: the frame is not held for them. */
  bytes(): Uint8Array {
    const length = this.u32();
    const at = this.#advance(length);
    return copyBytes(this.#bytes, at, at + length);
  }

  value(): { readonly bytes: Uint8Array; readonly attachments: readonly unknown[] } {
    const bytes = this.bytes();
    const count = this.u32();
    if (count === 0) return { bytes, attachments: none };
    if (count > this.#attachments.length - this.#attached) throw new RangeError("A message about a channel lacks its shared memory.");
    const attachments = this.#attachments.slice(this.#attached, this.#attached + count);
    this.#attached += count;
    return { bytes, attachments };
  }

  #buffer(length: number): Buffer {
    const at = this.#advance(length);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
  }

  #advance(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.byteLength - at) throw new RangeError("A message about a channel ends too early.");
    this.#at = at + count;
    return at;
  }
}
