// A hash map of bounded records, under a guard that is held for one look-up and one copy. Open addressing with linear probing (Peterson
// 1957) over a table of record numbers; what is stored goes into a fresh record, and one word of the table makes it the value. So a
// thread that dies half-way has changed nothing or all. Protocol and proof: README.md beside. Checked by test/model/protocols/record-map.ts.
//
// Invariants
// - The table in force says which records are in the map. Free records, the number of entries and of graves follow from it, and are found
//   anew when a thread has died inside the guard.
// - There is one record more than the map takes entries: there always is one to write into.
// - A table is at least half empty of entries, and swept into the other table before graves and entries fill three quarters, so a look-up ends.
import type { SharedWords } from "./atomics.ts";
import { load, store } from "./atomics.ts";
import type { Deaths } from "./obituary.ts";
import { RecordPool } from "./record-pool.ts";
import { ShortGuard } from "./short-guard.ts";

/** The value of a key is what it was when it was read. */
export interface Found {
  readonly value: Uint8Array;
  /** Another one when it was replaced meanwhile. */
  readonly version: number;
}

/** The version of what is not there. */
export const ABSENT = 0;
/** How a `put` ended. */
export const PUT = 0;
export const FULL = 1;
export const CHANGED = 2;

const guardAt = 0;
const sizeAt = 1;
/** The table in force, 0 or 1. */
const tableAt = 2;
const gravesAt = 3;
const headerWords = 4;

/** In a table: nothing, something that was taken out; else a record, counted from 1. */
const EMPTY = 0;
const GRAVE = -1;

/** Where a map lies, and its measures. */
export interface MapShape {
  readonly buffer: SharedArrayBuffer;
  /** In bytes, a multiple of 4. */
  readonly offset: number;
  readonly capacity: number;
  /** Bytes of a key and its value together, a multiple of 4. */
  readonly entryBytes: number;
  /** Unlike in every map, so that nobody can choose keys that all meet in one place. */
  readonly seed: number;
}

const placesFor = (capacity: number): number => 2 ** Math.ceil(Math.log2(2 * capacity + 2));

export class RecordMap {
  readonly capacity: number;
  readonly entryBytes: number;
  readonly #seed: number;
  readonly #places: number;
  readonly #words: SharedWords;
  readonly #pool: RecordPool;
  readonly #guard: ShortGuard;

  /** The map, all 0 at first, as the thread `me` uses it. */
  constructor({ buffer, offset, capacity, entryBytes, seed }: MapShape, me: number, obituary: Deaths, lookMs?: number) {
    this.capacity = capacity;
    this.entryBytes = entryBytes;
    this.#seed = seed;
    this.#places = placesFor(capacity);
    const tableWords = headerWords + 2 * this.#places;
    this.#words = new Int32Array(buffer, offset, tableWords);
    this.#pool = new RecordPool(buffer, offset + 4 * tableWords, capacity + 1, entryBytes);
    this.#guard = new ShortGuard(this.#words, guardAt, me, obituary, lookMs, () => this.#rebuild());
  }

  /** Bytes of a map. */
  static size(capacity: number, entryBytes: number): number {
    return 4 * (headerWords + 2 * placesFor(capacity)) + RecordPool.size(capacity + 1, entryBytes);
  }

  /** Entries. Never waits. */
  get size(): number {
    return this.#get(sizeAt);
  }

