// The registry of classes whose instances travel and come back as themselves. It hangs on the global object because a
// program can hold two copies of brigade (a bundle beside a dependency, a worker's boot file), which must agree.
import type { AnyClass } from "../contract/portable.ts";

/** How a class travels. */
export interface SerializableOptions<T, D> {
  /** Name on the wire; default the class name. */
  readonly name?: string | undefined;
  /** The data that stands for an instance. */
  readonly encode?: ((value: T) => D) | undefined;
  /** The instance that the data stands for. */
  readonly decode?: ((data: D) => T) | undefined;
}

/** One registered class. */
export interface RegisteredClass {
  readonly name: string;
  readonly cls: AnyClass;
  readonly prototype: object;
  readonly encode: ((value: object) => unknown) | undefined;
  readonly decode: ((data: unknown) => unknown) | undefined;
}

interface Registry {
  readonly byName: Map<string, RegisteredClass>;
  readonly byPrototype: WeakMap<object, RegisteredClass>;
}
const registryKey = Symbol.for("brigade.serializable");
const holder = globalThis as { [registryKey]?: Registry };
holder[registryKey] ??= { byName: new Map(), byPrototype: new WeakMap() };
const registry: Registry = holder[registryKey];

/** Lets instances of a class travel and come back as that class; the far side must import the same module. `encode` and
 *  `decode` default to own enumerable properties (private `#fields` are none); the constructor is not called. Returns the
 *  class, so it is also a class decorator. Throws `TypeError` when another class has the name: the same class evaluated
 *  again (hot reload, test runners) replaces the old one. */
export function serializable<C extends AnyClass, D = unknown>(cls: C, options?: SerializableOptions<InstanceType<C>, D>): C {
  if (typeof cls !== "function" || typeof cls.prototype !== "object" || cls.prototype === null) {
    throw new TypeError(`serializable(cls): cls must be a class, not ${cls === null ? "null" : typeof cls}.`);
  }
  // As a class decorator the second argument is the decorator's context: it has a `name` too, and no `encode`.
  const name = options?.name ?? cls.name;
  if (typeof name !== "string" || name === "") {
    throw new TypeError("serializable(cls): the class has no name; give it one with { name }.");
  }
  for (const hook of ["encode", "decode"] as const) {
    if (options?.[hook] !== undefined && typeof options[hook] !== "function") {
      throw new TypeError(`serializable(${name}): ${hook} must be a function.`);
    }
  }
  const known = registry.byName.get(name);
  if (known !== undefined && known.cls !== cls && !sameSource(known.cls, cls)) {
    throw new TypeError(`serializable(${name}): another class has this name; give one of them another with { name }.`);
  }
  const entry: RegisteredClass = {
    name,
    cls,
    prototype: cls.prototype,
    encode: options?.encode as RegisteredClass["encode"],
    decode: options?.decode as RegisteredClass["decode"],
  };
  registry.byName.set(name, entry);
  registry.byPrototype.set(cls.prototype, entry);
  return cls;
}

function sameSource(one: AnyClass, other: AnyClass): boolean {
  return one.name === other.name && Function.prototype.toString.call(one) === Function.prototype.toString.call(other);
}

/** The class whose direct instances have this prototype. */
export function registeredByPrototype(prototype: object): RegisteredClass | undefined {
  return registry.byPrototype.get(prototype);
}

/** The class of this name. */
export function registeredByName(name: string): RegisteredClass | undefined {
  return registry.byName.get(name);
}
