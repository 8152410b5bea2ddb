// What goes into the codec and what comes out: the types shared by encoder, decoder and everyone who carries bytes.
import type { Transferable } from "node:worker_threads";
import type { AnyClass, PortableReference } from "../contract/portable.ts";

/** A value as bytes, ready to be carried. */
export interface Encoded {
  /** Private to this message. Long ones have a buffer of their own, which may be moved; short ones are cut from a larger one. */
  readonly bytes: Uint8Array;
  /** Host objects carried beside the bytes, in order: shared buffers, copies of long buffers, moved buffers and ports. Only where memory is
   *  shared. What was decoded, or posted and moved, is gone from this record. */
  readonly attachments?: readonly unknown[] | undefined;
  /** All of them are copies or shared: until they are moved or decoded they may be copied once more. */
  readonly resendable?: boolean | undefined;
  /** All of them are bytes that the carrier writes out: ArrayBuffers that belong to this message, or views of memory that does not, which have
   *  to be written before anything else runs. Sending leaves them as they are, so it may be done again. */
  readonly stays?: boolean | undefined;
}

/** The plain record that stands for an object that travels by reference (executor, AbortSignal, portable function, …). */
export interface Handle {
  readonly kind: string;
  readonly [field: string]: string | number | boolean | undefined;
}

/** Turns objects into handles on the way out. */
export interface ToHandle {
  /** Asked for every function and for every object that is neither a plain object nor a plain array, before anything else
   *  is tried. `undefined`: not mine. */
  toHandle(value: object): Handle | undefined;
}

/** Turns handles back into objects. */
export interface FromHandle {
  fromHandle(handle: Handle): unknown;
}

/** How to encode. */
export interface EncodeOptions {
  /** Where paths begin: `result.user`, `arguments[0].user`. For `arguments` the value is the list of arguments. */
  readonly root: "result" | "arguments" | "item" | "progress" | "reason" | "message" | "value";
  /** The other side is in this address space: shared buffers and ports may be attached. Default false. */
  readonly sharesMemory?: boolean | undefined;
  /** For a carrier that copies long bytes by itself, where memory is not shared: they lie beside the message as copies, or as views of the
   *  caller's memory when the message is sent before anything else runs. Absent: they are in the message. */
  readonly longBytes?: "copies" | "views" | undefined;
  /** Moved, not copied: unusable here after a successful `encode`, on every level. */
  readonly transfer?: readonly Transferable[] | undefined;
  readonly handles?: ToHandle | undefined;
  /** Finds the module that exports an error class. */
  readonly exportedClass?: ((cls: AnyClass) => PortableReference | undefined) | undefined;
}

/** How to decode. */
export interface DecodeOptions {
  /** Where paths in errors begin; default `value`. */
  readonly root?: EncodeOptions["root"] | undefined;
  readonly handles?: FromHandle | undefined;
  /** Finds an exported error class among the modules already loaded; must not import. */
  readonly resolveClass?: ((reference: PortableReference) => AnyClass | undefined) | undefined;
}
