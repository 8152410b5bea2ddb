// The only file that names Atomics, so that a model checker can put its own words under every protocol. Thin on purpose:
// what a step means is said where the step is taken.

/** Words in shared memory. */
export type SharedWords = Int32Array<SharedArrayBuffer>;

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

/** Writes a word and returns what stood there. */
export function exchange(words: SharedWords, index: number, value: number): number {
  return Atomics.exchange(words, index, value);
}

/** Writes `next` if the word holds `expected`; returns what stood there, so the write was made if that is `expected`. */
export function compareExchange(words: SharedWords, index: number, expected: number, next: number): number {
  return Atomics.compareExchange(words, index, expected, next);
}

/** Blocks the thread while the word holds `value`, `timeoutMs` at most. */
export function wait(words: SharedWords, index: number, value: number, timeoutMs: number): "ok" | "not-equal" | "timed-out" {
  return Atomics.wait(words, index, value, timeoutMs);
}

/** Wakes up to `count` (default: all) of those who wait on the word; returns how many. */
export function notify(words: SharedWords, index: number, count?: number): number {
  return Atomics.notify(words, index, count);
}

const neverRung = allocateWords(1);

/** Blocks the thread for `durationMs`. */
export function blockFor(durationMs: number): void {
  Atomics.wait(neverRung, 0, 0, durationMs);
}
