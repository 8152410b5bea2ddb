// A growable byte buffer. One scratch buffer per thread is reused; it is lent, not shared, because encoding runs user code
// (getters) that may encode in its turn: the inner encoder then gets a buffer of its own.
import { constants } from "node:buffer";
import { copyBytes } from "./copy-bytes.ts";
import * as Tag from "./tags.ts";

const INITIAL_BYTES = 4096;
/** A scratch buffer above this is given back to the collector, so that one large message is not paid for ever. */
const KEPT_BYTES = 1 << 20;
/** The same for values that were read ahead. */
const KEPT_VALUES = 4096;
/** From here on bytes are not copied into the buffer, which they would make grow, but straight into the message. */
const SPLICED_BYTES = 16 * 1024;
/** Below this many characters a loop beats the call into native code. */
const LOOP_LENGTH = 20;
const WIDE = /[^\0-\xff]/;
const LOW_64 = (1n << 64n) - 1n;

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export const HOST_FORMAT = isLittleEndian ? Tag.FORMAT_LITTLE_ENDIAN : Tag.FORMAT_BIG_ENDIAN;

/** Long bytes that stand in the message but not in the buffer. */
interface Splice {
  /** Where, in the buffer. */
  readonly at: number;
  readonly source: Uint8Array;
  readonly length: number;
}

/** Writes tags, numbers, strings and bytes. Growth beyond what the runtime can allocate throws its `RangeError`. */
export class Writer {
  position = 0;
  /** Values that were read ahead of being written; lent along with the bytes. */
  readonly ahead: unknown[] = [];
  #bytes = new Uint8Array(INITIAL_BYTES);
  #splices: Splice[] | undefined;
  #splicedBytes = 0;
  #view = new DataView(this.#bytes.buffer);
  #native = Buffer.from(this.#bytes.buffer);

  u8(value: number): void {
    if (this.position === this.#bytes.length) this.#grow(1);
    this.#bytes[this.position++] = value;
  }

  /** Four bytes, lowest first. */
  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.position, value, true);
    this.position += 4;
  }

  /** A count or length: seven bits per byte, lowest first. */
  count(value: number): void {
    if (value < 0x80) {
      this.u8(value);
      return;
    }
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.position++] = rest;
  }

  number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      if (value >= 0 && value < Tag.SMALL_LIMIT) {
        this.u8(Tag.SMALL_INTEGER | value);
      } else {
        this.u8(Tag.INTEGER);
        this.count(((value << 1) ^ (value >> 31)) >>> 0);
      }
    } else {
      this.u8(Tag.FLOAT);
      this.float(value);
    }
  }

  /** Eight bytes without a tag. */
  float(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  bigint(value: bigint): void {
    const negative = value < 0n;
    const magnitude = negative ? -value : value;
    this.u8(negative ? Tag.NEGATIVE_BIGINT : Tag.BIGINT);
    if (magnitude <= LOW_64) {
      this.count(8);
      this.#reserve(8);
      this.#view.setBigUint64(this.position, magnitude, true);
      this.position += 8;
      return;
    }
    // Through hexadecimal, which both directions do in linear time; shifting digit by digit would be quadratic.
    const hex = magnitude.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").reverse();
    this.count(bytes.length);
    this.bytes(bytes);
  }

  /** Latin-1 where every character fits, else UTF-16, which keeps lone surrogates. */
  string(value: string): void {
    const { length } = value;
    if (length < LOOP_LENGTH ? this.#shortLatin1(value) : !WIDE.test(value) && this.#latin1(value)) return;
    this.u8(Tag.STRING_UTF16);
    this.count(length);
    this.#reserve(length * 2);
    if (length < LOOP_LENGTH) this.#shortUtf16(value);
    else this.#native.write(value, this.position, length * 2, "utf16le");
    this.position += length * 2;
  }

  #shortUtf16(value: string): void {
    const bytes = this.#bytes;
    let at = this.position;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      bytes[at++] = code;
      bytes[at++] = code >> 8;
    }
  }

  /** Writes as it looks; a wide character makes it return false, with nothing written. */
  #shortLatin1(value: string): boolean {
    const { length } = value;
    this.#reserve(length + 1);
    const bytes = this.#bytes;
    let at = this.position;
    bytes[at++] = Tag.SHORT_STRING | length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0xff) return false;
      bytes[at++] = code;
    }
    this.position = at;
    return true;
  }

  #latin1(value: string): boolean {
    const { length } = value;
    if (length < Tag.SMALL_LIMIT) {
      this.u8(Tag.SHORT_STRING | length);
    } else {
      this.u8(Tag.STRING_LATIN1);
      this.count(length);
    }
    this.#reserve(length);
    this.#native.write(value, this.position, length, "latin1");
    this.position += length;
    return true;
  }

  /** Bytes without tag or length. Long ones are read when the message is taken, and must be there until then. */
  bytes(source: Uint8Array): void {
    if (source.length >= SPLICED_BYTES) {
      this.#splices ??= [];
      this.#splices.push({ at: this.position, source, length: source.length });
      this.#splicedBytes += source.length;
      return;
    }
    this.#reserve(source.length);
    this.#bytes.set(source, this.position);
    this.position += source.length;
  }

  /** What was written, copied out. Throws a `RangeError` when long bytes have been moved away meanwhile (by a getter). */
  take(): Uint8Array {
    return this.#splices === undefined ? copyBytes(this.#bytes, 0, this.position) : this.#join(this.#splices);
  }

  #join(splices: readonly Splice[]): Uint8Array {
    const joined = new Uint8Array(Buffer.allocUnsafeSlow(this.position + this.#splicedBytes).buffer);
    let from = 0;
    let to = 0;
    for (const { at, source, length } of splices) {
      if (source.length !== length) throw new RangeError("bytes were moved away or resized while they were being encoded");
      joined.set(this.#bytes.subarray(from, at), to);
      joined.set(source, to + at - from);
      to += at - from + length;
      from = at;
    }
    joined.set(this.#bytes.subarray(from, this.position), to);
    return joined;
  }

  /** Begins another message. */
  reset(): void {
    this.position = 0;
    this.#splices = undefined;
    this.#splicedBytes = 0;
  }

  /** Whether the buffer is small enough to be kept for the next message. */
  get keepable(): boolean {
    return this.#bytes.length <= KEPT_BYTES;
  }

  #reserve(bytes: number): void {
    if (this.position + bytes > this.#bytes.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const doubled = Math.min(this.#bytes.length * 2, constants.MAX_LENGTH);
    const grown = new Uint8Array(Math.max(doubled, this.position + bytes));
    grown.set(this.#bytes.subarray(0, this.position));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
    this.#native = Buffer.from(grown.buffer);
  }
}

let spare: Writer | undefined;

/** Lends a writer that stands after the format byte. */
export function borrowWriter(): Writer {
  const writer = spare ?? new Writer();
  spare = undefined;
  writer.reset();
  writer.u8(HOST_FORMAT);
  return writer;
}

/** Takes it back. */
export function returnWriter(writer: Writer): void {
  writer.reset();
  if (writer.ahead.length > KEPT_VALUES) writer.ahead.length = 0;
  if (writer.keepable) spare = writer;
}
