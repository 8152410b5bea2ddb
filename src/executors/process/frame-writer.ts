// Frames as bytes on a pipe: u32 length of what follows, u8 kind, then the kind's own head and the payload, all little-endian. The
// frames that pass with every task or value of a channel have a fixed head; every other one has a header of JSON, since it is rare and a handful of
// scalars. The payload is opaque and never parsed here; it ends where its frame ends. The reading end: frame-reader.ts.
//
// Frames of one tick lie behind one another in one slab, so that they leave in one write; only large payloads are pieces of their own.
import type { Encoded } from "../../wire/codec.ts";
import type { Payload } from "../../wire/plain.ts";
import { lengthOf, writePlain } from "../../wire/plain.ts";
import type { RunFrame, SettledFrame, StartedFrame } from "../pool/frames.ts";
import { runRecord } from "../pool/frames.ts";
import type { LongBytes } from "./long-bytes.ts";

/** The longest frame, 1 GiB. Beyond it a length is taken for garbage; larger values belong in files or shared memory. */
export const maxFrameBytes = 2 ** 30;

export const RECORD = 1;
export const RUN = 2;
export const SETTLED = 3;
export const STARTED = 4;
/** Long bytes that belong to the frame that follows: here, or at a place of a file (long-bytes.ts); and places that were read. */
export const BYTES = 5;
export const PLACED = 6;
export const READ = 7;
export const CHANNELS = 8;

/** Flags of a run: what follows its head. */
export const MANY = 1;
export const CLAIMED = 2;
export const NAMED = 4;
export const DEFINES = 8;
export const TIMED = 16;
export const SOME = 32;

/** Bytes before what varies: length, kind, and the kind's own. */
export const recordHead = 4 + 1 + 1 + 4;
export const runHead = 4 + 1 + 1 + 2 + 4 + 4 + 4;
export const timesBytes = 16;
export const settledHead = 4 + 1 + 1 + 4 + 8 + 8;
export const startedBytes = 4 + 1 + 4;
export const bytesHead = 4 + 1;
export const placedBytes = 4 + 1 + 8 + 8;

export const states: readonly SettledFrame["state"][] = ["succeeded", "failed", "cancelled"];

const slabBytes = 64 * 1024;
/** Payloads up to this size are copied behind their head. */
const joinUpTo = 8 * 1024;
const mostNames = 2 ** 16;
const largestId = 2 ** 32 - 1;
const longestText = 2 ** 12;

/** A frame for the codec: a type, scalars, and one payload of the value codec at most. */
export interface RawFrame {
  readonly type: string;
  readonly payload?: Payload | undefined;
  readonly [field: string]: unknown;
}

/** Whether a run says more than the head of one can. */
const needsRecord = ({ locals, signals, submission, stream }: RunFrame): boolean =>
  locals !== undefined || signals !== undefined || submission !== undefined || stream !== undefined;

