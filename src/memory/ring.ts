// A ring of records from one thread to another: Lamport's queue for one producer and one consumer (1983) over bytes, each side
// with a copy of the other's counter that it renews only when the copy says "full" or "empty" (MCRingBuffer, Lee et al. 2010).
// Protocol and proof: README.md beside.
//
// Invariants
// - `HEAD` is written by the reader alone, `TAIL` by the writer alone. Both count bytes for ever, modulo 2^32; their difference
//   is what the ring holds, at most its capacity, which is a power of two.
// - A record is one piece: four bytes of length, then the bytes. What is left at the end and too short for a record is skipped.
// - The bytes of a record belong to the writer until `TAIL` has passed them, then to the reader until `HEAD` has.
import type { SharedWords } from "./atomics.ts";
import { load, store } from "./atomics.ts";

const HEAD = 0;
const TAIL = 16;
/** Both counters stand on cache lines of their own, and so do the records. */
const recordsAt = 128;
const lengthBytes = 4;
/** In place of a length: the next record is at the beginning. */
const SKIP = -1;

/** A fresh ring for `capacity` bytes of records; a power of two. */
export function allocateRing(capacity: number): SharedArrayBuffer {
  if (capacity < 64 || (capacity & (capacity - 1)) !== 0)
    throw new RangeError(`The capacity of a ring is a power of two, not ${capacity}.`);
  return new SharedArrayBuffer(recordsAt + capacity);
}

/** Bytes that a record of `length` bytes takes. */
const spaceFor = (length: number): number => (length + lengthBytes + 3) & ~3;

/** The producer's end. Write into `bytes` between what `open` returned and `limit`, then `publish`. */
export class RingWriter {
  /** The records. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** The longest record: with a quarter of the ring the space that is skipped at its end stays small. */
  readonly longest: number;
  /** End of the room of the open record. */
  limit = 0;
  readonly #words: SharedWords;
  readonly #lengths: Int32Array<SharedArrayBuffer>;
  readonly #capacity: number;
  #tail = 0;
  #head = 0;
  /** Where the open record begins. */
  #at = 0;

  constructor(ring: SharedArrayBuffer) {
    this.#capacity = ring.byteLength - recordsAt;
    this.longest = this.#capacity / 4 - lengthBytes;
    this.bytes = new Uint8Array(ring, recordsAt);
    this.#words = new Int32Array(ring, 0, recordsAt / 4);
    this.#lengths = new Int32Array(ring, recordsAt);
    this.#head = load(this.#words, HEAD);
    this.#tail = load(this.#words, TAIL);
  }

  /** Whether a record of the greatest length has room. Never waits. */
  get hasRoom(): boolean {
    // With the skipped rest at the end a record takes less than half of the ring.
    if (this.#free() >= this.#capacity / 2) return true;
    this.#head = load(this.#words, HEAD);
    return this.#free() >= this.#capacity / 2;
  }

  /** Makes room for a record of up to `length` bytes and returns where it begins, or -1 when the ring is too full for it. An
   *  open record that is not published has never been. Never waits. */
  open(length: number): number {
    const space = spaceFor(length);
    if (length > this.longest) return -1;
    const at = this.#tail & (this.#capacity - 1);
    const toEnd = this.#capacity - at;
    const skipped = space <= toEnd ? 0 : toEnd;
    if (this.#free() < skipped + space) {
      this.#head = load(this.#words, HEAD);
      if (this.#free() < skipped + space) return -1;
    }
    if (skipped > 0) {
      this.#lengths[at >> 2] = SKIP;
      // Moved now, published with the record that follows it.
      this.#tail = (this.#tail + skipped) | 0;
    }
    this.#at = this.#tail & (this.#capacity - 1);
    this.limit = this.#at + lengthBytes + length;
    return this.#at + lengthBytes;
  }

  /** Hands the open record over; it ends before `end`. */
  publish(end: number): void {
    const length = end - this.#at - lengthBytes;
    this.#lengths[this.#at >> 2] = length;
    this.#tail = (this.#tail + spaceFor(length)) | 0;
    store(this.#words, TAIL, this.#tail);
  }

  #free(): number {
    return this.#capacity - ((this.#tail - this.#head) | 0);
  }
}

/** The consumer's end. After `next` the record lies in `bytes` from `start` to `end`, until `next` is called again. */
export class RingReader {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  start = 0;
  end = 0;
  readonly #words: SharedWords;
  readonly #lengths: Int32Array<SharedArrayBuffer>;
  readonly #capacity: number;
  #head = 0;
  #tail = 0;
  /** What the writer knows of `#head`. */
  #released = 0;

  constructor(ring: SharedArrayBuffer) {
    this.#capacity = ring.byteLength - recordsAt;
    this.bytes = new Uint8Array(ring, recordsAt);
    this.#words = new Int32Array(ring, 0, recordsAt / 4);
    this.#lengths = new Int32Array(ring, recordsAt);
    this.#head = load(this.#words, HEAD);
    this.#tail = this.#head;
    this.#released = this.#head;
  }

  /** Whether there is nothing to read now. */
  get isEmpty(): boolean {
    return this.#head === this.#tail && load(this.#words, TAIL) === this.#head;
  }

  /** Takes the next record; false when there is none. The one before belongs to the writer again. Never waits. */
  next(): boolean {
    if (this.#head === this.#tail) {
      this.#release();
      this.#tail = load(this.#words, TAIL);
      if (this.#head === this.#tail) return false;
    } else if (((this.#head - this.#released) | 0) >= this.#capacity / 4) {
      // Not after every record: each store takes the cache line from the writer.
      this.#release();
    }
    let at = this.#head & (this.#capacity - 1);
    let length = this.#lengths[at >> 2] as number;
    if (length === SKIP) {
      this.#head = (this.#head + this.#capacity - at) | 0;
      at = 0;
      length = this.#lengths[0] as number;
    }
    this.start = at + lengthBytes;
    this.end = this.start + length;
    this.#head = (this.#head + spaceFor(length)) | 0;
    return true;
  }

  #release(): void {
    if (this.#released === this.#head) return;
    this.#released = this.#head;
    store(this.#words, HEAD, this.#head);
  }
}
