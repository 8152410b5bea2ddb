// Frames as bytes on a pipe: u32 length of what follows, u32 length of the header, the header as JSON, then the payload, all
// little-endian. JSON because a header is a handful of scalars; the payload is opaque and never parsed here. The header says
// how long the payload is (`payload`), which tells an empty payload from none and catches garbage early.
//
// Nothing in a frame is trusted before it is checked: the other end of the pipe runs code that may write to it.

/** The longest frame, 1 GiB. Beyond it a length is taken for garbage; larger values belong in files or shared memory. */
export const maxFrameBytes = 2 ** 30;

/** Payloads up to this size are copied behind their header, so that a small frame is one piece. */
const joinUpTo = 8 * 1024;
const prefixBytes = 8;

/** A frame for the codec: a type, scalars, and bytes of the value codec at most once. */
export interface RawFrame {
  readonly type: string;
  readonly payload?: { readonly bytes: Uint8Array; readonly attachments?: readonly unknown[] | undefined } | undefined;
  readonly [field: string]: unknown;
}

/** The pieces to write, in order. The payload's own bytes may be among them: leave them alone until written. Throws a
 *  `RangeError` for a frame above `maxFrameBytes`, a `TypeError` for attachments. */
export function encodeFrame(frame: { readonly type: string }): Uint8Array[] {
  const { payload, ...header } = frame as RawFrame;
  if (payload?.attachments?.length) {
    throw new TypeError(`A "${frame.type}" frame has attachments, which cannot leave the process; encode it with sharesMemory: false.`);
  }
  const bytes = payload?.bytes;
  const head = Buffer.from(JSON.stringify({ ...header, payload: bytes?.byteLength, unbounded: unboundedFields(header) }));
  const length = 4 + head.byteLength + (bytes?.byteLength ?? 0);
  if (length > maxFrameBytes) {
    throw new RangeError(`A "${frame.type}" frame of ${length} bytes is above what a link to a process carries (${maxFrameBytes} bytes).`);
  }
  const joined = bytes !== undefined && bytes.byteLength <= joinUpTo;
  const piece = Buffer.allocUnsafe(prefixBytes + head.byteLength + (joined ? bytes.byteLength : 0));
  piece.writeUInt32LE(length, 0);
  piece.writeUInt32LE(head.byteLength, 4);
  piece.set(head, prefixBytes);
  if (joined) piece.set(bytes, prefixBytes + head.byteLength);
  return bytes === undefined || joined ? [piece] : [piece, bytes];
}

/** Names of the fields that hold `Infinity`, which JSON has no word for (an unlimited grace); usually none. */
function unboundedFields(header: Readonly<Record<string, unknown>>): string[] | undefined {
  const names = Object.keys(header).filter((name) => header[name] === Number.POSITIVE_INFINITY);
  return names.length > 0 ? names : undefined;
}

/** Cuts a stream of bytes into frames. `push` only stores; whoever delivers calls `next` until nothing is left, also from
 *  inside a delivery: order holds, because a frame leaves the one queue before it is handled. */
export class FrameDecoder {
  readonly #prefix = Buffer.allocUnsafe(4);
  #body: Buffer | undefined;
  /** Bytes present of the prefix, or of the body once there is one. */
  #filled = 0;
  #ready: RawFrame[] = [];
  #taken = 0;

  /** Copies a chunk in; the chunk may be reused afterwards. Throws a `RangeError` or `SyntaxError` when it cannot be frames;
   *  nothing may be pushed after that. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.byteLength) {
      const target = this.#body ?? this.#prefix;
      const count = Math.min(target.byteLength - this.#filled, chunk.byteLength - at);
      target.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < target.byteLength) return;
      this.#filled = 0;
      if (this.#body === undefined) this.#body = Buffer.allocUnsafeSlow(checkedLength(this.#prefix.readUInt32LE(0)));
      else {
        const body = this.#body;
        this.#body = undefined;
        this.#ready.push(parse(body));
      }
    }
  }

  /** The next whole frame, removed. */
  next(): RawFrame | undefined {
    if (this.#taken === this.#ready.length) {
      if (this.#taken > 0) [this.#ready, this.#taken] = [[], 0];
      return undefined;
    }
    return this.#ready[this.#taken++];
  }

  /** Whether the bytes so far end in the middle of a frame. */
  get partial(): boolean {
    return this.#filled > 0 || this.#body !== undefined;
  }
}

function checkedLength(length: number): number {
  if (length < 6 || length > maxFrameBytes)
    throw new RangeError(`Not a frame: a length of ${length} bytes (6 to ${maxFrameBytes} are possible).`);
  return length;
}

function parse(body: Buffer): RawFrame {
  const headerBytes = body.readUInt32LE(0);
  const payloadAt = 4 + headerBytes;
  if (payloadAt > body.byteLength) throw new RangeError(`Not a frame: a header of ${headerBytes} bytes in ${body.byteLength} bytes.`);
  const header: unknown = JSON.parse(body.toString("utf8", 4, payloadAt));
  if (typeof header !== "object" || header === null || !Object.hasOwn(header, "type"))
    throw new RangeError("Not a frame: its header has no type.");
  const { type, payload, unbounded, ...fields } = header as Record<string, unknown>;
  const bytes = body.byteLength - payloadAt;
  if (typeof type !== "string") throw new RangeError("Not a frame: its type is no string.");
  if (payload === undefined ? bytes > 0 : payload !== bytes)
    throw new RangeError(`Not a frame: ${bytes} bytes of payload, announced ${payload}.`);
  if (Array.isArray(unbounded)) for (const name of unbounded) if (fields[name] === null) fields[name] = Number.POSITIVE_INFINITY;
  if (payload === undefined) return { type, ...fields };
  return { type, ...fields, payload: { bytes: new Uint8Array(body.buffer, body.byteOffset + payloadAt, bytes) } };
}
