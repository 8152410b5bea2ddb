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

/** How a class of brigade's own travels that can only be shared: it stands for shared memory. */
export interface Sharable<T, D> {
  readonly name: string;
  /** In words, such as `a Channel`. */
  readonly what: string;
  /** Other processes find what it stands for, too. */
  readonly leavesProcess?: true;
  /** What keeps this instance from travelling, as the end of "it is …"; `undefined` when nothing does. */
  readonly refuse?: (value: T) => string | undefined;
  readonly encode: (value: T) => D;
  readonly decode: (data: D) => T;
}

/** One registered class. */
export interface RegisteredClass {
  readonly name: string;
  readonly cls: AnyClass;
  readonly prototype: object;
  readonly encode: ((value: object) => unknown) | undefined;
  readonly decode: ((data: unknown) => unknown) | undefined;
  /** What keeps an instance from travelling to a side that shares memory, or does not; asked before `encode`. */
  readonly refusal: ((value: object, sharesMemory: boolean) => string | undefined) | undefined;
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
    refusal: undefined,
  };
  register(entry);
  return cls;
}

/** Lets instances of a class of brigade's own travel, to sides that share memory unless it says otherwise. The class may be registered again, by another copy. */
export function sharable<T extends object, D>(cls: AnyClass, { name, what, leavesProcess, refuse, encode, decode }: Sharable<T, D>): void {
  register({
    name,
    cls,
    prototype: cls.prototype,
    encode: encode as RegisteredClass["encode"],
    decode: decode as RegisteredClass["decode"],
    refusal: (value, sharesMemory) =>
      sharesMemory || leavesProcess
        ? refuse?.(value as T)
        : `${what}, which cannot leave the process; send values, and talk about them there`,
  });
}

function register(entry: RegisteredClass): void {
  registry.byName.set(entry.name, entry);
  registry.byPrototype.set(entry.prototype, entry);
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
