// The built-in objects that are made in one go. Whatever the bytes say is checked before memory is taken for it.
import { types } from "node:util";
import type { Handle } from "./options.ts";
import type { Reader } from "./reader.ts";
import * as Tag from "./tags.ts";

/** What `decodePrimitive` returns for the tag of an object. */
export const noPrimitive = Symbol("no primitive");

/** The primitive that follows its tag. */
export function decodePrimitive(reader: Reader, tag: number): unknown {
  if (tag >= Tag.SHORT_STRING) return reader.stringAfter(tag);
  if (tag >= Tag.SMALL_INTEGER) return tag - Tag.SMALL_INTEGER;
  switch (tag) {
    case Tag.UNDEFINED:
      return undefined;
    case Tag.NULL:
      return null;
    case Tag.FALSE:
      return false;
    case Tag.TRUE:
      return true;
    case Tag.INTEGER:
      return reader.integer();
    case Tag.FLOAT:
      return reader.float();
    case Tag.BIGINT:
      return reader.bigint();
    case Tag.NEGATIVE_BIGINT:
      return -reader.bigint();
    case Tag.STRING_LATIN1:
    case Tag.STRING_UTF16:
      return reader.stringAfter(tag);
    default:
      return noPrimitive;
  }
}

/** A sparse array longer than this, in comparison to what it holds, is never given room for its holes. */
const HOLES_PER_ELEMENT = 8;
const ROOM = 1024;

/** An array of this length, all holes. */
export function holedArray(length: number, elements: number): unknown[] {
  const array: unknown[] = [];
  if (length <= ROOM || length <= elements * HOLES_PER_ELEMENT) {
    array.length = length;
  } else {
    // A lone far element makes the engine keep the array as a table; setting `length` would reserve memory for every hole,
    // and a few bytes must not cost a gigabyte.
    array[length - 1] = undefined;
    delete array[length - 1];
  }
  return array;
}

/** `Object(primitive)`. */
export function decodeBoxed(reader: Reader): object {
  const primitive = decodePrimitive(reader, reader.u8());
  if (primitive === undefined || primitive === null || primitive === noPrimitive) return reader.corrupt("a primitive is expected");
  return Object(primitive) as object;
}

/** A RegExp; the platform refuses a bad one. */
export function decodeRegExp(reader: Reader): RegExp {
  const source = reader.string();
  return new RegExp(source, reader.string());
}

/** An ArrayBuffer of its own. */
export function decodeArrayBuffer(reader: Reader, resizable: boolean): ArrayBuffer {
  const maxByteLength = resizable ? reader.count() : 0;
  const bytes = reader.bytes(reader.length(1));
  if (!resizable) return bytes.slice().buffer as ArrayBuffer;
  if (maxByteLength < bytes.length) reader.corrupt("a buffer is longer than it may be");
  const create = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const buffer = new create(bytes.length, { maxByteLength });
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** A Buffer that came alone. Never from node's pool: its memory is its own, as it would be after a real crossing. */
export function decodeOwnBuffer(reader: Reader): Buffer {
  return Buffer.from(reader.bytes(reader.length(1)).slice().buffer);
}

/** The plain record of an object that travels by reference. */
export function decodeHandle(reader: Reader): Handle {
  const fields: [string, unknown][] = [];
  for (let left = reader.length(2); left > 0; left--) {
    const key = reader.string();
    const field = decodePrimitive(reader, reader.u8());
    if (field === noPrimitive) reader.corrupt("a primitive is expected");
    fields.push([key, field]);
  }
  const handle = Object.fromEntries(fields) as Record<string, string>;
  if (typeof handle.kind !== "string") reader.corrupt("a handle has no kind");
  return handle as Record<string, string> & { kind: string };
}

/** What stands before the buffer of a view. */
export interface ViewHeader {
  readonly name: (typeof Tag.VIEWS)[number];
  readonly byteOffset: number;
  /** Bytes plus one; 0 for a view that follows the length of its buffer. */
  readonly length: number;
}

/** Reads it. */
export function decodeViewHeader(reader: Reader): ViewHeader {
  const name = Tag.VIEWS[reader.u8()];
  if (name === undefined) return reader.corrupt("a view is of no known kind");
  return { name, byteOffset: reader.count(), length: reader.count() };
}

interface ViewConstructor {
  new (buffer: ArrayBufferLike, byteOffset: number, length?: number): ArrayBufferView;
  /** Absent on DataView. */
  readonly BYTES_PER_ELEMENT?: number;
}

/** The view over its buffer. */
export function makeView(reader: Reader, header: ViewHeader, buffer: unknown): ArrayBufferView {
  if (!types.isAnyArrayBuffer(buffer)) return reader.corrupt("a view is not over a buffer");
  const { name, byteOffset } = header;
  const bytes = header.length === 0 ? undefined : header.length - 1;
  if (byteOffset + (bytes ?? 0) > buffer.byteLength) reader.corrupt("a view reaches beyond its buffer");
  if (name === "Buffer") return Buffer.from(buffer, byteOffset, bytes ?? buffer.byteLength - byteOffset);
  const View = Reflect.get(globalThis, name) as ViewConstructor | undefined;
  if (View === undefined) return reader.corrupt(`this runtime has no ${name}`);
  const size = View.BYTES_PER_ELEMENT ?? 1;
  if (byteOffset % size !== 0 || (bytes ?? 0) % size !== 0) reader.corrupt("a view is not aligned");
  return bytes === undefined ? new View(buffer, byteOffset) : new View(buffer, byteOffset, bytes / size);
}
