// The reading end of frame-writer.ts: cuts a stream of bytes into frames.
//
// Nothing in a frame is trusted before it is checked: the other end of the pipe runs code that may write to it.

import type { Encoded } from "../../wire/codec.ts";
import { copyBytes } from "../../wire/copy-bytes.ts";
import type { Payload } from "../../wire/plain.ts";
import { readPlainPayload } from "../../wire/plain.ts";
import type { RawFrame } from "./frame-writer.ts";
import {
  BYTES,
  bytesHead,
  CHANNELS,
  CLAIMED,
  DEFINES,
  MANY,
  maxFrameBytes,
  NAMED,
  PLACED,
  placedBytes,
  READ,
  RECORD,
  RUN,
  recordHead,
  runHead,
  SETTLED,
  SOME,
  STARTED,
  settledHead,
  startedBytes,
  states,
  TIMED,
  timesBytes,
} from "./frame-writer.ts";
import type { LongBytes } from "./long-bytes.ts";

/** The shortest frame, without its length. */
const fewestBytes = startedBytes - 4;

/** `push` only stores; whoever delivers calls `next` until nothing is left, also from inside a delivery: order holds, because a
 *  frame leaves the one queue before it is handled. */
export class FrameReader {
  readonly #prefix = Buffer.allocUnsafe(bytesHead);
  /** A frame that came in more than one chunk, its length included; of long bytes, these alone. */
  #body: Buffer | undefined;
  #isBytes = false;
  /** Long bytes that belong to the next frame. */
  #beside: ArrayBuffer[] = [];
  #besideBytes = 0;
  /** Where long bytes may lie. */
  places: LongBytes | undefined;
  /** Bytes present of the prefix, or of the body once there is one. */
  #filled = 0;
  #ready: RawFrame[] = [];
  #taken = 0;
  readonly #names: { readonly url: string; readonly fn: string }[] = [];
  /** Where the text that was read last has ended. */
  #textEnd = 0;

