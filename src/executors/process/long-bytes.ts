// Long bytes between two processes: they are written into a file that lies in memory and has no name, and read out of it on the other side,
// while the pipe carries no more than where they lie. One copy in, one copy out, instead of two for every piece that a socket takes, with a
// change of process for each. There is one such file for each direction of a link: the side that writes it says what lies where, the other
// one says what it has read.
//
// Mapping the file would save a part of the copy, and a child that shortens the file would bring down whoever reads the mapping; what `read`
// finds missing is an error of this child. So no address of memory is shared, and nothing has to be unmapped.
import { closeSync, ftruncateSync, readSync, statfsSync, writeSync } from "node:fs";
import { maxFrameBytes } from "./frame-writer.ts";
import { memoryFolder, openNamelessFile } from "./nameless-file.ts";
import { Spans } from "./spans.ts";

/** Shorter ones are faster in the pipe, which has to carry something anyway. */
export const leastPlaced = 64 * 1024;
/** Bytes under way at once that a file takes; what comes beyond goes by the pipe. */
const mostBytes = 256 * 2 ** 20;
/** Others use the memory of such files too, and a container may have little of it. */
const mostOfFree = 1 / 8;
/** The memory of an idle file is given back after this; until then it is used again, which is cheaper than memory that is new. */
const keptMs = 1_000;
/** What the system takes at a time is less than 2 GiB. */
const longestCall = 2 ** 30;

/** Two files for a link. */
export interface ByteFiles {
  readonly toChild: number;
  readonly fromChild: number;
  /** What either may hold, in bytes. */
  readonly most: number;
}

/** Opens them; `undefined` where there are none in memory. */
export function openByteFiles(): ByteFiles | undefined {
  if (process.platform !== "linux") return undefined;
  const toChild = openNamelessFile(memoryFolder);
  const fromChild = openNamelessFile(memoryFolder);
  try {
    if (toChild === undefined || fromChild === undefined) throw new RangeError("No file.");
    const { bavail, bsize } = statfsSync(memoryFolder);
    return { toChild, fromChild, most: Math.min(mostBytes, Math.floor(bavail * bsize * mostOfFree)) };
  } catch {
    for (const file of [toChild, fromChild]) if (file !== undefined) closeSync(file);
    return undefined;
  }
}

/** The long bytes of one side of a link. */
export class LongBytes {
  readonly #writes: number;
  readonly #reads: number;
  readonly #spans: Spans;
  #timer: NodeJS.Timeout | undefined;
  /** Read, and the other side not told yet. */
  #read: number[] = [];
  #isClosed = false;

  /** By two descriptors, one to write, `most` bytes at a time, and one to read. */
  constructor(writes: number, reads: number, most: number) {
    this.#writes = writes;
    this.#reads = reads;
    this.#spans = new Spans(most);
  }

  /** It may hold so many bytes. */
  grow(most: number): void {
    this.#spans.most = most;
  }

  /** Writes bytes and returns where they lie; `undefined` when they are short, or there is no room or no memory. */
  put(bytes: Uint8Array): number | undefined {
    if (bytes.byteLength < leastPlaced || this.#isClosed) return undefined;
    const place = this.#spans.take(bytes.byteLength);
    if (place === undefined) return undefined;
    try {
      for (let done = 0; done < bytes.byteLength; )
        done += writeSync(this.#writes, bytes, done, Math.min(bytes.byteLength - done, longestCall), place + done);
    } catch {
      // No memory left, or the task has closed the descriptor.
      this.#spans.giveBack(place);
      this.#trimSoon();
      return undefined;
    }
    return place;
  }

  /** The bytes at a place, in memory of their own. Throws a `RangeError` when there are none. */
  read(place: number, length: number): ArrayBuffer {
    if (!Number.isSafeInteger(place) || place < 0 || !Number.isSafeInteger(length) || length <= 0 || length > maxFrameBytes)
      throw new RangeError(`Not a frame: ${length} bytes at ${place} of a file.`);
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const count = readSync(this.#reads, bytes, done, Math.min(length - done, longestCall), place + done);
      if (count === 0) throw new RangeError(`Not a frame: of ${length} bytes at ${place} of a file there are ${done}.`);
      done += count;
    }
    this.#read.push(place);
    return bytes.buffer as ArrayBuffer;
  }

  /** Places that were read since the last call. */
  takeRead(): readonly number[] {
    const read = this.#read;
    if (read.length > 0) this.#read = [];
    return read;
  }

  /** Whether the other side has to be told of something. */
  get owes(): boolean {
    return this.#read.length > 0;
  }

  /** The other side has read what lies there. Throws a `RangeError` when nothing does. */
  giveBack(place: number): void {
    if (!this.#spans.giveBack(place)) throw new RangeError(`Not a frame: nothing lies at ${place} of a file.`);
    if (this.#spans.isEmpty) this.#trimSoon();
  }

  /** The link has ended. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    closeSync(this.#writes);
    closeSync(this.#reads);
  }

  #trimSoon(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#trim(), keptMs).unref();
    else this.#timer.refresh();
  }

  #trim(): void {
    this.#timer = undefined;
    if (this.#isClosed || !this.#spans.isEmpty) return;
    try {
      ftruncateSync(this.#writes, 0);
    } catch {
      // It is kept then; the end of the link frees it.
    }
  }
}
