// The built-in objects, one function each. Whatever may throw (getters, traps) stands before `begin`.
import { types } from "node:util";
import { layoutOf } from "./array-layout.ts";
import { encodeBuffer, encodeView } from "./encode-buffers.ts";
import type { EncodeContext } from "./encode-context.ts";
import { encodeError } from "./encode-error.ts";
import { EncodeFrame } from "./encode-frame.ts";
import * as Tag from "./tags.ts";

/** Writes an object of the kind that `builtInKind` found; false, with nothing written, when that is none. `as` names the
 *  registered class. */
export function encodeBuiltIn(context: EncodeContext, kind: number, value: object, as: string | undefined): boolean {
  switch (kind) {
    case Tag.ARRAY:
      encodeArray(context, value as unknown[], as);
      return true;
    case Tag.MAP:
      encodeMap(context, value as Map<unknown, unknown>, as);
      return true;
    case Tag.SET:
      encodeSet(context, value as Set<unknown>, as);
      return true;
    case Tag.DATE:
      encodeDate(context, value as Date, as);
      return true;
    case Tag.REGEXP:
      encodeRegExp(context, value as RegExp, as);
      return true;
    case Tag.BOXED:
      encodeBoxed(context, value, as);
      return true;
    case Tag.ERROR:
      // Its class is among those it names.
      encodeError(context, value);
      return true;
    case Tag.URL_OBJECT:
    case Tag.URL_SEARCH_PARAMS:
      encodeText(context, kind, value as URL | URLSearchParams, as);
      return true;
    case Tag.ARRAY_BUFFER:
      encodeBuffer(context, value as ArrayBufferLike);
      return true;
    case Tag.VIEW:
      encodeView(context, value as ArrayBufferView, as);
      return true;
    default:
      return false;
  }
}

/** An array, dense or not, with its extra properties. */
export function encodeArray(context: EncodeContext, value: readonly unknown[], as: string | undefined): void {
  const { length } = value;
  if (!Number.isInteger(length) || length < 0 || length > 0xffffffff) context.refuse("an array with an impossible length");
  const sparse = layoutOf(value);
  context.begin(sparse === undefined ? Tag.ARRAY : Tag.SPARSE_ARRAY, value, as);
  context.writer.count(length);
  if (sparse === undefined) {
    if (length > 0) context.open(new EncodeFrame("elements", value, [], length));
    return;
  }
  context.writer.count(sparse.indices.length);
  context.open(new EncodeFrame("indices", value, sparse.indices, sparse.indices.length, sparse.extras));
}

/** A Map: a snapshot of its entries. */
function encodeMap(context: EncodeContext, value: Map<unknown, unknown>, as: string | undefined): void {
  const keys = Object.keys(value);
  const entries: unknown[] = [];
  // Through the prototype: a subclass may have its own idea of iteration.
  Map.prototype.forEach.call(value, (member, key) => entries.push(key, member));
  context.begin(Tag.MAP, value, as);
  context.writer.count(entries.length / 2);
  context.open(new EncodeFrame("entries", value, entries, entries.length, keys));
}

/** A Set: a snapshot of its members. */
function encodeSet(context: EncodeContext, value: Set<unknown>, as: string | undefined): void {
  const keys = Object.keys(value);
  const members: unknown[] = [];
  Set.prototype.forEach.call(value, (member) => members.push(member));
  context.begin(Tag.SET, value, as);
  context.writer.count(members.length);
  context.open(new EncodeFrame("members", value, members, members.length, keys));
}

/** A Date, the invalid one too. */
function encodeDate(context: EncodeContext, value: Date, as: string | undefined): void {
  const keys = Object.keys(value);
  context.begin(Tag.DATE, value, as);
  context.writer.float(Date.prototype.getTime.call(value));
  context.properties(value, keys);
}

/** A RegExp without its place in a text (`lastIndex`). */
function encodeRegExp(context: EncodeContext, value: RegExp, as: string | undefined): void {
  const source = String(value.source);
  const flags = String(value.flags);
  const keys = Object.keys(value);
  context.begin(Tag.REGEXP, value, as);
  context.writer.string(source);
  context.writer.string(flags);
  context.properties(value, keys);
}

/** `Object(1)`, `Object("text")`, … */
function encodeBoxed(context: EncodeContext, value: object, as: string | undefined): void {
  if (types.isSymbolObject(value)) context.refuse("a symbol; send a string");
  const primitive = unbox(value);
  // The characters of a string are listed among the properties, first.
  const keys = Object.keys(value).slice(typeof primitive === "string" ? primitive.length : 0);
  context.begin(Tag.BOXED, value, as);
  context.value(primitive);
  context.properties(value, keys);
}

function unbox(value: object): string | number | boolean | bigint {
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value);
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  return BigInt.prototype.valueOf.call(value);
}

/** A URL, or the parameters of one. */
function encodeText(context: EncodeContext, tag: number, value: URL | URLSearchParams, as: string | undefined): void {
  const text = tag === Tag.URL_OBJECT ? (value as URL).href : URLSearchParams.prototype.toString.call(value);
  context.begin(tag, value, as);
  context.writer.string(text);
}
