// The one value codec: threads post its bytes, processes pipe them, and executors in place encode and decode to clone, so a
// change of level can never change a result. README.md beside this file has the format and what survives.
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import type { DecodeOptions, Encoded, EncodeOptions } from "./options.ts";
import { encodePlain, notPlain, plainValue, readPlain } from "./plain.ts";
import { borrowWriter, returnWriter } from "./writer.ts";

export { type SerializableOptions, serializable } from "./classes.ts";
export { decodeError, encodeError } from "./errors.ts";
export type { DecodeOptions, Encoded, EncodeOptions, FromHandle, Handle, ToHandle } from "./options.ts";
export { transferList } from "./transfer.ts";

/** The value as bytes. On success the members of `transfer` are moved and unusable here. Never waits. Throws
 *  `NotSerializableError` with the path of what cannot travel, and nothing else: what a getter, a proxy or an `encode` hook
 *  throws is its `cause`. */
export function encode(value: unknown, options: EncodeOptions): Encoded {
  if (options.transfer === undefined) {
    const plain = plainValue(value);
    if (plain !== undefined) return encodePlain(plain);
  }
  const writer = borrowWriter();
  try {
    return new Encoder(writer, options, false).encode(value);
  } finally {
    returnWriter(writer);
  }
}

/** The value that was encoded. Call once where there are attachments. Never waits. Throws `NotSerializableError` and nothing
 *  else: for damaged bytes, for a class that is not registered here, for a `decode` hook that throws (its `cause`). */
export function decode(encoded: Encoded, options: DecodeOptions = {}): unknown {
  const plain = readPlain(encoded.bytes);
  if (plain !== notPlain) return plain;
  return new Decoder(encoded, options, false).decode();
}

/** The value as it would arrive: what executors in place do to arguments and results. Throws as `encode` and `decode` do. */
export function cloneValue(value: unknown, options: EncodeOptions & DecodeOptions): unknown {
  return decode(encode(value, options), options);
}
