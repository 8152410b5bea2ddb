// Which class an error is of, said so that the other side can find it: a list from the class itself to the nearest one that
// every side has. The other side takes the first that it knows.
import * as contract from "../contract/errors.ts";
import type { AnyClass } from "../contract/portable.ts";
import { registeredByName, registeredByPrototype } from "./classes.ts";
import { constructorOf, prototypesOf } from "./kinds.ts";
import type { DecodeOptions, EncodeOptions } from "./options.ts";
import * as Tag from "./tags.ts";

/** One name of a class. `url` only for `EXPORTED_CLASS`. */
export interface ClassReference {
  readonly kind: number;
  readonly name: string;
  readonly url: string;
}

/** More names than this are not written: a class that many levels above a built-in one is unlikely. */
export const CLASS_LIMIT = 16;

const brigade = new Map<string, AnyClass>(
  Object.entries({
    BrigadeError: contract.BrigadeError,
    CancelledError: contract.CancelledError,
    TimeoutError: contract.TimeoutError,
    TaskGroupError: contract.TaskGroupError,
    GroupFinishedError: contract.GroupFinishedError,
    NotPortableError: contract.NotPortableError,
    NotSerializableError: contract.NotSerializableError,
    WorkerLostError: contract.WorkerLostError,
    PoolBrokenError: contract.PoolBrokenError,
    QueueFullError: contract.QueueFullError,
    ExecutorClosedError: contract.ExecutorClosedError,
    UnsupportedError: contract.UnsupportedError,
    ChannelClosedError: contract.ChannelClosedError,
    BrokenChannelError: contract.BrokenChannelError,
    LockPoisonedError: contract.LockPoisonedError,
    NotOwnerError: contract.NotOwnerError,
    BrokenBarrierError: contract.BrokenBarrierError,
    DeadlockError: contract.DeadlockError,
  }),
);
// By identity and not by `cls.name`, which a minifier may change.
const brigadeNames = new Map([...brigade].map(([name, cls]) => [cls, name]));
const brigadeBrand = Symbol.for("brigade.error");

const builtInNames = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
  "AggregateError",
  "SuppressedError",
  "DOMException",
]);

function builtIn(name: string): AnyClass | undefined {
  // Not imported: loading node:assert costs every worker some milliseconds, and hardly any needs it.
  if (name === "AssertionError") return process.getBuiltinModule?.("node:assert").AssertionError as AnyClass | undefined;
  return builtInNames.has(name) ? (Reflect.get(globalThis, name) as AnyClass | undefined) : undefined;
}

/** The classes of an error, nearest first, ending with one that every side has. */
export function classesOf(error: object, exportedClass: EncodeOptions["exportedClass"]): ClassReference[] {
  const references: ClassReference[] = [];
  const add = (kind: number, name: string, url = "") => references.push({ kind, name, url });
  for (const prototype of prototypesOf(error)) {
    const registered = registeredByPrototype(prototype);
    if (registered !== undefined) add(Tag.REGISTERED_CLASS, registered.name);
    const cls = constructorOf(prototype);
    if (cls === undefined) continue;
    const name = brigadeNames.get(cls) ?? (brigadeBrand in error && brigade.has(cls.name) ? cls.name : undefined);
    if (name !== undefined) {
      add(Tag.BRIGADE_CLASS, name);
      return references;
    }
    if (builtIn(cls.name) === cls || (builtInNames.has(cls.name) && foreign(cls))) {
      add(Tag.BUILT_IN_CLASS, cls.name);
      return references;
    }
    if (registered !== undefined || references.length >= CLASS_LIMIT - 1) continue;
    const exported = exportedClass?.(cls);
    if (exported !== undefined) add(Tag.EXPORTED_CLASS, exported.name, exported.url);
  }
  add(Tag.BUILT_IN_CLASS, "Error");
  return references;
}

/** A built-in class of another realm: it has the name and is native code. */
function foreign(cls: AnyClass): boolean {
  return Function.prototype.toString.call(cls).includes("[native code]");
}

/** The class of that name here; `undefined` when this side does not have it or it is no class of errors. */
export function findClass(reference: ClassReference, resolveClass: DecodeOptions["resolveClass"]): AnyClass | undefined {
  const cls = lookUp(reference, resolveClass);
  if (typeof cls !== "function") return undefined;
  return cls === Error || cls.prototype instanceof Error ? cls : undefined;
}

function lookUp({ kind, name, url }: ClassReference, resolveClass: DecodeOptions["resolveClass"]): AnyClass | undefined {
  if (kind === Tag.BUILT_IN_CLASS) return builtIn(name);
  if (kind === Tag.BRIGADE_CLASS) return brigade.get(name);
  if (kind === Tag.REGISTERED_CLASS) return registeredByName(name)?.cls;
  return resolveClass?.({ url, name });
}
