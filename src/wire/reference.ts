// The brand: what makes a function portable is a reference it carries. Two carriers, because each fails somewhere: the
// property crosses copies of brigade and contexts of test runners, the weak map takes frozen functions.
import type { PortableReference } from "../contract/portable.ts";
import { registry } from "./thread-registry.ts";

const brand = Symbol.for("brigade.portable");

/** Makes `fn` carry `reference`. The latest wins: a module evaluated again is what its importers now mean. */
export function carryReference(fn: object, reference: PortableReference): void {
  registry.references.set(fn, reference);
  registry.unlocated.delete(fn);
  // False for a frozen function; the weak map serves it.
  Reflect.defineProperty(fn, brand, { value: reference, configurable: true });
}

/** What `fn` carries, or `undefined` when it is not portable. */
export function referenceOf(fn: unknown): PortableReference | undefined {
  if (typeof fn !== "function") return undefined;
  // The weak map is asked only where the property may be missing or stale: a look into it gives every closure an identity hash.
  // Own property only: a class inherits the statics of its base and is not the base.
  const frozen = Object.isExtensible(fn) ? undefined : registry.references.get(fn);
  const own: unknown = frozen ?? (Object.hasOwn(fn, brand) ? Reflect.get(fn, brand) : undefined);
  return isReference(own) ? own : undefined;
}

function isReference(value: unknown): value is PortableReference {
  if (typeof value !== "object" || value === null) return false;
  const { url, name } = value as Partial<PortableReference>;
  return typeof url === "string" && typeof name === "string";
}
