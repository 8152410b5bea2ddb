// SharedArena: one block of shared memory, given out from its beginning and never taken back (a bump allocator): parts cost one atomic
// step, nothing is fragmented, and all of it goes when the last holder of the block has gone.
import type { LockOptions } from "../../contract/sync.ts";
import { checkCount } from "../../core/durations.ts";
import { compareExchange, load, type SharedLongs, type SharedWords } from "../../memory/atomics.ts";
import { LongCounter } from "../../memory/counter.ts";
import { checkFields, defineFields, type FieldType, type FieldValue } from "../../memory/record.ts";
import { RecordMap } from "../../memory/record-map.ts";
import { createSegment, isSegment, segmentHeaderBytes } from "../../memory/segment/segment.ts";
import { SlotRing } from "../../memory/slot-ring.ts";
import { SharedBarrier } from "./barrier.ts";
import { SharedCondition } from "./condition.ts";
import { SharedEvent } from "./event.ts";
import { type MapOptions, SharedMap } from "./map.ts";
import { SharedMutex } from "./mutex.ts";
import { SharedOnce } from "./once.ts";
import { atPlace } from "./place.ts";
import { type RingOptions, SharedRing } from "./ring.ts";
import { SharedRWLock } from "./rw-lock.ts";
import { SharedSemaphore } from "./semaphore.ts";

/** Arrays that can be shared. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A record in shared memory. Each read or write is atomic; `s.hits++` is two of them and loses updates. */
export type SharedStruct<S extends Readonly<Record<string, FieldType>>> = { -readonly [K in keyof S]: FieldValue<S[K]> };

/** Settings of an arena. */
export interface ArenaOptions {
  /** Default `"threads"`; `"processes"` throws `UnsupportedError` where real shared memory is missing. */
  readonly scope?: "threads" | "processes" | undefined;
  readonly name?: string | undefined;
}

/** A part as it travels. */
export interface PartPlace {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
}

/** Parts begin at multiples of this. */
const alignment = 8;
const maxBytes = 2 ** 31 - alignment;
const defaultSlotBytes = 64;
const defaultEntryBytes = 256;
/** Room for the error that a ring is closed with. */
const lastBytes = 1_024;
const wholeWords = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** A part for something that is not made by a method of the arena. */
export let takePart: (arena: SharedArena, bytes: number) => PartPlace;

/** A 64-bit count in an arena. */
export class SharedCounter extends LongCounter {
  readonly place: PartPlace;

  constructor(place: PartPlace) {
    super(new BigInt64Array(place.buffer), place.offset / alignment);
    this.place = place;
    Object.defineProperty(this, "place", { enumerable: false });
  }
}

const structPlaces = new WeakMap<object, PartPlace & { readonly fields: Readonly<Record<string, FieldType>> }>();

/** A record in an arena: its fields are accessors of the object. */
export class StructRecord {
  constructor(place: PartPlace, fields: Readonly<Record<string, FieldType>>) {
    const words: SharedWords = new Int32Array(place.buffer);
    const longs: SharedLongs = new BigInt64Array(place.buffer);
    structPlaces.set(this, { ...place, fields });
    defineFields(this, { words, longs, at: place.offset / alignment }, fields);
  }

  /** Where it lies. */
  static placeOf(record: StructRecord): PartPlace & { readonly fields: Readonly<Record<string, FieldType>> } {
    return structPlaces.get(record) as PartPlace & { readonly fields: Readonly<Record<string, FieldType>> };
  }
}

/** A block of shared memory cut into parts. It, and each part, travels as an argument without a copy; freed when the last holder is gone.
 *  Taking a part never waits; `RangeError` when the arena is full.
 *
 *  @example
 *  ```ts
 *  const arena = SharedArena.create(4_096, { name: "till" });
 *  const sold = arena.counter();
 *  const prices = arena.array(Float64Array, 16);
 *  const total = arena.struct({ sum: "f64", hits: "u32" });
 *  prices[0] = 9.5;
 *  total.sum = prices[0] * sold.add(2);
 *  console.log(total.sum); // 19
 *  ```
 */
export class SharedArena {
  static {
    takePart = (arena, bytes) => arena.#part(bytes);
  }
  readonly scope: "threads" | "processes";
  readonly name: string | undefined;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: SharedWords;
  /** Where its own bytes begin, with the word that holds how many of them are given out, itself included. */
  readonly #begin: number;

  private constructor(buffer: SharedArrayBuffer, name: string | undefined) {
    this.name = name;
    this.scope = isSegment(buffer) ? "processes" : "threads";
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#begin = isSegment(buffer) ? segmentHeaderBytes : 0;
  }

  /** An arena of so many bytes, some of which it needs itself. `RangeError` for a size that is no whole number, or 2 GiB and more. */
  static create(bytes: number, options?: ArenaOptions): SharedArena {
    if (checkCount("The bytes of a SharedArena", bytes, alignment) > maxBytes) {
      throw new RangeError(`A SharedArena holds at most ${maxBytes} bytes, not ${bytes}.`);
    }
    const size = Math.ceil(bytes / alignment) * alignment;
    const between = options?.scope ?? "threads";
    if (between !== "threads" && between !== "processes")
      throw new RangeError(`The option scope must be "threads" or "processes", not ${JSON.stringify(between)}.`);
    const arena = new SharedArena(between === "processes" ? createSegment(size) : new SharedArrayBuffer(size), options?.name);
    arena.#take(alignment);
    return arena;
  }

