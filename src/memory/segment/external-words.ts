// Words outside the engine's own memory: `Atomics` counts, loads and exchanges in any buffer, but sleeps in a SharedArrayBuffer only. Here is
// which buffers lie elsewhere and who sleeps on them.

/** How a sleep of a task ended, or ends. */
export type AsyncWait =
  | { readonly async: false; readonly value: "not-equal" | "timed-out" }
  | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> };

/** Sleeping on the words of one buffer; `at` is the byte of the buffer at which a word begins. */
export interface ExternalWords {
  wait(at: number, value: number, timeoutMs: number): "ok" | "not-equal" | "timed-out";
  /** What `Atomics.waitAsync` gives. */
  waitAsync(words: Int32Array<SharedArrayBuffer>, index: number, value: number): AsyncWait;
  wake(at: number, count: number): number;
}

const external = new WeakMap<ArrayBufferLike, ExternalWords>();

/** Notes who sleeps on the words of a buffer. */
export function setExternalWords(buffer: ArrayBufferLike, words: ExternalWords): void {
  external.set(buffer, words);
}

/** Who does, for words that lie outside. */
export function externalWords(buffer: ArrayBufferLike): ExternalWords | undefined {
  return external.get(buffer);
}
