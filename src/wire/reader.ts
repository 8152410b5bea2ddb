// Reads what a Writer wrote, trusting nothing: every length is checked against what is left before anything is allocated.
import { NotSerializableError } from "../contract/errors.ts";
import * as Tag from "./tags.ts";
import { HOST_FORMAT } from "./writer.ts";

/** Up to this length the engine copies a piece that is cut from a string; a longer piece would keep the whole string alive. */
const COPIED_LENGTH = 12;
/** Bytes that are made one string, from which short strings are cut: a cut costs a fifth of a call into native code. */
const WINDOW_BYTES = 1024;
/** Counts stay exact: seven times seven bits. */
const COUNT_BYTES = 7;

/** A cursor over the bytes of one message. Everything it throws is a `NotSerializableError` with the offset. */
export class Reader {
  position = 0;
  readonly #bytes: Uint8Array;
  #lazyView: DataView | undefined;
  #lazyNative: Buffer | undefined;
  /** Bytes from `#windowStart` to `#windowEnd` as Latin-1. */
  #window = "";
  #windowStart = 0;
  #windowEnd = 0;

  constructor(bytes: Uint8Array) {
    // Never a Buffer, as pipes give them: its `slice` shares memory where an array's copies.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const format = bytes[0];
    if (format !== HOST_FORMAT) {
      const foreign = format === Tag.FORMAT_LITTLE_ENDIAN || format === Tag.FORMAT_BIG_ENDIAN;
      this.corrupt(foreign ? "they come from a machine with another byte order" : "they do not begin with a known format");
    }
    this.position = 1;
  }

  get left(): number {
    return this.#bytes.length - this.position;
  }

  // Most messages are small and need neither.
  get #view(): DataView {
    this.#lazyView ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#lazyView;
  }

  get #native(): Buffer {
    this.#lazyNative ??= Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#lazyNative;
  }

  u8(): number {
    const value = this.#bytes[this.position];
    if (value === undefined) this.corrupt("they end too early");
    this.position++;
    return value;
  }

  /** Four bytes, lowest first. */
  u32(): number {
    return (this.u8() | (this.u8() << 8) | (this.u8() << 16) | (this.u8() << 24)) >>> 0;
  }

  /** A number written by `Writer.count`. */
  count(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    this.position--;
    let value = 0;
    let scale = 1;
    for (let index = 0; index < COUNT_BYTES; index++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    return this.corrupt("a count has too many digits");
  }

  /** A count of things that take at least `bytesEach` bytes of what is left. */
  length(bytesEach: number): number {
    const value = this.count();
    if (value * bytesEach > this.left) this.corrupt(`a length of ${value} is more than what is left`);
    return value;
  }

  integer(): number {
    const coded = this.count();
    if (coded > 0xffffffff) this.corrupt("an integer is out of range");
    return (coded >>> 1) ^ -(coded & 1);
  }

  float(): number {
    if (this.left < 8) this.corrupt("they end too early");
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  bigint(): bigint {
    const length = this.length(1);
    if (length === 8) {
      const value = this.#view.getBigUint64(this.position, true);
      this.position += 8;
      return value;
    }
    return BigInt(`0x0${Buffer.from(this.bytes(length)).reverse().toString("hex")}`);
  }

  /** A string with its tag; anything else is refused. */
  string(): string {
    const tag = this.u8();
    if (tag >= Tag.SHORT_STRING || tag === Tag.STRING_LATIN1 || tag === Tag.STRING_UTF16) return this.stringAfter(tag);
    this.position--;
    return this.corrupt("a string is expected");
  }

  /** The rest of a string whose tag has been read. */
  stringAfter(tag: number): string {
    const length = tag >= Tag.SHORT_STRING ? tag - Tag.SHORT_STRING : this.length(tag === Tag.STRING_UTF16 ? 2 : 1);
    const start = this.position;
    if (tag === Tag.STRING_UTF16) {
      this.position += length * 2;
      return this.#native.toString("utf16le", start, this.position);
    }
    if (length > this.left) this.corrupt("they end too early");
    this.position += length;
    if (length > COPIED_LENGTH) return this.#native.toString("latin1", start, this.position);
    if (length === 0) return "";
    if (start < this.#windowStart || this.position > this.#windowEnd) this.#moveWindow(start);
    return this.#window.slice(start - this.#windowStart, this.position - this.#windowStart);
  }

  #moveWindow(start: number): void {
    this.#windowStart = start;
    this.#windowEnd = Math.min(start + WINDOW_BYTES, this.#bytes.length);
    this.#window = this.#native.toString("latin1", start, this.#windowEnd);
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const bytes = this.peek(length);
    this.position += length;
    return bytes;
  }

  /** The same without going on behind them. */
  peek(length: number): Uint8Array {
    if (length > this.left) this.corrupt("they end too early");
    return this.#bytes.subarray(this.position, this.position + length);
  }

  /** Goes on behind the next bytes if they are the same as these. */
  skip(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.position;
    for (let index = 0; index < expected.length; index++) if (bytes[start + index] !== expected[index]) return false;
    this.position += expected.length;
    return true;
  }

  /** Refuses the message. */
  corrupt(what: string, cause?: unknown): never {
    throw new NotSerializableError(
      `These ${this.#bytes.length} bytes are not a value that brigade encoded: ${what} (at byte ${this.position}).`,
      `bytes[${this.position}]`,
      cause === undefined ? undefined : { cause },
    );
  }
}
