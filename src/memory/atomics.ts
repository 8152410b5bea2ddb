// The only file that names Atomics, so that a model checker can put its own words under every protocol. Thin on purpose:
// what a step means is said where the step is taken.
//
// The seam costs nothing: `Atomics` is looked up on the global object, which the engine treats as a constant until
// `exchangeAtomics` puts a model in its place. A table of functions that modules call through would cost a load each.

import { type AsyncWait, externalWords } from "./segment/external-words.ts";

/** Words in shared memory. */
export type SharedWords = Int32Array<SharedArrayBuffer>;

/** Everything that `Atomics` offers. */
export type AtomicsTable = typeof Atomics;

/** `count` fresh words, all 0. */
export function allocateWords(count: number): SharedWords {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

/** Reads a word. */
export function load(words: SharedWords, index: number): number {
  return Atomics.load(words, index);
}

/** Writes a word. */
export function store(words: SharedWords, index: number, value: number): void {
  Atomics.store(words, index, value);
}

/** Adds to a word, wrapping at 2^32; returns what stood there. */
export function add(words: SharedWords, index: number, value: number): number {
  return Atomics.add(words, index, value);
}

/** Sets bits of a word; returns what stood there. */
export function setBits(words: SharedWords, index: number, bits: number): number {
  return Atomics.or(words, index, bits);
}

/** Writes a word and returns what stood there. */
export function exchange(words: SharedWords, index: number, value: number): number {
  return Atomics.exchange(words, index, value);
}

/** Writes `next` if the word holds `expected`; returns what stood there, which is `expected` exactly if it was written. */
export function compareExchange(words: SharedWords, index: number, expected: number, next: number): number {
  return Atomics.compareExchange(words, index, expected, next);
}

const byteOf = (words: SharedWords, index: number): number => words.byteOffset + Int32Array.BYTES_PER_ELEMENT * index;

/** Blocks the thread while the word holds `value`, `timeoutMs` at most. */
export function wait(words: SharedWords, index: number, value: number, timeoutMs: number): "ok" | "not-equal" | "timed-out" {
  const outside = words.buffer instanceof SharedArrayBuffer ? undefined : externalWords(words.buffer);
  return outside === undefined ? Atomics.wait(words, index, value, timeoutMs) : outside.wait(byteOf(words, index), value, timeoutMs);
}

/** As `wait`, but the thread goes on: an object with `async: false` when it need not wait. The promise keeps nothing alive. */
export function waitAsync(words: SharedWords, index: number, value: number): AsyncWait {
  const outside = words.buffer instanceof SharedArrayBuffer ? undefined : externalWords(words.buffer);
  if (outside !== undefined) return outside.waitAsync(words, index, value);
  return (Atomics as unknown as { waitAsync(words: SharedWords, index: number, value: number): AsyncWait }).waitAsync(words, index, value);
}

/** Wakes up to `count` (default: all) of those who wait on the word; returns how many. */
export function notify(words: SharedWords, index: number, count?: number): number {
  const outside = words.buffer instanceof SharedArrayBuffer ? undefined : externalWords(words.buffer);
  if (outside !== undefined) return outside.wake(byteOf(words, index), count ?? 2 ** 31 - 1);
  return Atomics.notify(words, index, count);
}

/** Long words in shared memory. */
export type SharedLongs = BigInt64Array<SharedArrayBuffer>;

/** Reads a long word. */
export function loadLong(longs: SharedLongs, index: number): bigint {
  return Atomics.load(longs, index);
}

/** Writes a long word. */
export function storeLong(longs: SharedLongs, index: number, value: bigint): void {
  Atomics.store(longs, index, value);
}

/** Writes `next` if the long word holds `expected`; returns what stood there. */
export function compareExchangeLong(longs: SharedLongs, index: number, expected: bigint, next: bigint): bigint {
  return Atomics.compareExchange(longs, index, expected, next);
}

const neverRung = allocateWords(1);

/** Blocks the thread for `durationMs`. */
export function blockFor(durationMs: number): void {
  Atomics.wait(neverRung, 0, 0, durationMs);
}

/** Puts another table in the place of `Atomics`, for this thread and for all code in it; returns the one that stood there.
 *  For model checkers, which must put it back before anything else runs. */
export function exchangeAtomics(table: AtomicsTable): AtomicsTable {
  const previous = globalThis.Atomics;
  globalThis.Atomics = table;
  return previous;
}

/** The table in force. */
export function currentAtomics(): AtomicsTable {
  return globalThis.Atomics;
}
