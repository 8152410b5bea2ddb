// The reading end of a stream as whoever runs the generator knows it.
import type { Encoded } from "../../../wire/codec.ts";
import type { Credit } from "./credit.ts";
import type { StreamOutlet } from "./producer.ts";

/** Items that wait to be read. */
export interface WaitingItems {
  /** All have been read. */
  readonly isEmpty: boolean;
  /** Weight in bytes of the item that was read last. */
  readonly weight: number;
  /** The next item. Throws `NotSerializableError` when a class of this side refuses its data, or the bytes are no items. */
  next(): unknown;
}

/** Items as they came over a link. */
export interface ArrivedItems extends WaitingItems {
  /** The payload is a batch: before each item its length. Otherwise it is one item. */
  readonly packed: boolean;
  /** The producer had to stop after these for want of items in its credit. */
  readonly wanting: boolean;
  readonly payload: Encoded;
}

/** Takes what a generator yields. Items are put in by levels of this thread and arrive from workers. */
export interface StreamInlet extends StreamOutlet {
  /** Credit that the producer begins with. */
  readonly first: Credit;
  /** Something has come: the generator cannot be begun anew. */
  readonly begun: boolean;
  /** Takes an item; `weight` in bytes where it was encoded. */
  put(item: unknown, weight?: number): number;
  /** Says how credit gets to the producer. */
  connect(grant: (credit: Credit) => void): void;
  /** Items of a worker have come. */
  arrived(items: ArrivedItems): void;
}
