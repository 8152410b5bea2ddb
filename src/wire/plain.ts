// Plain values, which is what most calls are made of: a primitive, or a list of primitives. A primitive never changes, so such a value
// can wait as it is, and is written straight to where it goes, without bytes of its own. Its length is known before the first byte
// is written. The bytes are those of the encoder (format 1), so either side may take this way or the long one. Anything else,
// and anything odd, is left to the long one.
import { types } from "node:util";
import { copyBytes } from "./copy-bytes.ts";
import type { Encoded } from "./options.ts";
import * as Tag from "./tags.ts";
import { HOST_FORMAT } from "./writer.ts";

/** A value that needs no bytes until it is sent. A list in it belongs to whoever carries it. */
export interface Plain {
  readonly bytes: undefined;
  readonly attachments?: undefined;
  readonly resendable?: undefined;
  readonly stays?: undefined;
  readonly value: unknown;
  /** What it takes as bytes. */
  readonly byteLength: number;
}

/** What frames carry. */
export type Payload = Encoded | Plain;

/** A plain value of more bytes than this gains nothing here. */
export const longestPlain = 512;
const longestString = 63;
const longestList = 63;

class PlainValue implements Plain {
  readonly bytes: undefined;
  readonly value: unknown;
  readonly byteLength: number;

  constructor(value: unknown, byteLength: number) {
    this.bytes = undefined;
    this.value = value;
    this.byteLength = byteLength;
  }
}

/** The value if it is plain, for as long as nobody changes the list in it; `undefined` when it takes the long way. Runs no code of
 *  the user. */
export function plainValue(value: unknown): Plain | undefined {
  const length = typeof value === "object" && value !== null ? (isPlainList(value) ? listLength(value) : 0) : primitiveLength(value);
  return length === 0 || length >= longestPlain ? undefined : new PlainValue(value, 1 + length);
}

/** The same for the arguments of a call: a list that brigade itself has made, dense and without properties of its own. */
export function plainList(values: readonly unknown[]): Plain | undefined {
  const length = listLength(values);
  return length === 0 || length >= longestPlain ? undefined : new PlainValue(values, 1 + length);
}

/** Bytes that a payload takes. */
export function lengthOf(payload: Payload): number {
  return payload.bytes === undefined ? payload.byteLength : payload.bytes.byteLength;
}

/** A payload as bytes, for where nothing else can be carried. */
export function encoded(payload: Payload): Encoded {
  return payload.bytes === undefined ? encodePlain(payload) : payload;
}

/** The bytes of a plain value. */
export function encodePlain(plain: Plain): Encoded {
  return { bytes: copyBytes(room, 0, writePlain(plain, room, 0)) };
}

function isPlainList(value: object): value is readonly unknown[] {
  // A proxy would run its traps here.
  if (!Array.isArray(value) || types.isProxy(value) || Object.getPrototypeOf(value) !== Array.prototype || value.length > longestList)
    return false;
  // Dense and nothing else: no element that is a hole, a getter or no primitive, and (at last, since most lists that are not plain show
  // it at once) as many own keys as elements.
  for (let index = 0; index < value.length; index++) {
    const descriptor = Object.getOwnPropertyDescriptor(value, index);
    if (descriptor === undefined || !("value" in descriptor) || primitiveLength(descriptor.value) === 0) return false;
  }
  return Object.keys(value).length === value.length;
}

/** Bytes of a list, 0 for what is not plain. */
function listLength(values: readonly unknown[]): number {
  if (values.length > longestList) return 0;
  let sum = 2;
  for (let index = 0; index < values.length; index++) {
    const length = primitiveLength(values[index]);
    if (length === 0) return 0;
    sum += length;
  }
  return sum;
}

/** Bytes of a primitive, 0 for what is not plain. */
function primitiveLength(value: unknown): number {
  switch (typeof value) {
    case "number":
      return numberLength(value);
    case "string":
      return stringLength(value);
    case "boolean":
    case "undefined":
      return 1;
    default:
      return value === null ? 1 : 0;
  }
}

const isInteger = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);
const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

function numberLength(value: number): number {
  if (!isInteger(value)) return 9;
  if (value >= 0 && value < Tag.SMALL_LIMIT) return 1;
  const coded = zigzag(value);
  if (coded < 2 ** 7) return 2;
  if (coded < 2 ** 14) return 3;
  if (coded < 2 ** 21) return 4;
  return coded < 2 ** 28 ? 5 : 6;
}

function stringLength(value: string): number {
  const { length } = value;
  if (length > longestString) return 0;
  for (let index = 0; index < length; index++) if (value.charCodeAt(index) > 0xff) return 0;
  return 1 + length;
}

