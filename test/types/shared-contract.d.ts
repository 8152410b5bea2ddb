// The contract of `brigade/shared`; see contract.d.ts.
import type { Clause, Guard, Lock, LockOptions, PermitOptions, Receiver, Sender, WaitOptions, WriteGuard } from "brigade";
import type { Barrier, Condition, Event, RWLock } from "./contract.d.ts";

// ---- 7. Shared memory -----------------------------------------------------------------------------------------

/** Arrays that can be shared. */ export type TypedArray =
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
/** Types of struct fields. */
export type FieldType = "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "bool";
/** A field in JavaScript. */
export type FieldValue<F extends FieldType> = F extends "i64" | "u64" ? bigint : F extends "bool" ? boolean : number;
/** A record in shared memory. Each read or write is atomic; `s.hits++` is two of them and loses updates. */
export type SharedStruct<S extends Readonly<Record<string, FieldType>>> = { -readonly [K in keyof S]: FieldValue<S[K]> };

/** Settings of an arena. */ export interface ArenaOptions {
  /** Default `"threads"`; `"processes"` throws `UnsupportedError` where real shared memory is missing. */
  readonly scope?: "threads" | "processes" | undefined;
  readonly name?: string | undefined;
}
/** A block of shared memory cut into parts. It, and each part, travels as an argument without a copy; freed when the last
 *  holder is gone. Taking a part never waits; `RangeError` when the arena is full. */
export declare class SharedArena {
  private constructor();
  static create(bytes: number, options?: ArenaOptions): SharedArena;
  readonly byteLength: number;
  readonly bytesFree: number;
  readonly scope: "threads" | "processes";
  counter(initial?: number): SharedCounter;
  /** A typed array of `length` elements: `array(Float64Array, 1024)`. */
  array<A extends TypedArray>(type: { readonly prototype: A; readonly BYTES_PER_ELEMENT: number }, length: number): A;
  struct<const S extends Readonly<Record<string, FieldType>>>(fields: S): SharedStruct<S>;
  ring<T>(slots: number, options?: RingOptions): SharedRing<T>;
  map<K extends string | number | bigint, V>(capacity: number): SharedMap<K, V>;
  mutex(options?: LockOptions): SharedMutex;
  rwLock(options?: LockOptions): SharedRWLock;
  semaphore(permits: number, options?: LockOptions): SharedSemaphore;
  condition(mutex?: SharedMutex): SharedCondition;
  event(options?: LockOptions): SharedEvent;
  barrier(parties: number, options?: LockOptions): SharedBarrier;
  once(options?: LockOptions): SharedOnce;
}

/** A 64-bit count; every operation is atomic. `RangeError` beyond safe integers. */
export interface SharedCounter {
  readonly value: number;
  /** Adds `n` (default 1) and returns the new value. */ add(n?: number): number;
  set(value: number): void;
  /** Sets `next` if the value is `expected`, and says whether it did. */ compareAndSet(expected: number, next: number): boolean;
}
/** Settings of a ring. */ export interface RingOptions {
  /** Bytes of a slot; larger values take several. */ readonly slotBytes?: number | undefined;
}
/** A bounded queue for any number of senders and receivers in other threads or processes. */
export interface SharedRing<in out T> extends Sender<T>, Receiver<T> {
  readonly slots: number;
  readonly length: number;
  close(error?: unknown): void;
}
/** A fixed-capacity hash map; values are copies. `RangeError` when full. */
export interface SharedMap<in out K, in out V> extends Iterable<[K, V]> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  delete(key: K): boolean;
  /** Replaces the value atomically, blocking the thread for the time others hold the entry; `fn` must be quick and pure. */
  update(key: K, fn: (value: V | undefined) => V): V;
  clear(): void;
}

/** A value of its own in every thread, made at first use. */
export declare class ThreadLocal<in out T> {
  constructor(create: () => T);
  value: T;
}
/** One serializable value that threads read and replace whole, never torn. */
export declare function atomicCell<T>(initial: T, options?: AtomicCellOptions): AtomicCell<T>;
/** Settings of a cell. */ export interface AtomicCellOptions {
  readonly arena?: SharedArena | undefined;
  /** Largest encoded value; default 256. */ readonly maxBytes?: number | undefined;
}
/** Loads are wait-free; the rest never parks. */ export interface AtomicCell<in out T> {
  load(): T;
  store(value: T): void;
  /** Stores and returns the old value. */ exchange(value: T): T;
  /** Stores `fn(current)`, again from the start when another thread was faster; returns what it stored. */
  update(fn: (current: T) => T): T;
}

// ---- 6. Synchronisation between threads and processes ---------------------------------------------------------
// Made alone (between threads) or by an arena. A dead holder poisons: acquiring then throws `LockPoisonedError`.

/** The blocking forms. */ export interface LockSync<in O = unknown> {
  /** Blocks the thread; `TimeoutError` after `timeoutMs`. */ readonly acquireSync: (timeoutMs?: number, options?: O) => Guard;
  /** Blocks the thread to acquire, runs `fn` (which must be synchronous), releases. */
  withSync<R>(fn: () => R extends PromiseLike<unknown> ? never : R, timeoutMs?: number): R;
}
/** `Mutex` between threads or processes. */ export interface SharedMutex extends Lock, LockSync {
  readonly locked: boolean;
}
export declare class SharedMutex {
  constructor(options?: LockOptions);
}
/** `RWLock` between threads or processes; `…Sync` blocks the thread. */ export interface SharedRWLock extends RWLock {
  acquireReadSync(timeoutMs?: number): Guard;
  acquireWriteSync(timeoutMs?: number): WriteGuard;
  withReadSync<R>(fn: () => R, timeoutMs?: number): R;
  withWriteSync<R>(fn: () => R, timeoutMs?: number): R;
}
export declare class SharedRWLock {
  constructor(options?: LockOptions);
}
/** `Semaphore` between threads or processes. */
export interface SharedSemaphore extends Lock<PermitOptions>, LockSync<{ readonly permits?: number | undefined }> {
  readonly available: number;
}
export declare class SharedSemaphore {
  constructor(permits: number, options?: LockOptions);
}
/** `Condition` between threads or processes. */ export interface SharedCondition extends Condition<SharedMutex> {
  /** Blocks the thread, as `wait` parks the task. */ waitSync(timeoutMs?: number): void;
  waitForSync(predicate: () => boolean, timeoutMs?: number): void;
}
export declare class SharedCondition {
  constructor(mutex?: SharedMutex);
}
/** `Event` between threads or processes; `waitSync` blocks the thread. */
export interface SharedEvent extends Event {
  waitSync(timeoutMs?: number): void;
}
export declare class SharedEvent {
  constructor(options?: LockOptions);
}
/** `Barrier` between threads or processes; `waitSync` blocks the thread. */
export interface SharedBarrier extends Barrier {
  waitSync(timeoutMs?: number): number;
}
export declare class SharedBarrier {
  constructor(parties: number, options?: LockOptions);
}
/** Runs an initialiser once among all threads; the result stays with the thread that ran it, so it returns nothing. */
export declare class SharedOnce {
  constructor(options?: LockOptions);
  readonly done: boolean;
  run(fn: () => void | PromiseLike<void>, options?: WaitOptions): Promise<void>;
  runSync(fn: () => void, timeoutMs?: number): void;
  /** A clause for `select`: ready when done. */ waiting(): Clause<void>;
}
