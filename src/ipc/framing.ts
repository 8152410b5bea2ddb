// Frames on a byte stream between programs: u32 length of what follows, little-endian, u8 kind, payload of the value codec.
//
// Nothing is trusted: a length is checked before anything waits for as many bytes, and no memory is taken for what has not arrived.

/** A value. */
export const VALUE = 1;
/** The sending end was closed: nothing follows but `STOP`. */
export const END = 2;
/** The same with an error, which is the payload. */
export const FAIL = 3;
/** The receiving end on this side was closed: nothing more is wanted. */
export const STOP = 4;
const largestKind = STOP;

const lengthBytes = 4;
const headBytes = lengthBytes + 1;
/** Payloads up to this size are copied behind their head; larger ones are pieces of their own. */
const joinUpTo = 16 * 1024;

/** One frame. The payload is a view: decode it before the next one is cut. */
export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** A frame as pieces to write, in order. */
export function piecesOf(kind: number, payload: Uint8Array | undefined): readonly Uint8Array[] {
  const bytes = payload?.byteLength ?? 0;
  const joins = bytes <= joinUpTo;
  const head = Buffer.allocUnsafe(joins ? headBytes + bytes : headBytes);
  head.writeUInt32LE(1 + bytes, 0);
  head[lengthBytes] = kind;
  if (payload === undefined) return [head];
  if (!joins) return [head, payload];
  head.set(payload, headBytes);
  return [head];
}

/** Cuts what has been pushed into frames. Holds what was pushed and not cut, and nothing else. */
export class FrameCutter {
  readonly #mostBytes: number;
  #chunks: Uint8Array[] = [];
  /** Where the first chunk goes on. */
  #at = 0;
  #left = 0;

  /** No payload is longer than `mostBytes`. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The bytes so far end in the middle of a frame, once `next` gives no more. */
  get partial(): boolean {
    return this.#left > 0;
  }

  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.#chunks.push(chunk);
    this.#left += chunk.byteLength;
  }

  /** Forgets what is left. */
  clear(): void {
    this.#chunks = [];
    this.#at = 0;
    this.#left = 0;
  }

  /** The next whole frame. Throws `RangeError` when the bytes cannot be one; nothing is to be had after that. */
  next(): Frame | undefined {
    if (this.#left < headBytes) return undefined;
    const head = this.#peek(headBytes);
    const length = head.readUInt32LE(0);
    const kind = head[lengthBytes] as number;
    if (length < 1 || length - 1 > this.#mostBytes)
      throw new RangeError(`Not a frame: a payload of ${length - 1} bytes (${this.#mostBytes} are allowed).`);
    if (kind < VALUE || kind > largestKind) throw new RangeError(`Not a frame: its kind is ${kind}.`);
    if (this.#left < lengthBytes + length) return undefined;
    this.#take(headBytes);
    return { kind, payload: this.#take(length - 1) };
  }

  #peek(bytes: number): Buffer {
    const first = this.#chunks[0] as Uint8Array;
    if (first.byteLength - this.#at >= bytes) return Buffer.from(first.buffer, first.byteOffset + this.#at, bytes);
    const copy = Buffer.allocUnsafe(bytes);
    let filled = 0;
    for (let index = 0, at = this.#at; filled < bytes; index++, at = 0) {
      const part = (this.#chunks[index] as Uint8Array).subarray(at, at + bytes - filled);
      copy.set(part, filled);
      filled += part.byteLength;
    }
    return copy;
  }

  #take(bytes: number): Uint8Array {
    this.#left -= bytes;
    const first = this.#chunks[0];
    if (first === undefined || first.byteLength - this.#at > bytes) {
      this.#at += bytes;
      return first === undefined ? new Uint8Array(0) : first.subarray(this.#at - bytes, this.#at);
    }
    if (first.byteLength - this.#at === bytes) {
      const view = first.subarray(this.#at);
      this.#chunks.shift();
      this.#at = 0;
      return view;
    }
    return this.#join(bytes);
  }

  /** Bytes that came in several chunks, as one. */
  #join(bytes: number): Uint8Array {
    const whole = new Uint8Array(bytes);
    let filled = 0;
    let used = 0;
    for (let at = this.#at; filled < bytes; at = 0) {
      const chunk = this.#chunks[used] as Uint8Array;
      const part = chunk.subarray(at, at + bytes - filled);
      whole.set(part, filled);
      filled += part.byteLength;
      this.#at = at + part.byteLength;
      if (this.#at < chunk.byteLength) break;
      used++;
      this.#at = 0;
    }
    this.#chunks.splice(0, used);
    return whole;
  }
}
