// The far side of a reference: import the module, then find the function in it — among the names its portable() calls gave,
// else among its exports.
import { NotPortableError } from "../contract/errors.ts";
import type { AnyClass, AnyFunction, PortableReference } from "../contract/portable.ts";
import { loadedInline, loadInline } from "./inline/compile.ts";
import { isInlineUrl } from "./inline/source-url.ts";
import { withinImport } from "./main-level.ts";
import { exportedNames, exportOf, knownFunction } from "./module-namespaces.ts";
import { describeModule } from "./module-url.ts";
import { referenceOf } from "./reference.ts";
import type { Namespace } from "./thread-registry.ts";
import { moduleRecord, registry } from "./thread-registry.ts";
import { isTypeScript, registerTypeScript } from "./typescript-loader.ts";

/** The function that `reference` names, when its module is loaded on this thread; an inline one is compiled at once on a worker. */
export function loadedFunction(reference: PortableReference): AnyFunction | AnyClass | undefined {
  if (isInlineUrl(reference.url)) return loadedInline(reference);
  // A module that awaits at its top level has registered functions it is not ready to run.
  return registry.modules.get(reference.url)?.loading ? undefined : knownFunction(reference);
}

/** Imports the module of `reference` and resolves to the function it names. Rejects with `NotPortableError` when the module
 *  fails to load (`cause` is its own error) or has no function of that name (the message lists what it has). */
export async function loadFunction(reference: PortableReference): Promise<AnyFunction | AnyClass> {
  const loaded = loadedFunction(reference);
  if (loaded) return loaded;
  if (isInlineUrl(reference.url)) return loadInline(reference);
  const namespace = await importModule(reference);
  const fn = knownFunction(reference) ?? renamedModule(namespace, reference.name);
  if (fn) return fn;
  throw new NotPortableError(absent(reference, namespace));
}

async function importModule({ url, name }: PortableReference): Promise<Namespace> {
  const record = moduleRecord(url);
  record.loading ??= importOnce(url);
  const { loading } = record;
  try {
    record.namespace = await loading;
    return record.namespace;
  } catch (error) {
    throw new NotPortableError(importFailure(url, name, error), { cause: error });
  } finally {
    // Of several that wait, a later one must not end a retry that an earlier one began.
    if (record.loading === loading) record.loading = undefined;
  }
}

async function importOnce(url: string): Promise<Namespace> {
  // On the main level whoever runs TypeScript has its loader already.
  if (registry.workerLevel) await registerTypeScript(url);
  return withinImport(url, () => import(/* webpackIgnore: true */ /* @vite-ignore */ url));
}

/** A module that knows itself by another URL (a symbolic link, a loader's query) has registered its functions under that one. */
function renamedModule(namespace: Namespace, name: string): AnyFunction | undefined {
  for (const key of exportedNames(namespace)) {
    const candidate = exportOf(namespace, key);
    if (referenceOf(candidate)?.name === name) return candidate as AnyFunction;
  }
  return undefined;
}

const namesShown = 20;

function absent({ url, name }: PortableReference, namespace: Namespace): string {
  const module = describeModule(url);
  const value = exportOf(namespace, name);
  const kind = value === null ? "null" : typeof value;
  const missing =
    value === undefined
      ? `has no portable function or export called ${JSON.stringify(name)}`
      : `exports ${JSON.stringify(name)}, which is not a function but ${kind}`;
  const names = [...new Set([...exportedNames(namespace), ...moduleRecord(url).definitions.keys()])].sort();
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : "";
  const has = names.length > 0 ? `it has ${names.slice(0, namesShown).join(", ")}${more}` : "it has no functions";
  return (
    `${module} ${missing} when a worker imports it; ${has}. ` +
    "Call portable() at the module's top level, not inside functions or guards; when a helper of another module calls it, pass import.meta: portable(import.meta, name, fn)."
  );
}

function importFailure(url: string, name: string, error: unknown): string {
  const what = `${describeModule(url)} could not be imported to find ${JSON.stringify(name)}`;
  const code = errorText(error, "code");
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && isTypeScript(url)) {
    return `${what}: Node ${process.versions.node} does not run TypeScript by itself. Use Node 22.18 or newer, or install tsx: npm install --save-dev tsx.`;
  }
  return `${what}: ${errorText(error, "message") ?? "it threw something that is not an error"}`;
}

/** A property of whatever was thrown, read without trust. */
function errorText(error: unknown, key: "code" | "message"): string | undefined {
  try {
    const text: unknown = typeof error === "object" && error !== null ? Reflect.get(error, key) : undefined;
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}