  /** Copies a chunk in; the chunk may be reused afterwards. Throws a `RangeError` or `SyntaxError` when it cannot be frames;
   *  nothing may be pushed after that. */
  push(chunk: Buffer): void {
    let at = this.#filled > 0 || this.#body !== undefined ? this.#continue(chunk) : 0;
    while (at < chunk.byteLength) {
      const left = chunk.byteLength - at;
      if (left < bytesHead) {
        chunk.copy(this.#prefix, 0, at);
        this.#filled = left;
        return;
      }
      const bytes = 4 + checkedLength(chunk.readUInt32LE(at));
      if (bytes > left) {
        this.#begin(bytes, chunk[at + 4] === BYTES);
        this.#filled = chunk.copy(this.#body as unknown as Buffer, 0, this.#isBytes ? at + bytesHead : at);
        return;
      }
      this.#accept(chunk, at, at + bytes, false);
      at += bytes;
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
    return this.#filled > 0 || this.#body !== undefined || this.#beside.length > 0;
  }

  /** Completes what an earlier chunk has begun; returns how much of this one that took. */
  #continue(chunk: Buffer): number {
    let at = 0;
    if (this.#body === undefined) {
      at = Math.min(bytesHead - this.#filled, chunk.byteLength);
      chunk.copy(this.#prefix, this.#filled, 0, at);
      this.#filled += at;
      if (this.#filled < bytesHead) return at;
      this.#begin(4 + checkedLength(this.#prefix.readUInt32LE(0)), this.#prefix[4] === BYTES);
      this.#filled = this.#isBytes ? 0 : this.#prefix.copy(this.#body as unknown as Buffer);
    }
    const body = this.#body as unknown as Buffer;
    const count = chunk.copy(body, this.#filled, at);
    this.#filled += count;
    if (this.#filled === body.byteLength) {
      this.#body = undefined;
      this.#filled = 0;
      if (this.#isBytes) this.#keep(body.buffer as ArrayBuffer);
      else this.#accept(body, 0, body.byteLength, true);
    }
    return at + count;
  }

  /** Makes room for a frame of which a part is here. */
  #begin(bytes: number, isBytes: boolean): void {
    if (isBytes) this.#checkBeside(bytes - bytesHead);
    this.#isBytes = isBytes;
    this.#body = Buffer.allocUnsafeSlow(isBytes ? bytes - bytesHead : bytes);
  }

  #checkBeside(bytes: number): void {
    if (!(this.#besideBytes + bytes <= maxFrameBytes)) throw new RangeError(`Not a frame: ${bytes} more bytes belong to it.`);
  }

  #keep(bytes: ArrayBuffer): void {
    this.#besideBytes += bytes.byteLength;
    this.#beside.push(bytes);
  }

  /** A whole frame, of those for whoever delivers or of those beside them. */
  #accept(bytes: Buffer, start: number, end: number, owned: boolean): void {
    const kind = bytes[start + 4];
    if (kind === BYTES) {
      this.#checkBeside(end - start - bytesHead);
      this.#keep(viewOf(bytes, start + bytesHead, end).slice().buffer as ArrayBuffer);
    } else if (kind === PLACED) {
      checkHead("placed", start + placedBytes, end);
      const length = bytes.readDoubleLE(start + bytesHead + 8);
      this.#checkBeside(length);
      if (this.places === undefined) throw new RangeError("Not a frame: there is no file that its bytes could lie in.");
      this.#keep(this.places.read(bytes.readDoubleLE(start + bytesHead), length));
    } else if (kind === READ) {
      for (let at = start + bytesHead; at + 8 <= end; at += 8) this.places?.giveBack(bytes.readDoubleLE(at));
    } else {
      this.#ready.push(this.#parse(bytes, start, end, owned));
      if (this.#beside.length > 0)
        throw new RangeError("Not a frame: long bytes came before it, and it has nothing that they could belong to.");
    }
  }

  /** What came before belongs to the payload that is being read. */
  #withBeside(bytes: Uint8Array): Encoded {
    if (this.#beside.length === 0) return { bytes };
    const attachments = this.#beside;
    this.#beside = [];
    this.#besideBytes = 0;
    return { bytes, attachments, resendable: true, stays: true };
  }

  /** The frame from `start` to `end`, its length included. Its payload is a copy, unless the bytes are `owned`, or the
   *  plain value itself. */
  #parse(bytes: Buffer, start: number, end: number, owned: boolean): RawFrame {
    const kind = bytes[start + 4];
    const payloadOf = (at: number): Payload => this.#withBeside(owned ? viewOf(bytes, at, end) : copyOf(bytes, at, end));
    if (kind === SETTLED) {
      checkHead("settled", start + settledHead, end);
      const state = states[bytes[start + 5] as number];
      if (state === undefined) throw new RangeError(`Not a frame: a task cannot settle in state ${bytes[start + 5]}.`);
      const payloadAt = start + settledHead;
      return {
        type: "settled",
        id: bytes.readUInt32LE(start + 6),
        state,
        runMs: bytes.readDoubleLE(start + 10),
        cpuMs: numberOrNone(bytes.readDoubleLE(start + 18)),
        payload: (state === "succeeded" ? readPlainPayload(bytes, payloadAt, end) : undefined) ?? payloadOf(payloadAt),
      };
    }
    if (kind === RUN) return this.#run(bytes, start, end, payloadOf);
    if (kind === STARTED) {
      checkHead("started", start + startedBytes, end);
      return { type: "started", id: bytes.readUInt32LE(start + 5) };
    }
    if (kind === CHANNELS) return { type: "channels", payload: payloadOf(start + bytesHead) };
    if (kind === RECORD) return record(bytes, start, end, payloadOf);
    throw new RangeError(`Not a frame: its kind is ${kind}.`);
  }

  #run(bytes: Buffer, start: number, end: number, payloadOf: (at: number) => Payload): RawFrame {
    checkHead("run", start + runHead, end);
    const flags = bytes[start + 5] as number;
    let remainingMs: number | undefined;
    let timeoutMs: number | undefined;
    this.#textEnd = start + runHead;
    if (flags & TIMED) {
      checkHead("run", this.#textEnd + timesBytes, end);
      remainingMs = numberOrNone(bytes.readDoubleLE(this.#textEnd));
      timeoutMs = numberOrNone(bytes.readDoubleLE(this.#textEnd + 8));
      this.#textEnd += timesBytes;
    }
    const taskName = flags & NAMED ? this.#text(bytes, end) : undefined;
    // One after the other: each begins where the one before has ended.
    if (flags & DEFINES) this.#names.push({ url: this.#text(bytes, end), fn: this.#text(bytes, end) });
    const name = this.#names[bytes.readUInt16LE(start + 6)];
    if (name === undefined) throw new RangeError("Not a frame: a run of a function that has no name.");
    return {
      type: "run",
      id: bytes.readUInt32LE(start + 8),
      url: name.url,
      fn: name.fn,
      taskNumber: bytes.readUInt32LE(start + 12),
      taskName: taskName ?? name.fn,
      remainingMs,
      timeoutMs,
      claim: flags & CLAIMED ? bytes.readUInt32LE(start + 16) : undefined,
      many: (flags & MANY) === 0 ? undefined : (flags & SOME) === 0 ? "all" : "some",
      payload: readPlainPayload(bytes, this.#textEnd, end) ?? payloadOf(this.#textEnd),
    };
  }

  #text(bytes: Buffer, end: number): string {
    const at = this.#textEnd + 2;
    checkHead("run", at, end);
    this.#textEnd = at + bytes.readUInt16LE(at - 2);
    checkHead("run", this.#textEnd, end);
    if (this.#textEnd - at > 24) return bytes.toString("latin1", at, this.#textEnd);
    let text = "";
    for (let index = at; index < this.#textEnd; index++) text += String.fromCharCode(bytes[index] as number);
    return text;
  }
}

function numberOrNone(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function viewOf(bytes: Buffer, at: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at);
}

/** Not `bytes.slice`, which is a view when the bytes are a Buffer. */
function copyOf(bytes: Buffer, at: number, end: number): Uint8Array {
  return end - at <= 64 ? copyBytes(bytes, at, end) : new Uint8Array(viewOf(bytes, at, end));
}

function checkedLength(length: number): number {
  if (length < fewestBytes || length > maxFrameBytes)
    throw new RangeError(`Not a frame: a length of ${length} bytes (${fewestBytes} to ${maxFrameBytes} are possible).`);
  return length;
}

function checkHead(type: string, headEnd: number, end: number): void {
  if (headEnd > end) throw new RangeError(`Not a frame: ${headEnd - end} bytes too few for the head of a "${type}" frame.`);
}

function record(bytes: Buffer, start: number, end: number, payloadOf: (at: number) => Payload): RawFrame {
  checkHead("record", start + recordHead, end);
  const hasPayload = bytes[start + 5];
  const payloadAt = start + recordHead + bytes.readUInt32LE(start + 6);
  checkHead("record", payloadAt, end);
  const header: unknown = JSON.parse(bytes.toString("utf8", start + recordHead, payloadAt));
  if (typeof header !== "object" || header === null || !Object.hasOwn(header, "type"))
    throw new RangeError("Not a frame: its header has no type.");
  const { type, unbounded, ...fields } = header as Record<string, unknown>;
  if (typeof type !== "string") throw new RangeError("Not a frame: its type is no string.");
  if (hasPayload === 0 ? payloadAt < end : hasPayload !== 1)
    throw new RangeError(`Not a frame: ${end - payloadAt} bytes of payload, announced ${hasPayload}.`);
  if (Array.isArray(unbounded)) for (const name of unbounded) if (fields[name] === null) fields[name] = Number.POSITIVE_INFINITY;
  return hasPayload === 0 ? { ...fields, type } : { ...fields, type, payload: payloadOf(payloadAt) };
}