  get(key: Uint8Array): Found | undefined {
    const hash = this.#hash(key);
    return this.#inside(() => {
      const record = this.#get(this.#find(key, hash));
      return record > 0 ? { value: this.#pool.valueOf(record), version: this.#pool.versionOf(record) } : undefined;
    });
  }

  has(key: Uint8Array): boolean {
    const hash = this.#hash(key);
    return this.#inside(() => this.#get(this.#find(key, hash)) > 0);
  }

  /** Replaces or adds, if the entry still is of the version `expected` or whatever it is: `PUT`, `FULL` or `CHANGED`. */
  put(key: Uint8Array, value: Uint8Array, expected?: number): typeof PUT | typeof FULL | typeof CHANGED {
    const hash = this.#hash(key);
    return this.#inside(() => this.#put(key, hash, value, expected));
  }

  /** Replaces or adds what `fn` makes of the value. It is called inside the guard: for one that has tried `put` in vain. */
  putInside(key: Uint8Array, fn: (value: Uint8Array | undefined) => Uint8Array): typeof PUT | typeof FULL | typeof CHANGED {
    const hash = this.#hash(key);
    return this.#inside(() => {
      const record = this.#get(this.#find(key, hash));
      return this.#put(key, hash, fn(record > 0 ? this.#pool.valueOf(record) : undefined), undefined);
    });
  }

  /** False when it was not there. */
  delete(key: Uint8Array): boolean {
    const hash = this.#hash(key);
    return this.#inside(() => {
      const place = this.#find(key, hash);
      const record = this.#get(place);
      if (record <= 0) return false;
      this.#set(place, GRAVE);
      this.#set(gravesAt, this.#get(gravesAt) + 1);
      this.#set(sizeAt, this.#get(sizeAt) - 1);
      this.#pool.free(record);
      return true;
    });
  }

  clear(): void {
    this.#inside(() => {
      this.#changeTable([]);
      this.#rebuild();
    });
  }

  /** All entries of one moment, the keys and values as copies. */
  entries(): (readonly [key: Uint8Array, value: Uint8Array])[] {
    return this.#inside(() => this.#records().map((record) => [this.#pool.keyOf(record), this.#pool.valueOf(record)] as const));
  }

  #inside<R>(fn: () => R): R {
    this.#guard.enter();
    try {
      return fn();
    } finally {
      this.#guard.leave();
    }
  }

  #put(key: Uint8Array, hash: number, value: Uint8Array, expected: number | undefined): typeof PUT | typeof FULL | typeof CHANGED {
    let place = this.#find(key, hash);
    const old = this.#get(place);
    if (expected !== undefined && expected !== (old > 0 ? this.#pool.versionOf(old) : ABSENT)) return CHANGED;
    if (old <= 0 && this.size === this.capacity) return FULL;
    if (old === EMPTY && 4 * (this.size + this.#get(gravesAt) + 1) > 3 * this.#places) {
      this.#changeTable(this.#records());
      this.#set(gravesAt, 0);
      place = this.#find(key, hash);
    }
    const record = this.#pool.write(key, hash, value);
    this.#set(place, record);
    if (old > 0) this.#pool.free(old);
    else this.#set(sizeAt, this.#get(sizeAt) + 1);
    if (old === GRAVE) this.#set(gravesAt, this.#get(gravesAt) - 1);
    return PUT;
  }

  /** The place of the key, or the one where it belongs: a grave, or empty. */
  #find(key: Uint8Array, hash: number): number {
    const table = this.#table(this.#get(tableAt));
    let grave = -1;
    for (let at = hash & (this.#places - 1); ; at = (at + 1) & (this.#places - 1)) {
      const record = this.#get(table + at);
      if (record === EMPTY) return grave < 0 ? table + at : grave;
      if (record === GRAVE) {
        if (grave < 0) grave = table + at;
      } else if (this.#pool.hashOf(record) === hash && this.#pool.isKey(record, key)) return table + at;
    }
  }

  /** Puts records into the other table, and that table in force. */
  #changeTable(records: readonly number[]): void {
    const other = 1 - this.#get(tableAt);
    const table = this.#table(other);
    for (let at = 0; at < this.#places; at++) this.#set(table + at, EMPTY);
    for (const record of records) {
      let at = this.#pool.hashOf(record) & (this.#places - 1);
      while (this.#get(table + at) !== EMPTY) at = (at + 1) & (this.#places - 1);
      this.#set(table + at, record);
    }
    this.#set(tableAt, other);
  }

  #records(): number[] {
    const table = this.#table(this.#get(tableAt));
    const records: number[] = [];
    for (let at = 0; at < this.#places; at++) {
      const record = this.#get(table + at);
      if (record > 0) records.push(record);
    }
    return records;
  }

  #rebuild(): void {
    const inUse = new Set(this.#records());
    const table = this.#table(this.#get(tableAt));
    let graves = 0;
    for (let at = 0; at < this.#places; at++) if (this.#get(table + at) === GRAVE) graves++;
    this.#set(sizeAt, inUse.size);
    this.#set(gravesAt, graves);
    this.#pool.freeAllBut(inUse);
  }

  #table(which: number): number {
    return headerWords + which * this.#places;
  }

  /** FNV-1a, and a last mixing of the bits. */
  #hash(key: Uint8Array): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ (key[index] as number), 0x0100_0193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
    return hash ^ (hash >>> 13);
  }

  #get(at: number): number {
    return load(this.#words, at);
  }

  #set(at: number, value: number): void {
    store(this.#words, at, value);
  }
}
