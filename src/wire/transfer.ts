// Objects that are moved instead of copied. Nothing is touched until the whole value has been encoded, so that a refusal
// leaves the caller everything; then all are moved at once, and the caller's are unusable on every level alike.
import { types } from "node:util";
import type { Transferable } from "node:worker_threads";
import { NotSerializableError } from "../contract/errors.ts";
import type { Encoded, EncodeOptions } from "./options.ts";
import { lengthOf, type Payload } from "./plain.ts";

const nothing: ReadonlySet<object> = new Set();

/** The `transfer` list of one message and the attachments that come of it. */
export class Transfer {
  readonly #listed: ReadonlySet<object>;
  readonly #sharesMemory: boolean;
  readonly #attachments: object[] = [];
  #onlyCopies = true;

  constructor(options: EncodeOptions) {
    this.#listed = options.transfer === undefined ? nothing : new Set(options.transfer);
    this.#sharesMemory = options.sharesMemory === true;
    options.transfer?.forEach((item, index) => {
      const what = this.#refusal(item);
      if (what !== undefined) throw new NotSerializableError(`transfer[${index}] cannot be moved: ${what}.`, `transfer[${index}]`);
    });
  }

  #refusal(item: unknown): string | undefined {
    if (typeof item !== "object" || item === null)
      return `it is ${item === null ? "null" : typeof item}, not an ArrayBuffer or a MessagePort`;
    if (ArrayBuffer.isView(item)) return "it is a view; list its `.buffer`";
    if (types.isSharedArrayBuffer(item)) return "a SharedArrayBuffer is shared, never moved; leave it out of the list";
    if (types.isArrayBuffer(item)) return isDetached(item) ? "it has been moved away already (detached)" : undefined;
    return this.#sharesMemory ? undefined : "only an ArrayBuffer can leave the process";
  }

  /** Whether the object is listed. */
  has(value: object): boolean {
    return this.#listed.has(value);
  }

  /** Whether all that is attached is shared or a copy. */
  get onlyCopies(): boolean {
    return this.#onlyCopies;
  }

  /** Lays the object beside the bytes; its number is what the bytes say. */
  attach(value: object): number {
    if (this.#listed.has(value)) this.#onlyCopies = false;
    return this.#attachments.push(value) - 1;
  }

  /** Moves what is listed and hands over the attachments. */
  commit(): readonly object[] | undefined {
    if (this.#listed.size > 0) {
      const list = [...this.#listed] as Transferable[];
      let moved: unknown[];
      try {
        // One call, because it checks everything before it moves anything.
        moved = structuredClone([...list], { transfer: list });
      } catch (cause) {
        throw new NotSerializableError("The objects in `transfer` cannot be moved; the cause says why.", "transfer", { cause });
      }
      this.#attachments.forEach((attachment, index) => {
        const position = list.indexOf(attachment as Transferable);
        if (position >= 0) this.#attachments[index] = moved[position] as object;
      });
    }
    return this.#attachments.length > 0 ? this.#attachments : undefined;
  }
}

/** Whether the memory of an ArrayBuffer has been moved away. */
export function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** How many bytes have been copied for a message, those beside it too; not what is shared or moved. */
export function copiedBytes(payload: Payload): number {
  let total = lengthOf(payload);
  if (payload.resendable) {
    for (const one of payload.attachments ?? []) if (types.isArrayBuffer(one) || ArrayBuffer.isView(one)) total += one.byteLength;
  }
  return total;
}

/** What may be named in the transfer list of `postMessage`: the bytes, where they have memory of their own, and everything attached that
 *  is moved rather than shared. */
export function transferList(encoded: Encoded): Transferable[] {
  const list = (encoded.attachments ?? []).filter((attachment) => !types.isSharedArrayBuffer(attachment)) as Transferable[];
  const { bytes } = encoded;
  // Short messages are cut from a buffer that others are in too.
  return bytes.byteLength < bytes.buffer.byteLength ? list : [bytes.buffer as ArrayBuffer, ...list];
}
