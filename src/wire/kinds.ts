// What an object really is. Internal slots decide, not `instanceof` and not `Symbol.toStringTag`: both can be forged, and
// both fail for objects of another realm (test runners, `node:vm`).
import { EventEmitter } from "node:events";
import { types } from "node:util";
import type { AnyClass } from "../contract/portable.ts";
import { boundToThread } from "../core/thread-bound.ts";
import * as Tag from "./tags.ts";

/** Longer prototype chains are not searched: a proxy can make one endless. */
const CHAIN_LIMIT = 64;

type Test = (value: object) => boolean;
const tests: readonly (readonly [prototype: object, tag: number, test: Test])[] = [
  [Array.prototype, Tag.ARRAY, Array.isArray],
  [Map.prototype, Tag.MAP, types.isMap],
  [Set.prototype, Tag.SET, types.isSet],
  [Date.prototype, Tag.DATE, types.isDate],
  [Error.prototype, Tag.ERROR, isError],
  [Uint8Array.prototype, Tag.VIEW, ArrayBuffer.isView],
  [ArrayBuffer.prototype, Tag.ARRAY_BUFFER, types.isAnyArrayBuffer],
  [RegExp.prototype, Tag.REGEXP, types.isRegExp],
  [Number.prototype, Tag.BOXED, types.isBoxedPrimitive],
  [URL.prototype, Tag.URL_OBJECT, (value) => value instanceof URL],
  [URLSearchParams.prototype, Tag.URL_SEARCH_PARAMS, (value) => value instanceof URLSearchParams],
];
const byPrototype = new Map(tests.map(([prototype, tag, test]) => [prototype, { tag, test }]));

/** The tag of the built-in kind that `value` is, `Tag.OBJECT` when it is none of them. */
export function builtInKind(value: object, prototype: object | null): number {
  // A proxy has no slots: it is what its traps show, an array or an object. It is never searched by `instanceof`, whose
  // walk along the prototypes a trap can make endless.
  if (types.isProxy(value)) return Array.isArray(value) ? Tag.ARRAY : Tag.OBJECT;
  const guess = prototype === null ? undefined : byPrototype.get(prototype);
  if (guess?.test(value)) return guess.tag;
  for (const [, tag, test] of tests) if (test(value)) return tag;
  return Tag.OBJECT;
}

/** Whether it is an error in the eyes of a reader: a native one, a DOMException, or an heir of `Error` made the old way. */
export function isError(value: object): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** The prototypes of an object, nearest first; cut short when there are too many. */
export function* prototypesOf(value: object): Generator<object, void, undefined> {
  let prototype: object | null = Object.getPrototypeOf(value);
  for (let steps = 0; prototype !== null && steps < CHAIN_LIMIT; steps++) {
    yield prototype;
    prototype = Object.getPrototypeOf(prototype);
  }
}

/** The function in the own `constructor` of a prototype, if it is a plain property. */
export function constructorOf(prototype: object): AnyClass | undefined {
  const cls: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof cls === "function" ? (cls as AnyClass) : undefined;
}

const verdicts = new WeakMap<object, { readonly reason: string | undefined }>();

/** Why instances of this prototype cannot be reduced to their own properties; `undefined` when they can. An instance of a
 *  user's class can; an object of the platform keeps what matters where no property shows it, and would arrive empty. */
export function platformObject(value: object, prototype: object): string | undefined {
  const known = verdicts.get(prototype);
  if (known !== undefined) return known.reason;
  const reason = examine(value);
  // The verdict holds for the prototype: slots, unlike chains, are only looked at for the first instance.
  verdicts.set(prototype, { reason });
  return reason;
}

const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
async function* nothing(): AsyncGenerator<never, void, undefined> {
  // Only its prototypes are wanted: the language gives %AsyncIteratorPrototype% no name.
}
const asyncIteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(nothing())));

function examine(value: object): string | undefined {
  if (types.isGeneratorObject(value)) return "a generator; run its function with stream, or collect it into an array";
  if (types.isKeyObject(value) || types.isCryptoKey(value)) return "a key; export it, and send the bytes";
  if (types.isExternal(value)) return "an object of native code";
  const bound = boundToThread(value);
  if (bound !== undefined) return `${bound}, which belongs to its thread; send values, and talk about them there`;
  for (const prototype of prototypesOf(value)) {
    if (prototype === EventEmitter.prototype) {
      return `an EventEmitter (${nameOf(value)}), tied to its listeners and resources; send the data it stands for`;
    }
    if (prototype === iteratorPrototype || prototype === asyncIteratorPrototype) {
      return "an iterator; collect it into an array, or map over it";
    }
    if (typeof Object.getOwnPropertyDescriptor(prototype, "then")?.value === "function") {
      return `a promise (${nameOf(value)}); await it first`;
    }
    if (Object.getPrototypeOf(prototype) === null) break;
    const cls = constructorOf(prototype);
    if (cls !== undefined && cls.name !== "" && ofPlatform(cls)) {
      return `an object of the platform (${cls.name}) whose state no property shows; send the data it stands for`;
    }
  }
  return undefined;
}

/** Native code, or a global class written in JavaScript by the runtime (`ReadableStream`, `AbortController`, …). */
function ofPlatform(cls: AnyClass): boolean {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(cls))) return true;
  return Object.hasOwn(globalThis, cls.name) && Reflect.get(globalThis, cls.name) === cls;
}

/** The name of the class of an object, for messages. */
export function nameOf(value: object): string {
  for (const prototype of prototypesOf(value)) {
    const name = constructorOf(prototype)?.name;
    if (name) return name;
  }
  return "Object";
}