/** The writing end of one direction: it gives numbers to the names of functions, which the reading end learns. */
export class FrameWriter {
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  /** What of the slab has been taken, and what has been filled. */
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];
  readonly #names = new Map<string, Map<string, number>>();
  #named = 0;
  /** Where long bytes go instead, if anywhere. */
  places: LongBytes | undefined;

  /** Adds a frame to what has to be written. Throws a `RangeError` for a frame above `maxFrameBytes`, a `TypeError` for attachments that are
   *  no bytes, and has added nothing then. */
  add(frame: { readonly type: string }): void {
    const { type } = frame;
    const { payload } = frame as RawFrame;
    if (payload?.attachments?.length) this.#beside(type, payload as Encoded);
    if (type === "settled" && this.#settled(frame as SettledFrame)) return;
    if (type === "run" && this.#run(frame as RunFrame)) return;
    if (type === "started" && this.#started(frame as StartedFrame)) return;
    if (type === "channels" && payload !== undefined) {
      this.#channels(payload);
      return;
    }
    this.#record(frame as RawFrame);
  }

  /** Says that these places have been read and may be written again. */
  addRead(places: readonly number[]): void {
    const at = this.#open("read", bytesHead + places.length * 8, 0);
    this.#slab[at + 4] = READ;
    this.#end = at + bytesHead;
    for (const place of places) this.#end = this.#slab.writeDoubleLE(place, this.#end);
  }

  get isEmpty(): boolean {
    return this.#end === this.#start && this.#pieces.length === 0;
  }

  /** Bytes that wait, those of large payloads not counted. */
  get waitingBytes(): number {
    return this.#end - this.#start;
  }

  /** What waits, as far as it is in one piece; `undefined` when large payloads are among it. */
  get waiting(): Uint8Array | undefined {
    return this.#pieces.length > 0 ? undefined : this.#slab.subarray(this.#start, this.#end);
  }

  /** The pieces to write, in order; payloads of the caller may be among them: leave them alone until written. */
  take(): Uint8Array[] {
    this.#cut();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** All that was taken has been written: its room is used again. */
  recycle(): void {
    if (this.#start === this.#end && this.#pieces.length === 0) this.#start = this.#end = 0;
  }

  #settled({ id, state, runMs, cpuMs, payload }: SettledFrame): boolean {
    if (!isShort(id) || payload === undefined) return false;
    const at = this.#open("settled", settledHead, lengthOf(payload));
    const slab = this.#slab;
    slab[at + 4] = SETTLED;
    slab[at + 5] = states.indexOf(state);
    slab.writeUInt32LE(id, at + 6);
    slab.writeDoubleLE(runMs, at + 10);
    slab.writeDoubleLE(cpuMs ?? Number.NaN, at + 18);
    this.#close(at + settledHead, payload);
    return true;
  }

  #started({ id }: StartedFrame): boolean {
    if (!isShort(id)) return false;
    const at = this.#open("started", startedBytes, 0);
    this.#slab[at + 4] = STARTED;
    this.#slab.writeUInt32LE(id, at + 5);
    this.#close(at + startedBytes, undefined);
    return true;
  }

  #channels(payload: Payload): void {
    const at = this.#open("channels", bytesHead, lengthOf(payload));
    this.#slab[at + 4] = CHANNELS;
    this.#close(at + bytesHead, payload);
  }

  #run(frame: RunFrame): boolean {
    const { id, url, fn, taskNumber, taskName, claim, remainingMs, timeoutMs, payload } = frame;
    if (needsRecord(frame)) return false;
    if (!isShort(id) || !isShort(taskNumber) || taskName.length + url.length + fn.length > longestText) return false;
    const known = this.#names.get(url)?.get(fn);
    const defines = known === undefined;
    const isNamed = taskName !== fn;
    const isTimed = remainingMs !== undefined || timeoutMs !== undefined;
    if ((isNamed && !isLatin1(taskName)) || (defines && (this.#named === mostNames || !isLatin1(url) || !isLatin1(fn)))) return false;
    const texts = (isNamed ? taskName.length + 2 : 0) + (defines ? url.length + fn.length + 4 : 0);
    const at = this.#open("run", runHead + (isTimed ? timesBytes : 0) + texts, lengthOf(payload));
    const slab = this.#slab;
    slab[at + 4] = RUN;
    slab[at + 5] =
      (frame.many === undefined ? 0 : MANY) |
      (frame.many === "some" ? SOME : 0) |
      (claim === undefined ? 0 : CLAIMED) |
      (isNamed ? NAMED : 0) |
      (defines ? DEFINES : 0) |
      (isTimed ? TIMED : 0);
    slab.writeUInt16LE(known ?? this.#named, at + 6);
    slab.writeUInt32LE(id, at + 8);
    slab.writeUInt32LE(taskNumber, at + 12);
    slab.writeUInt32LE(claim ?? 0, at + 16);
    let end = at + runHead;
    if (isTimed) {
      slab.writeDoubleLE(remainingMs ?? Number.NaN, end);
      slab.writeDoubleLE(timeoutMs ?? Number.NaN, end + 8);
      end += timesBytes;
    }
    if (isNamed) end = this.#text(end, taskName);
    if (defines) {
      end = this.#text(this.#text(end, url), fn);
      this.#remember(url, fn);
    }
    this.#close(end, payload);
    return true;
  }

  /** Two bytes of length, then the characters; returns where they end. */
  #text(at: number, text: string): number {
    const slab = this.#slab;
    slab.writeUInt16LE(text.length, at);
    for (let index = 0; index < text.length; index++) slab[at + 2 + index] = text.charCodeAt(index);
    return at + 2 + text.length;
  }

  /** Any frame: its header as JSON. The byte before its length says whether there is a payload, which tells an empty one from none. */
  #record(frame: RawFrame): void {
    const { payload, ...fields } = frame.type === "run" ? (runRecord(frame as unknown as RunFrame) as unknown as RawFrame) : frame;
    const unbounded = unboundedFields(fields);
    const head = Buffer.from(JSON.stringify(unbounded === undefined ? fields : { ...fields, unbounded }));
    const at = this.#open(fields.type, recordHead + head.byteLength, payload === undefined ? 0 : lengthOf(payload));
    const slab = this.#slab;
    slab[at + 4] = RECORD;
    slab[at + 5] = payload === undefined ? 0 : 1;
    slab.writeUInt32LE(head.byteLength, at + 6);
    slab.set(head, at + recordHead);
    this.#close(at + recordHead + head.byteLength, payload);
  }

  /** What lies beside a message goes before it. */
  #beside(type: string, { bytes, attachments = [], stays }: Encoded): void {
    if (!stays)
      throw new TypeError(`A "${type}" frame has attachments, which cannot leave the process; encode it with sharesMemory: false.`);
    const pieces = attachments.map((one) => (ArrayBuffer.isView(one) ? (one as Uint8Array) : new Uint8Array(one as ArrayBuffer)));
    // All of it, before anything is added.
    checkLength(
      type,
      pieces.reduce((sum, piece) => sum + piece.byteLength, recordHead + longestText * 4 + bytes.byteLength),
    );
    pieces.forEach((piece, index) => {
      const place = this.places?.put(piece);
      const at = this.#open(type, place === undefined ? bytesHead : placedBytes, place === undefined ? piece.byteLength : 0);
      if (place === undefined) {
        this.#slab[at + 4] = BYTES;
        // A view is of memory that its owner may change before this is written.
        this.#close(at + bytesHead, { bytes: piece === attachments[index] ? Buffer.from(piece) : piece });
        return;
      }
      this.#slab[at + 4] = PLACED;
      this.#slab.writeDoubleLE(place, at + bytesHead);
      this.#slab.writeDoubleLE(piece.byteLength, at + bytesHead + 8);
      this.#end = at + placedBytes;
    });
  }

  /** Where a frame begins that needs `head` bytes beside its payload; writes its length. */
  #open(type: string, head: number, payloadBytes: number): number {
    const length = head - 4 + payloadBytes;
    checkLength(type, length);
    const needed = head + (payloadBytes <= joinUpTo ? payloadBytes : 0);
    if (this.#end + needed > this.#slab.byteLength) {
      this.#cut();
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needed));
      this.#start = this.#end = 0;
    }
    this.#slab.writeUInt32LE(length, this.#end);
    return this.#end;
  }

  #close(headEnd: number, payload: Payload | undefined): void {
    this.#end = headEnd;
    if (payload === undefined) return;
    const { bytes } = payload;
    if (bytes === undefined) this.#end = writePlain(payload, this.#slab, headEnd);
    else if (bytes.byteLength <= joinUpTo) {
      this.#slab.set(bytes, headEnd);
      this.#end = headEnd + bytes.byteLength;
    } else {
      this.#cut();
      this.#pieces.push(bytes);
    }
  }

  /** What has been filled becomes a piece. */
  #cut(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #remember(url: string, fn: string): void {
    let names = this.#names.get(url);
    if (names === undefined) {
      names = new Map();
      this.#names.set(url, names);
    }
    names.set(fn, this.#named++);
  }
}

function checkLength(type: string, length: number): void {
  if (length > maxFrameBytes)
    throw new RangeError(`A "${type}" frame of ${length} bytes is above what a link to a process carries (${maxFrameBytes} bytes).`);
}

function isShort(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= largestId;
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 255) return false;
  return true;
}

/** Names of the fields that hold `Infinity`, which JSON has no word for (an unlimited grace); usually none. */
function unboundedFields(header: Readonly<Record<string, unknown>>): string[] | undefined {
  const names = Object.keys(header).filter((name) => header[name] === Number.POSITIVE_INFINITY);
  return names.length > 0 ? names : undefined;
}
