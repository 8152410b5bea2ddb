// A value on its way through a channel that other processes have: bytes by the codec, packed once by whoever sends and opened by
// whoever receives. The home of the channel passes it on unopened.
import { types } from "node:util";
import { NotSerializableError } from "../../contract/errors.ts";
import { openReference, type SegmentReference, segmentReference } from "../../memory/segment/travel.ts";
import { decode, encode, type Handle } from "../../wire/codec.ts";
import { loadedFunction } from "../../wire/load-function.ts";
import { moduleFunctions } from "../../wire/module-functions.ts";
import { exportedClass, resolveClass } from "../../wire/module-namespaces.ts";
import { referenceOf } from "../../wire/reference.ts";
import type { Mention } from "./naming.ts";

/** How channels in a value are named. */
export interface Naming {
  handleOf(object: object, sharesMemory: boolean): { readonly handle: Handle; readonly mention: Mention } | undefined;
  find(handle: Handle): unknown;
}

let naming: Naming | undefined;

/** Says how channels in a value are named: what does that stands above this file. */
export function useNaming(next: Naming): void {
  naming = next;
}

/** What a frame takes, less what stands around a value in it. */
const longestBytes = 2 ** 30 - 2 ** 16;

export class Packed {
  readonly bytes: Uint8Array;
  /** Shared memory and copies of long buffers, where the other side is a thread. */
  readonly attachments: readonly unknown[];
  /** Channels in it: they live for as long as it is under way. */
  readonly mentions: readonly Mention[];
  /** The very value, where it was packed: whoever is refused gets it back. */
  readonly given: unknown;
  /** There are channels in it, whether this side holds them or not. */
  readonly mentionsChannels: boolean;

  constructor(
    bytes: Uint8Array,
    attachments: readonly unknown[],
    mentions: readonly Mention[],
    given: unknown,
    mentionsChannels = mentions.length > 0,
  ) {
    this.bytes = bytes;
    this.attachments = attachments;
    this.mentions = mentions;
    this.given = given;
    this.mentionsChannels = mentionsChannels;
  }
}

const none: readonly never[] = [];

/** Throws `NotSerializableError` with the path of what cannot travel. */
export function pack(value: unknown, sharesMemory: boolean): Packed {
  let mentions: Mention[] | undefined;
  const toHandle = (object: object): Handle | undefined => {
    const reference = typeof object === "function" ? referenceOf(object) : undefined;
    if (reference) return { kind: "function", url: reference.url, name: reference.name };
    const segment = types.isArrayBuffer(object) ? segmentReference(object) : undefined;
    if (segment) return { kind: "segment", ...segment };
    const found = naming?.handleOf(object, sharesMemory);
    if (found === undefined) return undefined;
    mentions ??= [];
    mentions.push(found.mention);
    return found.handle;
  };
  const { bytes, attachments = none } = encode(value, { root: "message", sharesMemory, handles: { toHandle }, exportedClass });
  if (bytes.byteLength > longestBytes) {
    throw new NotSerializableError(
      `message cannot travel: it takes ${bytes.byteLength} bytes, and a link carries ${longestBytes} at once; send it in parts.`,
      "message",
    );
  }
  return new Packed(bytes, attachments, mentions ?? none, value);
}

/** Opens it. Throws `NotSerializableError` when the value means nothing here. */
export function unpack({ bytes, attachments }: Packed): unknown {
  // Each receiver of a broadcast gets one of its own.
  const own = attachments.length === 0 ? undefined : copied(attachments);
  return decode({ bytes, attachments: own }, { root: "message", handles: { fromHandle }, resolveClass });
}

/** Attachments for one more receiver: shared memory is shared, all else is copied. */
export function copied(attachments: readonly unknown[]): readonly unknown[] {
  return attachments.length === 0 ? attachments : attachments.map((each) => (types.isArrayBuffer(each) ? each.slice(0) : each));
}

function fromHandle(handle: Handle): unknown {
  if (handle.kind === "channel") return naming?.find(handle);
  if (handle.kind === "segment") return openReference(handle as unknown as SegmentReference);
  const reference = { url: String(handle["url"]), name: String(handle["name"]) };
  return loadedFunction(reference) ?? moduleFunctions<Record<string, () => unknown>>(reference.url)[reference.name];
}
