// Frames as records of a ring. The two that pass with every task have a fixed head, the first of a worker has nothing else; every other
// one is a plain record of the value codec. The payload comes last and fills the record. Numbers are little-endian. Layouts: README.md
// beside.

import type { RingWriter } from "../../memory/ring.ts";
import { decode, encode } from "../../wire/codec.ts";
import { copyBytes } from "../../wire/copy-bytes.ts";
import { lengthOf, type Payload, readPlainPayload, writePlain } from "../../wire/plain.ts";
import { type Frame, type RunFrame, runRecord, type SettledFrame } from "../pool/frames.ts";

const RECORD = 0;
const RUN = 1;
const SETTLED = 2;
const READY = 3;

// Flags of RUN.
const MANY = 1;
const NAMED = 2;
const DEFINES = 4;
const CLAIMED = 8;
const TIMED = 16;
const SOME = 32;

const settledHead = 24;
const runHead = 16;
const timesBytes = 16;
const recordHead = 8;
const states: readonly SettledFrame["state"][] = ["succeeded", "failed", "cancelled"];
/** Functions that one link has numbers for; those beyond are named in full each time. */
const mostNames = 0xffff;
const largestNumber = 0xffffffff;

/** The writing end: remembers which functions the other side has numbers for. */
export class FrameWriter {
  readonly #ring: RingWriter;
  readonly #view: DataView;
  /** Numbers by URL and name. */
  readonly #numbers = new Map<string, Map<string, number>>();
  #named = 0;

  constructor(ring: RingWriter) {
    this.#ring = ring;
    this.#view = new DataView(ring.bytes.buffer, ring.bytes.byteOffset);
  }

  /** Writes the frame as one record; false when it does not fit: too long, a full ring, or memory beside its bytes. */
  write(frame: Frame): boolean {
    const { type } = frame;
    if ("payload" in frame && frame.payload.attachments?.length) return false;
    if (type === "settled" && frame.id <= largestNumber) return this.#settled(frame);
    if (type === "ready") return this.#ready();
    return type === "run" && isOrdinary(frame) ? this.#run(frame) : this.#record(frame);
  }

  /** The first word of every worker, so that its start does not wait for the codec to be compiled. */
  #ready(): boolean {
    const at = this.#ring.open(recordHead);
    if (at < 0) return false;
    this.#ring.bytes[at] = READY;
    this.#ring.publish(at + recordHead);
    return true;
  }

  #settled({ id, state, runMs, cpuMs, payload }: SettledFrame): boolean {
    const at = this.#ring.open(settledHead + lengthOf(payload));
    if (at < 0) return false;
    const view = this.#view;
    this.#ring.bytes[at] = SETTLED;
    this.#ring.bytes[at + 1] = states.indexOf(state);
    view.setUint32(at + 4, id, true);
    view.setFloat64(at + 8, runMs, true);
    view.setFloat64(at + 16, cpuMs ?? Number.NaN, true);
    this.#finish(at + settledHead, payload);
    return true;
  }

  #run(frame: RunFrame): boolean {
    const { url, fn, taskName, remainingMs, timeoutMs, claim, payload } = frame;
    const known = this.#numbers.get(url)?.get(fn);
    if (known === undefined && this.#named === mostNames) return this.#record(frame);
    const names = known === undefined ? url.length + fn.length + 4 : 0;
    const named = taskName !== fn;
    const timed = remainingMs !== undefined || timeoutMs !== undefined;
    const length = runHead + (timed ? timesBytes : 0) + (named ? taskName.length + 2 : 0) + names + lengthOf(payload);
    const at = this.#ring.open(length);
    if (at < 0) return false;
    const { bytes } = this.#ring;
    const view = this.#view;
    bytes[at] = RUN;
    bytes[at + 1] =
      (frame.many === undefined ? 0 : MANY) |
      (frame.many === "some" ? SOME : 0) |
      (named ? NAMED : 0) |
      (known === undefined ? DEFINES : 0) |
      (claim === undefined ? 0 : CLAIMED) |
      (timed ? TIMED : 0);
    view.setUint16(at + 2, known ?? this.#named, true);
    view.setUint32(at + 4, frame.id, true);
    view.setUint32(at + 8, frame.taskNumber, true);
    view.setUint32(at + 12, claim ?? 0, true);
    let end = at + runHead;
    if (timed) {
      view.setFloat64(end, remainingMs ?? Number.NaN, true);
      view.setFloat64(end + 8, timeoutMs ?? Number.NaN, true);
      end += timesBytes;
    }
    if (named) end = this.#string(end, taskName);
    if (known === undefined && end >= 0) end = this.#string(end, url);
    if (known === undefined && end >= 0) end = this.#string(end, fn);
    // Not Latin-1: the open record is given up, the codec knows all strings.
    if (end < 0) return this.#record(frame);
    if (known === undefined) this.#remember(url, fn);
    this.#finish(end, payload);
    return true;
  }

  #record(frame: Frame): boolean {
    const { payload, ...fields } = (frame.type === "run" ? runRecord(frame) : frame) as Frame & Partial<Pick<RunFrame, "payload">>;
    let head: Uint8Array;
    try {
      head = encode(fields, { root: "message" }).bytes;
    } catch {
      // A field that is no plain value; the port says what is wrong with it.
      return false;
    }
    const at = this.#ring.open(recordHead + head.length + (payload === undefined ? 0 : lengthOf(payload)));
    if (at < 0) return false;
    this.#ring.bytes[at] = RECORD;
    this.#ring.bytes[at + 1] = payload === undefined ? 0 : 1;
    this.#view.setUint32(at + 4, head.length, true);
    this.#ring.bytes.set(head, at + recordHead);
    this.#finish(at + recordHead + head.length, payload);
    return true;
  }

  /** Writes the payload and hands the record over. */
  #finish(at: number, payload: Payload | undefined): void {
    const { bytes } = this.#ring;
    let end = at;
    if (payload !== undefined) {
      if (payload.bytes === undefined) end = writePlain(payload, bytes, at);
      else {
        bytes.set(payload.bytes, at);
        end = at + payload.bytes.length;
      }
    }
    this.#ring.publish(end);
  }

  /** Two bytes of length, then the characters; -1 when one does not fit into a byte. */
  #string(at: number, text: string): number {
    const { bytes } = this.#ring;
    const { length } = text;
    bytes[at] = length & 255;
    bytes[at + 1] = length >> 8;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 255) return -1;
      bytes[at + 2 + index] = code;
    }
    return at + 2 + length;
  }

  #remember(url: string, fn: string): void {
    let names = this.#numbers.get(url);
    if (names === undefined) {
      names = new Map();
      this.#numbers.set(url, names);
    }
    names.set(fn, this.#named++);
  }
}