  /** How it travels. @internal */
  static placeOf(arena: SharedArena): { readonly buffer: SharedArrayBuffer; readonly name: string | undefined } {
    return { buffer: arena.#buffer, name: arena.name };
  }

  /** The arena over memory that has travelled. @internal */
  static at(buffer: SharedArrayBuffer, name: string | undefined): SharedArena {
    return new SharedArena(buffer, name);
  }

  get byteLength(): number {
    return this.#buffer.byteLength - this.#begin;
  }

  get bytesFree(): number {
    return this.byteLength - load(this.#words, this.#begin >> 2);
  }

  counter(initial = 0): SharedCounter {
    const counter = new SharedCounter(this.#part(alignment));
    counter.set(initial);
    return counter;
  }

  /** A typed array of `length` elements: `array(Float64Array, 1024)`. */
  array<A extends TypedArray>(type: { readonly prototype: A; readonly BYTES_PER_ELEMENT: number }, length: number): A {
    checkCount("The length of a shared array", length, 0);
    const { buffer, offset } = this.#part(length * type.BYTES_PER_ELEMENT);
    return new (type as unknown as new (buffer: SharedArrayBuffer, offset: number, length: number) => A)(buffer, offset, length);
  }

  struct<const S extends Readonly<Record<string, FieldType>>>(fields: S): SharedStruct<S> {
    checkFields(fields);
    const place = this.#part(Object.keys(fields).length * alignment);
    return new StructRecord(place, { ...fields }) as unknown as SharedStruct<S>;
  }

  /** A queue of `slots` slots; a value takes one or several, as large as it is. */
  ring<T>(slots: number, options?: RingOptions): SharedRing<T> {
    checkCount("The slots of a shared ring", slots, 1);
    const slotBytes = wholeWords(checkCount("The option slotBytes", options?.slotBytes ?? defaultSlotBytes, 1));
    const measures = { slots, slotBytes, lastBytes };
    return new SharedRing<T>({ ...this.#part(SlotRing.size(measures)), ...measures });
  }

  /** A map of at most `capacity` entries. */
  map<K extends string | number | bigint, V>(capacity: number, options?: MapOptions): SharedMap<K, V> {
    checkCount("The capacity of a shared map", capacity, 1);
    const entryBytes = wholeWords(checkCount("The option entryBytes", options?.entryBytes ?? defaultEntryBytes, 1));
    const part = this.#part(RecordMap.size(capacity, entryBytes));
    // Asked for here: it brings the streams along, and a worker starts with this file.
    const seed = process.getBuiltinModule("node:crypto").randomInt(2 ** 31);
    return new SharedMap<K, V>({ ...part, capacity, entryBytes, seed });
  }

  mutex(options?: LockOptions): SharedMutex {
    return new SharedMutex(this.#lock(SharedMutex.size, options));
  }

  rwLock(options?: LockOptions): SharedRWLock {
    return new SharedRWLock(this.#lock(SharedRWLock.size, options));
  }

  semaphore(permits: number, options?: LockOptions): SharedSemaphore {
    return new SharedSemaphore(permits, this.#lock(SharedSemaphore.size, options));
  }

  /** Without a mutex, one in the arena too. */
  condition(mutex: SharedMutex = this.mutex()): SharedCondition {
    return SharedCondition.at({ ...this.#place(SharedCondition.size), name: undefined, mutex });
  }

  event(options?: LockOptions): SharedEvent {
    return new SharedEvent(this.#lock(SharedEvent.size, options));
  }

  barrier(parties: number, options?: LockOptions): SharedBarrier {
    checkCount("The parties of a SharedBarrier", parties, 1);
    return new SharedBarrier(parties, this.#lock(SharedBarrier.size(parties), options));
  }

  once(options?: LockOptions): SharedOnce {
    return new SharedOnce(this.#lock(SharedOnce.size, options));
  }

  #lock(words: number, options: LockOptions | undefined): LockOptions {
    return atPlace({ ...this.#place(words), name: options?.name });
  }

  #place(words: number): { readonly words: SharedWords; readonly base: number } {
    return { words: this.#words, base: this.#part(words * Int32Array.BYTES_PER_ELEMENT).offset / Int32Array.BYTES_PER_ELEMENT };
  }

  #part(bytes: number): PartPlace {
    return { buffer: this.#buffer, offset: this.#take(bytes) };
  }

  /** The offset of so many fresh bytes, all 0. */
  #take(bytes: number): number {
    const size = Math.ceil(bytes / alignment) * alignment;
    for (;;) {
      const used = load(this.#words, this.#begin >> 2);
      if (used + size > this.byteLength) {
        throw new RangeError(
          `The arena is full: ${size} bytes are wanted and ${this.byteLength - used} of ${this.byteLength} free. Create it larger.`,
        );
      }
      if (compareExchange(this.#words, this.#begin >> 2, used, used + size) === used) return this.#begin + used;
    }
  }
}
