// What the writers of single kinds may ask of the encoder. An interface, so that they need not know it.
import type { EncodeFrame } from "./encode-frame.ts";
import type { EncodeOptions, Handle } from "./options.ts";
import type { Transfer } from "./transfer.ts";
import type { Writer } from "./writer.ts";

/** The encoder as its parts see it. */
export interface EncodeContext {
  readonly writer: Writer;
  readonly options: EncodeOptions;
  readonly transfer: Transfer;
  /** Long buffers may be laid beside the bytes: the message is sent once, and its carrier takes them there. */
  readonly laysApart: boolean;
  /** Whether the object has been met. */
  numbered(value: object): boolean;
  /** Writes a reference when the object has been met before. */
  repeated(value: object): boolean;
  /** Numbers the object and writes its tag, after the name of its registered class, if any. From here on nothing may be
   *  refused until its members are reached. */
  begin(tag: number, value: object, as: string | undefined): void;
  /** Writes an object as what stands for it. */
  handle(value: object, handle: Handle): void;
  /** A value without members: writes it now. */
  value(value: unknown): void;
  /** Writes how many properties follow and has them written. */
  properties(value: object, keys: readonly string[]): void;
  /** Has the members of a container written after what has been written so far. */
  open(frame: EncodeFrame): void;
  /** Refuses the value being written: `what` completes "it is …". */
  refuse(what: string): never;
}
