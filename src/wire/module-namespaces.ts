// Exports of the modules known on this thread. Beside finding functions they let classes travel: an error class that a user's
// module exports goes out as (module URL, name) and comes back as the class of that name here.
import type { AnyClass, AnyFunction, PortableReference } from "../contract/portable.ts";
import { commonJsModule } from "./evaluation.ts";
import { referenceOf } from "./reference.ts";
import type { ModuleRecord, Namespace } from "./thread-registry.ts";
import { registry } from "./thread-registry.ts";

/** The export called `name`, of the namespace itself or of its default export, which is what CommonJS calls its exports. */
export function exportOf(namespace: Namespace, name: string): unknown {
  if (Object.hasOwn(namespace, name)) return readExport(namespace, name);
  const inner = commonJsExports(namespace);
  return inner && Object.hasOwn(inner, name) ? readExport(inner, name) : undefined;
}

/** Names of the exported functions and classes, in order of the alphabet. */
export function exportedNames(namespace: Namespace): readonly string[] {
  const names = new Set<string>();
  for (const exports of [namespace, commonJsExports(namespace)]) {
    for (const name of exports ? Object.keys(exports) : []) {
      if (exports && typeof readExport(exports, name) === "function") names.add(name);
    }
  }
  return [...names].sort();
}

function commonJsExports(namespace: Namespace): Namespace | undefined {
  const inner = Object.hasOwn(namespace, "default") ? readExport(namespace, "default") : undefined;
  return (typeof inner === "object" && inner !== null) || typeof inner === "function" ? (inner as Namespace) : undefined;
}

function readExport(exports: Namespace, name: string): unknown {
  try {
    return exports[name];
  } catch {
    // Not initialised yet (a cycle), or a getter that throws.
    return undefined;
  }
}

/** What is known of a module's exports now; a CommonJS module's are its live `module.exports`. */
export function namespaceOf(record: ModuleRecord): Namespace | undefined {
  if (record.namespace) return record.namespace;
  const loaded: unknown = record.commonJsFile === undefined ? undefined : commonJsModule(record.commonJsFile)?.exports;
  return (typeof loaded === "object" && loaded !== null) || typeof loaded === "function" ? (loaded as Namespace) : undefined;
}

/** What `reference` names, as far as it is known on this thread without importing. */
export function knownFunction({ url, name }: PortableReference): AnyFunction | AnyClass | undefined {
  const record = registry.modules.get(url);
  if (!record) return undefined;
  const defined = record.definitions.get(name)?.fn;
  if (defined) return defined;
  // A namespace has no prototype that could lend it a name, so its property is its export; asking whether it is its own costs more.
  const direct = record.namespace && readExport(record.namespace, name);
  if (typeof direct === "function") return direct as AnyFunction;
  const namespace = namespaceOf(record);
  const exported = namespace && exportOf(namespace, name);
  return typeof exported === "function" ? (exported as AnyFunction) : undefined;
}

/** Begins to learn the exports of a module that was evaluated here, in the background. Does nothing for a module not known to
 *  be evaluated here by the runtime's own loader (importing it would run it, perhaps for the second time). Idempotent; the call
 *  that begins it gets a promise of its end. */
export function noteModule(url: string): Promise<void> | undefined {
  const record = registry.modules.get(url);
  if (!record || record.noted || !record.native || record.namespace) return undefined;
  record.noted = true;
  return import(/* webpackIgnore: true */ /* @vite-ignore */ url).then(
    (namespace: Namespace) => {
      record.namespace ??= namespace;
    },
    () => {
      // A module that failed has no namespace to learn.
    },
  );
}

/** The module and name under which `ctor` can be found: its own reference, or an export of a module known here. A subclass is
 *  not its base. */
export function exportedClass(ctor: unknown): PortableReference | undefined {
  if (typeof ctor !== "function") return undefined;
  const own = referenceOf(ctor) ?? found.get(ctor);
  if (own) return own;
  for (const record of registry.modules.values()) {
    const namespace = namespaceOf(record);
    if (!namespace) continue;
    for (const name of exportedNames(namespace)) {
      if (exportOf(namespace, name) !== ctor) continue;
      const reference = Object.freeze({ url: record.url, name });
      found.set(ctor, reference);
      return reference;
    }
  }
  return undefined;
}
const found = new WeakMap<object, PortableReference>();

/** The class that `reference` names, when its module is known here; anything else is `undefined`. Imports nothing. */
export function resolveClass(reference: PortableReference): AnyClass | undefined {
  const known = knownFunction(reference);
  const prototype: unknown = known?.prototype;
  return typeof prototype === "object" && prototype !== null ? (known as AnyClass) : undefined;
}
