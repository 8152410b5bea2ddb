// Records of one size, each with a key and a value, and the list of the free ones. All inside the guard of the map that they belong to.
import type { SharedWords } from "./atomics.ts";

/** The first free record, counted from 1. */
const freeAt = 0;
/** Records that were ever used. */
const usedAt = 1;
/** The newest version. */
const versionAt = 2;
const headerWords = 3;

/** Words before the bytes of a record. */
const hashWord = 0;
const keyLengthWord = 1;
const valueLengthWord = 2;
const versionWord = 3;
const nextWord = 4;
const recordHeader = 5;

export class RecordPool {
  readonly #words: SharedWords;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #recordWords: number;

  constructor(buffer: SharedArrayBuffer, offset: number, count: number, recordBytes: number) {
    const size = RecordPool.size(count, recordBytes);
    this.#words = new Int32Array(buffer, offset, size / 4);
    this.#bytes = new Uint8Array(buffer, offset, size);
    this.#recordWords = recordHeader + recordBytes / 4;
  }

  static size(count: number, recordBytes: number): number {
    return 4 * (headerWords + count * recordHeader) + count * recordBytes;
  }

  hashOf(record: number): number {
    return this.#get(this.#at(record) + hashWord);
  }

  /** Never 0. */
  versionOf(record: number): number {
    return this.#get(this.#at(record) + versionWord);
  }

  isKey(record: number, key: Uint8Array): boolean {
    if (this.#get(this.#at(record) + keyLengthWord) !== key.length) return false;
    const from = this.#bytesAt(record);
    for (let index = 0; index < key.length; index++) if (this.#bytes[from + index] !== key[index]) return false;
    return true;
  }

  keyOf(record: number): Uint8Array {
    return this.#copy(this.#bytesAt(record), this.#get(this.#at(record) + keyLengthWord));
  }

  valueOf(record: number): Uint8Array {
    const at = this.#at(record);
    return this.#copy(this.#bytesAt(record) + this.#get(at + keyLengthWord), this.#get(at + valueLengthWord));
  }

  /** Writes a free record, of which there is one, and returns its number. */
  write(key: Uint8Array, hash: number, value: Uint8Array): number {
    const record = this.#allocate();
    const version = (this.#get(versionAt) + 1) & 0x7fff_ffff || 1;
    this.#set(versionAt, version);
    const at = this.#at(record);
    this.#set(at + hashWord, hash);
    this.#set(at + keyLengthWord, key.length);
    this.#set(at + valueLengthWord, value.length);
    this.#set(at + versionWord, version);
    const bytesAt = this.#bytesAt(record);
    this.#bytes.set(key, bytesAt);
    this.#bytes.set(value, bytesAt + key.length);
    return record;
  }

  free(record: number): void {
    this.#set(this.#at(record) + nextWord, this.#get(freeAt));
    this.#set(freeAt, record);
  }

  freeAllBut(inUse: ReadonlySet<number>): void {
    this.#set(freeAt, 0);
    for (let record = this.#get(usedAt); record > 0; record--) if (!inUse.has(record)) this.free(record);
  }

  #allocate(): number {
    const free = this.#get(freeAt);
    if (free !== 0) this.#set(freeAt, this.#get(this.#at(free) + nextWord));
    else this.#set(usedAt, this.#get(usedAt) + 1);
    return free === 0 ? this.#get(usedAt) : free;
  }

  #copy(from: number, length: number): Uint8Array {
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(from, from + length));
    return copy;
  }

  #at(record: number): number {
    return headerWords + (record - 1) * this.#recordWords;
  }

  #bytesAt(record: number): number {
    return 4 * (this.#at(record) + recordHeader);
  }

  #get(at: number): number {
    return this.#words[at] as number;
  }

  #set(at: number, value: number): void {
    this.#words[at] = value;
  }
}
