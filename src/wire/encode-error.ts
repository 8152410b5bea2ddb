// An error: its classes, what it inherits, its own properties. Stack and message are own properties that enumeration hides,
// so hidden ones are looked at too, and come back hidden.
import type { EncodeContext } from "./encode-context.ts";
import { EncodeFrame } from "./encode-frame.ts";
import { classesOf } from "./error-classes.ts";
import * as Tag from "./tags.ts";

/** Properties that errors have by nature, hidden. */
const natural = new Set(["message", "stack", "cause", "errors", "name", "error", "suppressed"]);

/** An error of any class. */
export function encodeError(context: EncodeContext, value: object): void {
  const { writer } = context;
  const classes = classesOf(value, context.options.exportedClass);
  const keys = propertiesOf(value);
  const name = inherited(value, "name", keys);
  const message = inherited(value, "message", keys);
  context.begin(Tag.ERROR, value, undefined);
  writer.count(classes.length);
  for (const reference of classes) {
    writer.u8(reference.kind);
    writer.string(reference.name);
    if (reference.kind === Tag.EXPORTED_CLASS) writer.string(reference.url);
  }
  context.value(name);
  context.value(message);
  context.open(new EncodeFrame("error", value, keys, keys.length));
}

/** Own properties worth carrying. Hidden ones that are not natural come along when they are plain values: libraries hide
 *  functions and back references on errors, which must not make the error refused. */
function propertiesOf(value: object): string[] {
  return Object.getOwnPropertyNames(value).filter((key) => {
    if (natural.has(key)) return true;
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined || property.enumerable === true) return property !== undefined;
    const kind = typeof property.value;
    return kind === "string" || kind === "number" || kind === "boolean" || kind === "bigint" || property.value === null;
  });
}

/** `name` or `message` where a class provides it, for a side that does not have the class. */
function inherited(value: object, property: "name" | "message", own: readonly string[]): string | undefined {
  if (own.includes(property)) return undefined;
  try {
    const text: unknown = Reflect.get(value, property);
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}
