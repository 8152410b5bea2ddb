// Messages about channels as bytes: those of one tick lie behind one another and leave as one frame. Little-endian. Nothing in
// them is trusted: a reader that finds too few bytes, or a length that cannot be, throws `RangeError`.

const firstBytes = 1024;
/** More than this is not kept for the next frame. */
const keptBytes = 64 * 1024;

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
    this.#bytes.writeUInt32LE(value, this.length);
    this.length += 4;
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
    this.#bytes.set(value, this.length);
    this.length += value.byteLength;
    return this;
  }

  /** Bytes, and what lies beside them. */
  value(bytes: Uint8Array, attachments: readonly unknown[]): this {
    this.bytes(bytes).u32(attachments.length);
    this.attachments.push(...attachments);
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
  readonly #bytes: Buffer;
  readonly #attachments: readonly unknown[];
  #at = 0;
  #attached = 0;

  constructor(bytes: Uint8Array, attachments: readonly unknown[]) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  float(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  text(): string {
    const length = this.u32();
    const at = this.#advance(length);
    return this.#bytes.toString("utf8", at, at + length);
  }

  /** Bytes of their own: the frame is not held for them. */
  bytes(): Uint8Array {
    const length = this.u32();
    const at = this.#advance(length);
    const bytes = new Uint8Array(length);
    bytes.set(this.#bytes.subarray(at, at + length));
    return bytes;
  }

  value(): { readonly bytes: Uint8Array; readonly attachments: readonly unknown[] } {
    const bytes = this.bytes();
    const count = this.u32();
    if (count > this.#attachments.length - this.#attached) throw new RangeError("A message about a channel lacks its shared memory.");
    const attachments = this.#attachments.slice(this.#attached, this.#attached + count);
    this.#attached += count;
    return { bytes, attachments };
  }

  #advance(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.byteLength - at) throw new RangeError("A message about a channel ends too early.");
    this.#at = at + count;
    return at;
  }
}
