// What one thread knows of portable functions: one registry, shared by every copy of brigade loaded in it. Copies are
// ordinary — a worker boots the shipped file and then imports a user's bundle with brigade inside — and a function that
// one copy registers must be found by the other. Hence `globalThis`, under a symbol that names the shape's version.
import type { AsyncLocalStorage } from "node:async_hooks";
import type { AnyClass, AnyFunction, PortableReference } from "../contract/portable.ts";

/** Key of the registry. A string constant survives minifiers, so this text inside a file tells that brigade was bundled into it. */
export const registryMarker = "brigade.thread-registry/1";

/** The exports of a module by name. */
export type Namespace = Readonly<Record<string, unknown>>;

/** Which evaluation of a module a definition belongs to; a module evaluated again may replace its functions. */
export interface Evaluation {
  readonly meta: object | undefined;
  readonly commonJs: object | undefined;
  readonly epoch: number;
}

/** One name given with `portable`. */
export interface Definition {
  readonly fn: AnyFunction | AnyClass;
  readonly evaluation: Evaluation;
  /** Raw `line:column` of the call: meaningless to readers under source maps, but equal only for the same statement. */
  readonly position: string;
}

/** One module, by URL. */
export interface ModuleRecord {
  readonly url: string;
  readonly definitions: Map<string, Definition>;
  /** Evaluated by this runtime's own loader, so importing the URL again yields the same module and runs nothing. */
  native: boolean;
  /** File name under which CommonJS keeps it. */
  commonJsFile: string | undefined;
  namespace: Namespace | undefined;
  /** Set while `loadFunction` imports it; until then nothing in it may be called. */
  loading: Promise<Namespace> | undefined;
  /** Its namespace has been asked for. */
  noted: boolean;
}

/** All that is known. */
export interface ThreadRegistry {
  readonly modules: Map<string, ModuleRecord>;
  /** References of functions, frozen ones included. */
  readonly references: WeakMap<object, PortableReference>;
  /** Functions made portable where no module could be found, with the name and the reason. */
  readonly unlocated: WeakMap<object, { readonly name: string; readonly why: string }>;
  /** URLs of modules that have asked `isMainLevel()`. */
  readonly guarded: Set<string>;
  /** True on a worker of brigade. */
  workerLevel: boolean;
  /** Tells, on a worker, which module's import the running code descends from. */
  importing: AsyncLocalStorage<string> | undefined;
  /** Number of the synchronous stretch in which something was last defined. */
  epoch: number;
  epochEnds: boolean;
}

function createRegistry(): ThreadRegistry {
  return {
    modules: new Map(),
    references: new WeakMap(),
    unlocated: new WeakMap(),
    guarded: new Set(),
    workerLevel: false,
    importing: undefined,
    epoch: 0,
    epochEnds: false,
  };
}

function shareRegistry(): ThreadRegistry {
  const key = Symbol.for(registryMarker);
  const shared = (globalThis as { [key: symbol]: ThreadRegistry | undefined })[key];
  if (shared) return shared;
  const registry = createRegistry();
  // A hardened global object refuses the property; then each copy of brigade stands alone, which is right for one copy.
  Reflect.defineProperty(globalThis, key, { value: registry });
  return registry;
}

/** The registry of this thread. */
export const registry: ThreadRegistry = shareRegistry();

/** The record of a module, made on first use. */
export function moduleRecord(url: string): ModuleRecord {
  let record = registry.modules.get(url);
  if (!record) {
    record = {
      url,
      definitions: new Map(),
      native: false,
      commonJsFile: undefined,
      namespace: undefined,
      loading: undefined,
      noted: false,
    };
    registry.modules.set(url, record);
  }
  return record;
}
