// Frames as records of a ring. The two that pass with every task have a fixed head; every other one is a plain record of the value
// codec. The payload comes last and fills the record. Numbers are little-endian. Layouts: README.md beside.

import type { RingWriter } from "../../memory/ring.ts";
import { decode, encode } from "../../wire/codec.ts";
import { copyBytes } from "../../wire/copy-bytes.ts";
import type { Frame, RunFrame, SettledFrame } from "../pool/frames.ts";

const RECORD = 0;
const RUN = 1;
const SETTLED = 2;

// Flags of RUN.
const MANY = 1;
const NAMED = 2;
const DEFINES = 4;
const CLAIMED = 8;

const settledHead = 24;
const runHead = 28;
const recordHead = 8;
const states: readonly SettledFrame["state"][] = ["succeeded", "failed", "cancelled"];
/** Functions that one link has numbers for; those beyond are named in full each time. */
const mostNames = 0xffff;
const largestId = 0xffffffff;

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
    if (type === "settled" && frame.id <= largestId) return !frame.payload.attachments?.length && this.#settled(frame);
    if (type === "run" && isPlain(frame)) return !frame.payload.attachments?.length && this.#run(frame);
    return !("payload" in frame && frame.payload.attachments?.length) && this.#record(frame);
  }

  #settled({ id, state, runMs, cpuMs, payload: { bytes } }: SettledFrame): boolean {
    const at = this.#ring.open(settledHead + bytes.length);
    if (at < 0) return false;
    const view = this.#view;
    this.#ring.bytes[at] = SETTLED;
    this.#ring.bytes[at + 1] = states.indexOf(state);
    view.setUint32(at + 4, id, true);
    view.setFloat64(at + 8, runMs, true);
    view.setFloat64(at + 16, cpuMs ?? Number.NaN, true);
    this.#finish(at + settledHead, bytes);
    return true;
  }

  #run(frame: RunFrame): boolean {
    const { url, fn, taskId, taskName, payload } = frame;
    const known = this.#numbers.get(url)?.get(fn);
    if (known === undefined && this.#named === mostNames) return this.#record(frame);
    const names = known === undefined ? url.length + fn.length + 4 : 0;
    const at = this.#ring.open(runHead + taskId.length + taskName.length + names + 4 + payload.bytes.length);
    if (at < 0) return false;
    const { bytes } = this.#ring;
    const view = this.#view;
    const named = taskName !== fn;
    bytes[at] = RUN;
    bytes[at + 1] =
      (frame.many ? MANY : 0) | (named ? NAMED : 0) | (known === undefined ? DEFINES : 0) | (frame.claim === undefined ? 0 : CLAIMED);
    view.setUint16(at + 2, known ?? this.#named, true);
    view.setUint32(at + 4, frame.id, true);
    view.setUint32(at + 8, frame.claim ?? 0, true);
    view.setFloat64(at + 12, frame.remainingMs ?? Number.NaN, true);
    view.setFloat64(at + 20, frame.timeoutMs ?? Number.NaN, true);
    let end = this.#string(at + runHead, taskId);
    if (named && end >= 0) end = this.#string(end, taskName);
    if (known === undefined && end >= 0) end = this.#string(end, url);
    if (known === undefined && end >= 0) end = this.#string(end, fn);
    // Not Latin-1: the open record is given up, the codec knows all strings.
    if (end < 0) return this.#record(frame);
    if (known === undefined) this.#remember(url, fn);
    this.#finish(end, payload.bytes);
    return true;
  }

  #record(frame: Frame): boolean {
    const { payload, ...fields } = frame as Frame & Partial<Pick<RunFrame, "payload">>;
    let head: Uint8Array;
    try {
      head = encode(fields, { root: "message" }).bytes;
    } catch {
      // A field that is no plain value; the port says what is wrong with it.
      return false;
    }
    const at = this.#ring.open(recordHead + head.length + (payload?.bytes.length ?? 0));
    if (at < 0) return false;
    this.#ring.bytes[at] = RECORD;
    this.#ring.bytes[at + 1] = payload === undefined ? 0 : 1;
    this.#view.setUint32(at + 4, head.length, true);
    this.#ring.bytes.set(head, at + recordHead);
    this.#finish(at + recordHead + head.length, payload?.bytes);
    return true;
  }

  #finish(end: number, payload: Uint8Array | undefined): void {
    const length = payload?.length ?? 0;
    const { bytes } = this.#ring;
    // A loop beats the call into native code for a few bytes.
    if (length <= 32) for (let index = 0; index < length; index++) bytes[end + index] = (payload as Uint8Array)[index] as number;
    else bytes.set(payload as Uint8Array, end);
    this.#ring.publish(end + length);
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
function isPlain(frame: RunFrame): boolean {
  return (
    frame.locals === undefined &&
    frame.signals === undefined &&
    frame.submission === undefined &&
    frame.id <= largestId &&
    frame.taskId.length + frame.taskName.length + frame.url.length < 8192
  );
}

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

  /** The frame in a record. Its payload is a copy: the record may be let go. */
  read(start: number, end: number): Frame {
    const kind = this.#bytes[start];
    if (kind === SETTLED) return this.#settled(start, end);
    return kind === RUN ? this.#run(start, end) : this.#record(start, end);
  }

  #settled(start: number, end: number): SettledFrame {
    const view = this.#view;
    const cpuMs = view.getFloat64(start + 16, true);
    return {
      type: "settled",
      id: view.getUint32(start + 4, true),
      state: states[this.#bytes[start + 1] as number] as SettledFrame["state"],
      runMs: view.getFloat64(start + 8, true),
      cpuMs: Number.isNaN(cpuMs) ? undefined : cpuMs,
      payload: { bytes: copyBytes(this.#bytes, start + settledHead, end) },
    };
  }

  #run(start: number, end: number): RunFrame {
    const view = this.#view;
    const flags = this.#bytes[start + 1] as number;
    const remainingMs = view.getFloat64(start + 12, true);
    const timeoutMs = view.getFloat64(start + 20, true);
    const taskId = this.#string(start + runHead);
    const taskName = flags & NAMED ? this.#string(this.#end) : undefined;
    // One after the other: each begins where the one before has ended.
    if (flags & DEFINES) this.#names.push({ url: this.#string(this.#end), fn: this.#string(this.#end) });
    const { url, fn } = this.#names[view.getUint16(start + 2, true)] as { readonly url: string; readonly fn: string };
    return {
      type: "run",
      id: view.getUint32(start + 4, true),
      url,
      fn,
      taskId,
      taskName: taskName ?? fn,
      remainingMs: Number.isNaN(remainingMs) ? undefined : remainingMs,
      timeoutMs: Number.isNaN(timeoutMs) ? undefined : timeoutMs,
      many: (flags & MANY) !== 0 || undefined,
      claim: flags & CLAIMED ? view.getUint32(start + 8, true) : undefined,
      submission: undefined,
      locals: undefined,
      signals: undefined,
      payload: { bytes: copyBytes(this.#bytes, this.#end, end) },
    };
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
