// The short way for what most calls are made of: a primitive, or a list of primitives. The bytes are those that the encoder would
// write (format 1), so either side may take the short way or the long one. Anything else, and anything odd, is left to the long one.
import { types } from "node:util";
import { copyBytes } from "./copy-bytes.ts";
import type { Encoded } from "./options.ts";
import * as Tag from "./tags.ts";
import { HOST_FORMAT } from "./writer.ts";

/** Bytes that a short message may take; the longer ones gain nothing here. */
const roomBytes = 512;
const longestString = 63;
const longestList = 63;

const room = new Uint8Array(roomBytes);
const view = new DataView(room.buffer);

/** The encoded value, or `undefined` when it takes the long way. Runs no code of the user. */
export function encodeSimple(value: unknown): Encoded | undefined {
  room[0] = HOST_FORMAT;
  const end = typeof value === "object" && value !== null ? listAt(value) : primitiveAt(1, value);
  return end < 0 ? undefined : { bytes: copyBytes(room, 0, end) };
}

/** The same for the arguments of a call: a list that brigade itself has made, dense and without properties of its own. */
export function encodeSimpleList(values: readonly unknown[]): Encoded | undefined {
  room[0] = HOST_FORMAT;
  const end = elementsAt(values);
  return end < 0 ? undefined : { bytes: copyBytes(room, 0, end) };
}

function listAt(value: object): number {
  // A proxy would run its traps here.
  if (!Array.isArray(value) || types.isProxy(value) || Object.getPrototypeOf(value) !== Array.prototype || value.length > longestList)
    return -1;
  // Dense and nothing else: as many own keys as elements, and (below) no element that is a hole or a getter could hide among them.
  if (Object.keys(value).length !== value.length) return -1;
  for (let index = 0; index < value.length; index++) {
    const descriptor = Object.getOwnPropertyDescriptor(value, index);
    if (descriptor === undefined || !("value" in descriptor)) return -1;
  }
  return elementsAt(value);
}

function elementsAt(values: readonly unknown[]): number {
  const { length } = values;
  if (length > longestList) return -1;
  room[1] = Tag.ARRAY;
  room[2] = length;
  let at = 3;
  for (let index = 0; index < length && at > 0; index++) at = primitiveAt(at, values[index]);
  return at;
}

/** Writes a primitive and returns where it ends; -1 for what is none, or does not fit. */
function primitiveAt(at: number, value: unknown): number {
  if (at + 2 + longestString > roomBytes) return -1;
  switch (typeof value) {
    case "number":
      return numberAt(at, value);
    case "string":
      return stringAt(at, value);
    case "boolean":
      room[at] = value ? Tag.TRUE : Tag.FALSE;
      return at + 1;
    case "undefined":
      room[at] = Tag.UNDEFINED;
      return at + 1;
    default:
      if (value !== null) return -1;
      room[at] = Tag.NULL;
      return at + 1;
  }
}

function numberAt(at: number, value: number): number {
  if ((value | 0) !== value || Object.is(value, -0)) {
    room[at] = Tag.FLOAT;
    view.setFloat64(at + 1, value, true);
    return at + 9;
  }
  if (value >= 0 && value < Tag.SMALL_LIMIT) {
    room[at] = Tag.SMALL_INTEGER | value;
    return at + 1;
  }
  room[at] = Tag.INTEGER;
  let end = at + 1;
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest >= 0x80; rest >>>= 7) room[end++] = (rest & 0x7f) | 0x80;
  room[end] = rest;
  return end + 1;
}

function stringAt(at: number, value: string): number {
  const { length } = value;
  if (length > longestString) return -1;
  for (let index = 0; index < length; index++) {
    const code = value.charCodeAt(index);
    if (code > 0xff) return -1;
    room[at + 1 + index] = code;
  }
  room[at] = Tag.SHORT_STRING | length;
  return at + 1 + length;
}

/** What `decodeSimple` returns for bytes that take the long way. */
export const notSimple = Symbol("not simple");

let position = 0;

/** The value, or `notSimple`. */
export function decodeSimple(bytes: Uint8Array): unknown {
  if (bytes[0] !== HOST_FORMAT || bytes.length > roomBytes) return notSimple;
  position = 1;
  const value = bytes[1] === Tag.ARRAY ? listIn(bytes) : primitiveIn(bytes);
  // Something is missing or left over: the long way says what is wrong.
  return position === bytes.length ? value : notSimple;
}

function listIn(bytes: Uint8Array): unknown {
  const length = bytes[2] as number;
  if (!(length <= longestList)) return notSimple;
  position = 3;
  const values: unknown[] = [];
  for (let index = 0; index < length; index++) {
    const value = primitiveIn(bytes);
    if (value === notSimple) {
      position = -1;
      return notSimple;
    }
    values.push(value);
  }
  return values;
}

function primitiveIn(bytes: Uint8Array): unknown {
  const tag = bytes[position++];
  if (tag === undefined) return notSimple;
  if (tag >= Tag.SHORT_STRING) return stringIn(bytes, tag - Tag.SHORT_STRING);
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
      return integerIn(bytes);
    case Tag.FLOAT:
      return floatIn(bytes);
    default:
      return notSimple;
  }
}

function integerIn(bytes: Uint8Array): unknown {
  let coded = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[position++];
    if (byte === undefined || (shift === 28 && byte > 0x0f)) return notSimple;
    coded |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (coded >>> 1) ^ -(coded & 1);
  }
  return notSimple;
}

function floatIn(bytes: Uint8Array): unknown {
  if (position + 8 > bytes.length) return notSimple;
  // Through a buffer of our own: a view for each message would cost more than the copy.
  for (let index = 0; index < 8; index++) room[index] = bytes[position + index] as number;
  position += 8;
  return view.getFloat64(0, true);
}

function stringIn(bytes: Uint8Array, length: number): unknown {
  const end = position + length;
  if (end > bytes.length) return notSimple;
  let text = "";
  for (; position < end; position++) text += String.fromCharCode(bytes[position] as number);
  return text;
}
