// Items of a stream as they came over a link: bytes until they are read, so that what waits weighs what its credit says.
import { NotSerializableError } from "../../../contract/errors.ts";
import type { Encoded } from "../../../wire/codec.ts";
import { notPlain, readPlain } from "../../../wire/plain.ts";
import { copiedBytes } from "../../../wire/transfer.ts";
import type { ItemsFrame } from "../frames.ts";
import { decodeValue, type SignalRelay } from "../passage.ts";
import type { ArrivedItems } from "./inlet.ts";

/** Bytes before each item of a batch: its length, little-endian. */
export const sizeBytes = 4;

/** The items of one frame, in order. */
export class EncodedItems implements ArrivedItems {
  readonly packed: boolean;
  /** The producer had to stop after these for want of items in its credit. */
  readonly wanting: boolean;
  readonly payload: Encoded;
  /** Weight of the item that was read last. */
  weight = 0;
  readonly #relay: SignalRelay;
  readonly #view: DataView;
  #at = 0;

  constructor({ packed, wanting, payload }: ItemsFrame, relay: SignalRelay) {
    this.packed = packed;
    this.wanting = wanting;
    this.payload = payload;
    this.#relay = relay;
    const { buffer, byteOffset, byteLength } = payload.bytes;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  get isEmpty(): boolean {
    return this.#at >= this.payload.bytes.byteLength;
  }

  /** The next item. Throws `NotSerializableError` when a class of this side refuses its data, or the bytes are no items. */
  next(): unknown {
    const { bytes } = this.payload;
    if (!this.packed) {
      this.#at = bytes.byteLength;
      // Before it is decoded: that may take what lies beside the bytes.
      this.weight = copiedBytes(this.payload);
      return decodeValue(this.payload, this.#relay);
    }
    const start = this.#at + sizeBytes;
    const length = start <= bytes.byteLength ? this.#view.getUint32(this.#at, true) : 0;
    const end = start + length;
    this.#at = end;
    if (length === 0 || end > bytes.byteLength) {
      this.#at = bytes.byteLength;
      throw new NotSerializableError(`These ${bytes.byteLength} bytes are not items of a stream: they end too early.`, "item");
    }
    this.weight = length;
    const plain = readPlain(bytes, start, end);
    return plain === notPlain ? decodeValue({ bytes: bytes.subarray(start, end) }, this.#relay) : plain;
  }
}
