// How values become bytes in shared memory. The codec is a room of this floor, so the runtime, which knows both, brings it here: the door
// `brigade/shared` and the boot file of a worker do, before anything can be made that needs it.

/** Values to bytes and back. */
export interface ValueCodec {
  /** Throws `NotSerializableError` with the path of what cannot travel. */
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** Never throws. */
  encodeError(error: unknown): Uint8Array;
  decodeError(bytes: Uint8Array): unknown;
}

let inUse: ValueCodec | undefined;

export function useCodec(codec: ValueCodec): void {
  inUse = codec;
}

/** The codec in use. */
export function codec(): ValueCodec {
  return inUse as ValueCodec;
}

/** The bytes of an error, cut down until they fit: its message counts for more than its stack. */
export function errorWithin(error: unknown, longest: number): Uint8Array {
  const whole = codec().encodeError(error);
  if (whole.length <= longest) return whole;
  const { name, message } = error as Error;
  const text = String(message).slice(0, longest / 8);
  // The least there is: whoever gave something endless to `close` gets its beginning.
  const short = Object.assign(new Error(text), { name: String(name).slice(0, longest / 16), stack: `${text}` });
  return codec().encodeError(short);
}
