// A cell of bytes that is replaced whole: versions in a few buffers by turns (Peterson's "Concurrent reading while writing", 1983, with a
// count in place of his flags). A load looks which version is the newest, copies it, and looks whether its buffer was needed again
// meanwhile, which takes three more stores. So it waits for nobody, and a writer that dies half-way has written nothing. Protocol and
// proof: README.md beside. Checked by test/model/protocols/version-cell.ts.
//
// Invariants
// - The buffer of a version is written before `VERSION` says so, word by word and atomically, since loads go on beside it.
// - `VERSION` is written inside the guard alone, and only grows (modulo 2^32).
import type { SharedWords } from "./atomics.ts";
import { load, store } from "./atomics.ts";
import type { Deaths } from "./obituary.ts";
import { ShortGuard } from "./short-guard.ts";

const guardAt = 0;
const versionAt = 1;
const headerWords = 2;
/** A power of two, so that the count may wrap. */
const buffers = 4;
/** How often a load is overtaken before it keeps the writers out. */
const defaultPatience = 8;

/** What a cell holds. */
export interface Version {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export class VersionCell {
  /** Bytes of the largest value. */
  readonly longest: number;
  readonly #words: SharedWords;
  readonly #base: number;
  /** Words of a buffer: the length, then the bytes. */
  readonly #size: number;
  readonly #guard: ShortGuard;
  readonly #copy: Int32Array;
  readonly #patience: number;

  /** The cell at `words[base]`, all 0 at first, which is a value of no bytes, as the thread `me` uses it. */
  constructor(
    words: SharedWords,
    base: number,
    longest: number,
    me: number,
    obituary: Deaths,
    patience: number = defaultPatience,
    lookMs?: number,
  ) {
    this.longest = longest;
    this.#words = words;
    this.#base = base;
    this.#size = bufferWords(longest);
    this.#patience = patience;
    this.#copy = new Int32Array(this.#size - 1);
    // The words that were committed are all there is.
    this.#guard = new ShortGuard(words, base + guardAt, me, obituary, lookMs, () => {});
  }

  /** Words of a cell. */
  static size(longest: number): number {
    return headerWords + buffers * bufferWords(longest);
  }

  /** The newest version. Waits for nobody, but for writers after it was overtaken again and again. */
  load(): Version {
    for (let tries = 0; tries < this.#patience; tries++) {
      const number = load(this.#words, this.#base + versionAt);
      const bytes = this.#read(number);
      // Its buffer is written again only when three newer versions are there.
      if (((load(this.#words, this.#base + versionAt) - number) | 0) < buffers - 1) return { number, bytes };
    }
    this.#guard.enter();
    const version = this.#newest();
    this.#guard.leave();
    return version;
  }

  /** Replaces the value if it still is the version `expected`, or whatever it is; says whether it did. Waits for a copy at most. */
  store(bytes: Uint8Array, expected?: number): boolean {
    this.#guard.enter();
    const number = load(this.#words, this.#base + versionAt);
    const stored = expected === undefined || expected === number;
    if (stored) this.#write((number + 1) | 0, bytes);
    this.#guard.leave();
    return stored;
  }

  /** Replaces the value and returns the one before. Waits for a copy at most. */
  exchange(bytes: Uint8Array): Uint8Array {
    this.#guard.enter();
    const before = this.#newest();
    this.#write((before.number + 1) | 0, bytes);
    this.#guard.leave();
    return before.bytes;
  }

  /** Inside the guard. */
  #newest(): Version {
    const number = load(this.#words, this.#base + versionAt);
    return { number, bytes: this.#read(number) };
  }

  #write(number: number, bytes: Uint8Array): void {
    const at = this.#at(number);
    const words = Math.ceil(bytes.length / 4);
    new Uint8Array(this.#copy.buffer).set(bytes);
    store(this.#words, at, bytes.length);
    for (let index = 0; index < words; index++) store(this.#words, at + 1 + index, this.#copy[index] as number);
    store(this.#words, this.#base + versionAt, number);
  }

  #read(number: number): Uint8Array {
    const at = this.#at(number);
    // Of two versions, when it is overtaken: any length, but none that is too long.
    const length = load(this.#words, at);
    const words = Math.ceil(length / 4);
    for (let index = 0; index < words; index++) this.#copy[index] = load(this.#words, at + 1 + index);
    return new Uint8Array(this.#copy.buffer.slice(0, length));
  }

  #at(number: number): number {
    return this.#base + headerWords + (number & (buffers - 1)) * this.#size;
  }
}

function bufferWords(longest: number): number {
  return 1 + Math.ceil(longest / 4);
}