/** Whether a run needs no more than its head can say. */
function isOrdinary(frame: RunFrame): boolean {
  return (
    frame.locals === undefined &&
    frame.signals === undefined &&
    frame.submission === undefined &&
    frame.stream === undefined &&
    frame.id <= largestNumber &&
    frame.taskNumber <= largestNumber &&
    frame.taskName.length + frame.url.length < 8192
  );
}

const numberOrNone = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** The reading end: learns the names that the writer gives numbers to. */
export class FrameReader {
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #view: DataView;
  readonly #native: Buffer;
  readonly #names: { readonly url: string; readonly fn: string }[] = [];
  /** Where the string that was read last has ended. */
  #end = 0;

  /** Reads records that lie in `bytes`. */
  constructor(bytes: Uint8Array<SharedArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#native = Buffer.from(bytes.buffer, bytes.byteOffset);
  }

  /** The frame in a record. Its payload is a copy, or the plain value itself: the record may be let go. */
  read(start: number, end: number): Frame {
    const kind = this.#bytes[start];
    if (kind === SETTLED) return this.#settled(start, end);
    if (kind === READY) return { type: "ready" };
    return kind === RUN ? this.#run(start, end) : this.#record(start, end);
  }

  #settled(start: number, end: number): SettledFrame {
    const view = this.#view;
    const state = this.#bytes[start + 1] as number;
    const cpuMs = view.getFloat64(start + 16, true);
    return {
      type: "settled",
      id: view.getUint32(start + 4, true),
      state: states[state] as SettledFrame["state"],
      runMs: view.getFloat64(start + 8, true),
      cpuMs: numberOrNone(cpuMs),
      payload: this.#payload(start + settledHead, end, state === 0),
    };
  }

  #run(start: number, end: number): RunFrame {
    const view = this.#view;
    const flags = this.#bytes[start + 1] as number;
    let remainingMs: number | undefined;
    let timeoutMs: number | undefined;
    this.#end = start + runHead;
    if (flags & TIMED) {
      remainingMs = numberOrNone(view.getFloat64(this.#end, true));
      timeoutMs = numberOrNone(view.getFloat64(this.#end + 8, true));
      this.#end += timesBytes;
    }
    const taskName = flags & NAMED ? this.#string(this.#end) : undefined;
    // One after the other: each begins where the one before has ended.
    if (flags & DEFINES) this.#names.push({ url: this.#string(this.#end), fn: this.#string(this.#end) });
    const { url, fn } = this.#names[view.getUint16(start + 2, true)] as { readonly url: string; readonly fn: string };
    return {
      type: "run",
      id: view.getUint32(start + 4, true),
      url,
      fn,
      taskNumber: view.getUint32(start + 8, true),
      taskName: taskName ?? fn,
      remainingMs,
      timeoutMs,
      claim: flags & CLAIMED ? view.getUint32(start + 12, true) : undefined,
      many: (flags & MANY) === 0 ? undefined : (flags & SOME) === 0 ? "all" : "some",
      submission: undefined,
      locals: undefined,
      signals: undefined,
      payload: this.#payload(this.#end, end, true),
    };
  }

  /** A payload; `isValue`: not an error, whose bytes are of another form. */
  #payload(start: number, end: number, isValue: boolean): Payload {
    return (isValue && readPlainPayload(this.#bytes, start, end)) || { bytes: copyBytes(this.#bytes, start, end) };
  }

  #record(start: number, end: number): Frame {
    const payloadAt = start + recordHead + this.#view.getUint32(start + 4, true);
    const fields = decode({ bytes: copyBytes(this.#bytes, start + recordHead, payloadAt) }) as Frame;
    return this.#bytes[start + 1] === 0 ? fields : ({ ...fields, payload: { bytes: copyBytes(this.#bytes, payloadAt, end) } } as Frame);
  }

  #string(at: number): string {
    const length = (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
    this.#end = at + 2 + length;
    if (length > 24) return this.#native.toString("latin1", at + 2, this.#end);
    let text = "";
    for (let index = at + 2; index < this.#end; index++) text += String.fromCharCode(this.#bytes[index] as number);
    return text;
  }
}
