// Memory for the bytes of messages. Most are short and live for a moment, and a fresh ArrayBuffer costs more than filling it (0.7 µs for
// 600 bytes), so short ones are cut from slabs, as `Buffer` does. One that is kept keeps its slab: that is why slabs are small.

/** Up to here the engine keeps the bytes of an array in the object itself, and a loop beats the call into native code. */
const smallBytes = 64;
/** Longer pieces have memory of their own. */
const longestPiece = 4 * 1024;
const slabBytes = 16 * 1024;

let slab = allocateSlab();
let used = 0;

/** Without zeros, which would take longer than filling it: nobody sees what no message has overwritten. */
function allocateSlab(): ArrayBuffer {
  return Buffer.allocUnsafeSlow(slabBytes).buffer as ArrayBuffer;
}

/** Room for so many bytes; what is in it is for the caller to overwrite. */
export function allocateBytes(length: number): Uint8Array {
  if (length <= smallBytes || length > longestPiece) return new Uint8Array(length);
  if (used + length > slabBytes) {
    slab = allocateSlab();
    used = 0;
  }
  const piece = new Uint8Array(slab, used, length);
  used = (used + length + 7) & ~7;
  return piece;
}

/** A copy of the bytes from `start` to `end`. Its buffer may be larger, and hold other messages. */
export function copyBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  const copy = allocateBytes(length);
  if (length <= smallBytes) for (let index = 0; index < length; index++) copy[index] = source[start + index] as number;
  else copy.set(source.subarray(start, end));
  return copy;
}
