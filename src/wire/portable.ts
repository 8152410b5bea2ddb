// Portable functions: (module URL, name) given to a function, so that another thread or process can import the module and
// call it by name. Nothing is wrapped and nothing is shipped as source: imports, helpers and types keep working.
import { NotPortableError } from "../contract/errors.ts";
import type { AnyClass, AnyFunction, Portable, PortableReference } from "../contract/portable.ts";
import type { CallSite } from "./call-site.ts";
import { callerOf } from "./call-site.ts";
import { currentEvaluation, sameEvaluation } from "./evaluation.ts";
import { describeModule, isImportable, urlOfFileName } from "./module-url.ts";
import { carryReference, referenceOf } from "./reference.ts";
import { moduleRecord, registry } from "./thread-registry.ts";

/** Makes a function (or an actor class) portable under a name unique in its module, found from the call site, so call it at
 *  the module's top level. Returns `fn` itself. A function made portable twice answers to both names and travels under the
 *  latest. Throws `NotPortableError` when the module already gave that name to another function, `TypeError` for bad arguments.
 *  Where no module can be found (REPL, `node -e`) the function works on this thread, and submitting it elsewhere says why. */
export function portable<F extends AnyFunction | AnyClass>(name: string, fn: F): Portable<F>;
/** The same with the module said outright, for bundlers and minifiers. */
export function portable<F extends AnyFunction | AnyClass>(meta: ImportMeta, name: string, fn: F): Portable<F>;
export function portable(...args: readonly unknown[]): unknown {
  const { meta, name, fn } = checkArguments(args);
  // An arrow function in an argument list has none: with one it is known by it in task names, traces and stacks. Frozen ones stay as they are.
  if (fn.name === "") Reflect.defineProperty(fn, "name", { value: name, configurable: true });
  const site = callerOf(portable);
  const url = urlOfMeta(meta) ?? site.url;
  if (url === undefined) {
    // A reference from an earlier definition is better than none.
    if (!referenceOf(fn)) registry.unlocated.set(fn, { name, why: site.why });
    return fn;
  }
  define({ url, name }, fn, meta, site);
  carryReference(fn, Object.freeze({ url, name }));
  return fn;
}

function define({ url, name }: PortableReference, fn: AnyFunction | AnyClass, meta: object | undefined, site: CallSite): void {
  const record = moduleRecord(url);
  const here = site.url === url ? site.fileName : undefined;
  const definition = { fn, evaluation: currentEvaluation(meta, here), position: site.position };
  const earlier = record.definitions.get(name);
  if (earlier && earlier.fn !== fn && sameEvaluation(earlier.evaluation, definition.evaluation)) {
    const again = earlier.position === definition.position && site.position !== "";
    throw new NotPortableError(
      `Two different functions are called ${JSON.stringify(name)} in ${describeModule(url)}; a worker could not tell them apart. ` +
        (again
          ? "The same portable() call ran twice: call it at the top level of the module, outside loops and functions, and pass what varies as an argument."
          : `Rename one of them: portable(${JSON.stringify(`${name}2`)}, …).`),
    );
  }
  record.definitions.set(name, definition);
  if (here === undefined) return;
  if (definition.evaluation.commonJs) record.commonJsFile = here;
  // The runtime's own ES module loader names files by URL; test runners that evaluate text name them by path.
  else record.native = isImportable(here);
}

function urlOfMeta(meta: object | undefined): string | undefined {
  const url: unknown = meta && Reflect.get(meta, "url");
  // Bundlers that write CommonJS leave `import.meta` empty: then the call site has to do.
  return typeof url === "string" && url !== "" ? urlOfFileName(url) : undefined;
}

interface PortableArguments {
  readonly meta: object | undefined;
  readonly name: string;
  readonly fn: AnyFunction | AnyClass;
}

function checkArguments(args: readonly unknown[]): PortableArguments {
  const [first] = args;
  const withMeta = typeof first === "object" && first !== null;
  const [name, fn] = withMeta ? args.slice(1) : args;
  if (typeof name === "function") {
    throw new TypeError(`portable(): the name comes before the function: portable(${JSON.stringify(name.name || "work")}, fn).`);
  }
  if (typeof name !== "string") {
    throw new TypeError(`portable(): the name must be a string, got ${name === null ? "null" : typeof name}: portable("work", fn).`);
  }
  if (name === "") throw new TypeError('portable(): the name must not be empty: portable("work", fn).');
  if (typeof fn !== "function") {
    throw new TypeError(
      `portable(${JSON.stringify(name)}): the function belongs in the same call, portable(${JSON.stringify(name)}, fn); got ${fn === null ? "null" : typeof fn} in its place.`,
    );
  }
  return { meta: withMeta ? first : undefined, name, fn: fn as AnyFunction };
}
