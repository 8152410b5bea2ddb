// Reads what a Writer wrote, trusting nothing: every length is checked against what is left before anything is allocated.
import { NotSerializableError } from "../contract/errors.ts";
import * as Tag from "./tags.ts";
import { HOST_FORMAT } from "./writer.ts";

/** Below this many characters a loop beats the call into native code. */
const LOOP_LENGTH = 24;
/** Counts stay exact: seven times seven bits. */
const COUNT_BYTES = 7;

/** A cursor over the bytes of one message. Everything it throws is a `NotSerializableError` with the offset. */
export class Reader {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #native: Buffer;

  constructor(bytes: Uint8Array) {
    // Never a Buffer, as pipes give them: its `slice` shares memory where an array's copies.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#native = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

  u8(): number {
    const value = this.#bytes[this.position];
    if (value === undefined) this.corrupt("they end too early");
    this.position++;
    return value;
  }

  /** A number written by `Writer.count`. */
  count(): number {
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
    if (length >= LOOP_LENGTH) return this.#native.toString("latin1", start, this.position);
    let text = "";
    for (let index = start; index < this.position; index++) text += String.fromCharCode(this.#bytes[index] as number);
    return text;
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.left) this.corrupt("they end too early");
    const start = this.position;
    this.position += length;
    return this.#bytes.subarray(start, this.position);
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
