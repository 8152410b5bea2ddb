// Makes errors without running their constructors, which want arguments that nobody kept. Each begins as a real `Error`, so
// that the platform knows it as one (`Error.isError`, `util.types.isNativeError`, the printed form), and is then given its class.
import type { ClassReference } from "./error-classes.ts";
import { CLASS_LIMIT, findClass } from "./error-classes.ts";
import type { DecodeOptions } from "./options.ts";
import type { Reader } from "./reader.ts";
import * as Tag from "./tags.ts";

/** Reads the head of an error and makes it; its properties follow. */
export function decodeErrorHead(reader: Reader, options: DecodeOptions): Error {
  const cls = readClass(reader, options);
  const name = readText(reader);
  const message = readText(reader);
  const error = cls === DOMException ? new DOMException(message, name) : bareError();
  if (cls !== Error && cls !== DOMException) Object.setPrototypeOf(error, cls.prototype as object);
  // A class that is missing here provided these; keep what it said.
  restore(error, "name", name);
  restore(error, "message", message);
  return error;
}

function readClass(reader: Reader, { resolveClass }: DecodeOptions): { readonly prototype: unknown } {
  const count = reader.length(2);
  if (count > CLASS_LIMIT) reader.corrupt("an error is of too many classes");
  let found: { readonly prototype: unknown } | undefined;
  for (let index = 0; index < count; index++) {
    const kind = reader.u8();
    if (kind > Tag.EXPORTED_CLASS) reader.corrupt("a class is of no known kind");
    const name = reader.string();
    const reference: ClassReference = { kind, name, url: kind === Tag.EXPORTED_CLASS ? reader.string() : "" };
    found ??= findClass(reference, resolveClass);
  }
  return found ?? Error;
}

function readText(reader: Reader): string | undefined {
  const tag = reader.u8();
  return tag === Tag.UNDEFINED ? undefined : reader.stringAfter(tag);
}

function bareError(): Error {
  const { stackTraceLimit } = Error;
  try {
    // The stack of this place is of no use, and collecting it is most of the cost. `Reflect.set`, because the limit is
    // read-only under --frozen-intrinsics.
    Reflect.set(Error, "stackTraceLimit", 0);
    const error = new Error();
    hide(error, "stack", undefined);
    return error;
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

function restore(error: Error, property: "name" | "message", text: string | undefined): void {
  if (text !== undefined && error[property] !== text) hide(error, property, text);
}

/** Sets an own property the way errors have them: hidden from enumeration. */
function hide(error: object, property: string, value: unknown): void {
  Object.defineProperty(error, property, { value, writable: true, configurable: true, enumerable: false });
}
