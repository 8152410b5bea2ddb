// Copies of a few bytes, which is what most messages are.

/** Up to here the engine keeps the bytes of an array in the object itself, and a loop beats the call into native code. */
const smallBytes = 64;

/** A copy of the bytes from `start` to `end`, in memory of its own. */
export function copyBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length > smallBytes) return source.slice(start, end);
  const copy = new Uint8Array(length);
  for (let index = 0; index < length; index++) copy[index] = source[start + index] as number;
  return copy;
}
