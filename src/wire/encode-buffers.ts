// ArrayBuffers and the views over them. A typed array carries its whole buffer, so that views over one buffer share it on
// the other side too; a Buffer cut from a larger one (node's pool, a chunk of a stream) carries its own bytes only, since the
// rest is nobody's business over there.
import { types } from "node:util";
import type { EncodeContext } from "./encode-context.ts";
import * as Tag from "./tags.ts";
import { isDetached } from "./transfer.ts";

/** From here on a buffer is copied into memory of its own, laid beside the bytes and moved, instead of being copied into the bytes and out
 *  again. Below, the allocation and the move cost more than the second copy. */
const apartFrom = 16 * 1024;

type Resizable = ArrayBuffer & { readonly resizable?: boolean; readonly maxByteLength?: number };

/** An ArrayBuffer or SharedArrayBuffer. */
export function encodeBuffer(context: EncodeContext, buffer: ArrayBufferLike): void {
  check(context, buffer);
  // Memory that has a name for the other side is not copied.
  const handle = context.options.handles?.toHandle(buffer);
  if (handle !== undefined) {
    context.handle(buffer, handle);
    return;
  }
  const { sharesMemory } = context.options;
  const { resizable, maxByteLength, byteLength } = buffer as Resizable;
  const isApart = context.laysApart && !resizable && byteLength >= apartFrom;
  if (types.isSharedArrayBuffer(buffer) || ((sharesMemory === true || isApart) && context.transfer.has(buffer))) {
    context.begin(Tag.ATTACHMENT, buffer, undefined);
    context.writer.count(context.transfer.attach(buffer));
    return;
  }
  if (isApart) {
    layApart(context, buffer, new Uint8Array(buffer));
    return;
  }
  context.begin(resizable ? Tag.RESIZABLE_ARRAY_BUFFER : Tag.ARRAY_BUFFER, buffer, undefined);
  if (resizable) context.writer.count(maxByteLength ?? byteLength);
  context.writer.count(byteLength);
  context.writer.bytes(new Uint8Array(buffer));
}

/** A typed array, DataView or Buffer. */
export function encodeView(context: EncodeContext, value: ArrayBufferView, as: string | undefined): void {
  const { buffer, byteOffset, byteLength } = value;
  check(context, buffer);
  const name = viewName(value);
  if (name === "Buffer" && byteLength < buffer.byteLength && isPrivate(context, buffer)) {
    if (context.laysApart && byteLength >= apartFrom) {
      context.begin(Tag.VIEW, value, as);
      context.writer.u8(Tag.VIEWS.indexOf("Buffer"));
      context.writer.count(0);
      context.writer.count(byteLength + 1);
      layApart(context, undefined, value as Uint8Array);
      return;
    }
    context.begin(Tag.OWN_BUFFER, value, as);
    context.writer.count(byteLength);
    context.writer.bytes(value as Uint8Array);
    return;
  }
  const view = (Tag.VIEWS as readonly string[]).indexOf(name);
  if (view < 0) context.refuse(`a ${name}, which this version of brigade does not know`);
  context.begin(Tag.VIEW, value, as);
  context.writer.u8(view);
  context.writer.count(byteOffset);
  // Nothing tells whether a view follows the length of a resizable buffer; one that reaches its end is taken to.
  const follows = (buffer as Resizable).resizable === true && byteOffset + byteLength === buffer.byteLength;
  context.writer.count(follows ? 0 : byteLength + 1);
  if (!context.repeated(buffer)) encodeBuffer(context, buffer);
}

/** Lays the bytes beside the message, or a copy of them; `buffer` is what has been met, unless only this copy can be met. */
function layApart(context: EncodeContext, buffer: ArrayBufferLike | undefined, bytes: Uint8Array): void {
  if (context.options.longBytes === "views") {
    context.begin(Tag.ATTACHMENT, buffer ?? {}, undefined);
    context.writer.count(context.transfer.attach(bytes));
    return;
  }
  // Without zeros: every byte is overwritten.
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  context.begin(Tag.ATTACHMENT, buffer ?? copy.buffer, undefined);
  context.writer.count(context.transfer.attach(copy.buffer));
}

/** Whether nothing else in the message refers to the buffer so far. */
function isPrivate(context: EncodeContext, buffer: ArrayBufferLike): boolean {
  return !types.isSharedArrayBuffer(buffer) && !context.numbered(buffer) && !context.transfer.has(buffer);
}

const typedArrayName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get;

function viewName(value: ArrayBufferView): string {
  if (types.isDataView(value)) return "DataView";
  return Buffer.isBuffer(value) ? "Buffer" : (typedArrayName?.call(value) as string);
}

function check(context: EncodeContext, buffer: ArrayBufferLike): void {
  if (types.isSharedArrayBuffer(buffer)) {
    if (context.options.sharesMemory === true) return;
    context.refuse("a SharedArrayBuffer, which cannot leave the process; send a copy of its bytes");
  }
  if (isDetached(buffer as ArrayBuffer)) context.refuse("a detached buffer: its memory has been moved away");
}
