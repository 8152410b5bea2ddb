// Names that mean the same on every worker: globals of the language and of Node. A list, and not what `globalThis` has here: a
// program's own additions are not on a worker. A name must be in the list and exist here, so it may name what is newer than
// this Node.

const language =
  "globalThis undefined NaN Infinity eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent " +
  "escape unescape Object Function Array Number Boolean String Symbol Date Promise RegExp Error AggregateError EvalError RangeError " +
  "ReferenceError SyntaxError TypeError URIError SuppressedError JSON Math Intl ArrayBuffer Atomics Uint8Array Int8Array Uint16Array " +
  "Int16Array Uint32Array Int32Array Float16Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map " +
  "BigInt Set Iterator AsyncIterator WeakMap WeakSet WeakRef Proxy Reflect FinalizationRegistry SharedArrayBuffer DisposableStack " +
  "AsyncDisposableStack Temporal WebAssembly gc";

const platform =
  "console process global Buffer queueMicrotask structuredClone atob btoa performance fetch navigator crypto setTimeout clearTimeout " +
  "setInterval clearInterval setImmediate clearImmediate URL URLSearchParams URLPattern AbortController AbortSignal Blob File FormData " +
  "Headers Request Response MessageChannel MessagePort MessageEvent Event EventTarget CustomEvent CloseEvent ErrorEvent EventSource " +
  "DOMException BroadcastChannel WebSocket TextEncoder TextDecoder TextEncoderStream TextDecoderStream CompressionStream " +
  "DecompressionStream ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest " +
  "ReadableByteStreamController ReadableStreamDefaultController TransformStream TransformStreamDefaultController WritableStream " +
  "WritableStreamDefaultController WritableStreamDefaultWriter ByteLengthQueuingStrategy CountQueuingStrategy Performance " +
  "PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming " +
  "Crypto CryptoKey SubtleCrypto Navigator Storage localStorage sessionStorage QuotaExceededError LockManager Lock";

const names: ReadonlySet<string> = new Set(`${language} ${platform}`.split(" "));

/** What code asks for with `typeof` to find out where it runs. Absent here, and the same on a worker. */
const elsewhere: ReadonlySet<string> = new Set(
  "window self document Bun Deno importScripts EdgeRuntime WorkerGlobalScope DedicatedWorkerGlobalScope HTMLElement XMLHttpRequest".split(
    " ",
  ),
);

/** A worker has this global as this thread has it. Asks for no value: some are getters that warn. */
export function isGlobal(name: string): boolean {
  return names.has(name) && (name === "undefined" || name in globalThis);
}

/** A global of another platform, for which code may probe with `typeof`. */
export function isForeignGlobal(name: string): boolean {
  return elsewhere.has(name);
}