const room = new Uint8Array(longestPlain + 1);
const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);
const isLittleEndian = HOST_FORMAT === Tag.FORMAT_LITTLE_ENDIAN;
const floatByte = (index: number): number => (isLittleEndian ? index : 7 - index);

/** Where the next byte is written or read. */
let position = 0;

/** Writes a plain value to `bytes` from `at` on, where it has the room that it needs, and returns where it ends. */
export function writePlain({ value }: Plain, bytes: Uint8Array, at: number): number {
  bytes[at] = HOST_FORMAT;
  position = at + 1;
  if (typeof value === "object" && value !== null) {
    const values = value as readonly unknown[];
    bytes[position++] = Tag.ARRAY;
    bytes[position++] = values.length;
    for (let index = 0; index < values.length; index++) writePrimitive(bytes, values[index]);
  } else writePrimitive(bytes, value);
  return position;
}

function writePrimitive(bytes: Uint8Array, value: unknown): void {
  switch (typeof value) {
    case "number":
      writeNumber(bytes, value);
      break;
    case "string":
      bytes[position++] = Tag.SHORT_STRING | value.length;
      for (let index = 0; index < value.length; index++) bytes[position++] = value.charCodeAt(index);
      break;
    case "boolean":
      bytes[position++] = value ? Tag.TRUE : Tag.FALSE;
      break;
    default:
      bytes[position++] = value === undefined ? Tag.UNDEFINED : Tag.NULL;
  }
}

function writeNumber(bytes: Uint8Array, value: number): void {
  if (!isInteger(value)) {
    bytes[position++] = Tag.FLOAT;
    float[0] = value;
    for (let index = 0; index < 8; index++) bytes[position++] = floatBytes[floatByte(index)] as number;
    return;
  }
  if (value >= 0 && value < Tag.SMALL_LIMIT) {
    bytes[position++] = Tag.SMALL_INTEGER | value;
    return;
  }
  bytes[position++] = Tag.INTEGER;
  let rest = zigzag(value);
  for (; rest >= 0x80; rest >>>= 7) bytes[position++] = (rest & 0x7f) | 0x80;
  bytes[position++] = rest;
}

/** What reading returns for bytes that take the long way. */
export const notPlain = Symbol("not plain");

/** The plain value in these bytes, or `notPlain`. */
export function readPlain(bytes: Uint8Array, start = 0, end = bytes.length): unknown {
  if (bytes[start] !== HOST_FORMAT || end - start > longestPlain + 1) return notPlain;
  position = start + 1;
  const value = bytes[position] === Tag.ARRAY ? listIn(bytes, end) : primitiveIn(bytes, end);
  // Something is missing or left over: the long way says what is wrong.
  return position === end ? value : notPlain;
}

/** The same as a payload that needs no bytes. */
export function readPlainPayload(bytes: Uint8Array, start: number, end: number): Plain | undefined {
  const value = readPlain(bytes, start, end);
  return value === notPlain ? undefined : new PlainValue(value, end - start);
}

function listIn(bytes: Uint8Array, end: number): unknown {
  const length = bytes[position + 1] as number;
  if (position + 2 > end || length > longestList) return notPlain;
  position += 2;
  const values: unknown[] = [];
  for (let index = 0; index < length; index++) {
    const value = primitiveIn(bytes, end);
    if (value === notPlain) {
      position = -1;
      return notPlain;
    }
    values.push(value);
  }
  return values;
}

function primitiveIn(bytes: Uint8Array, end: number): unknown {
  if (position >= end) return notPlain;
  const tag = bytes[position++] as number;
  if (tag >= Tag.SHORT_STRING) return stringIn(bytes, tag - Tag.SHORT_STRING, end);
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
      return integerIn(bytes, end);
    case Tag.FLOAT:
      return floatIn(bytes, end);
    default:
      return notPlain;
  }
}

function integerIn(bytes: Uint8Array, end: number): unknown {
  let coded = 0;
  for (let shift = 0; shift < 35 && position < end; shift += 7) {
    const byte = bytes[position++] as number;
    if (shift === 28 && byte > 0x0f) return notPlain;
    coded |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (coded >>> 1) ^ -(coded & 1);
  }
  return notPlain;
}

function floatIn(bytes: Uint8Array, end: number): unknown {
  if (position + 8 > end) return notPlain;
  // Through a buffer of our own: a view for each message would cost more than the copy.
  for (let index = 0; index < 8; index++) floatBytes[floatByte(index)] = bytes[position++] as number;
  return float[0];
}

function stringIn(bytes: Uint8Array, length: number, end: number): unknown {
  const last = position + length;
  if (last > end) return notPlain;
  let text = "";
  for (; position < last; position++) text += String.fromCharCode(bytes[position] as number);
  return text;
}
