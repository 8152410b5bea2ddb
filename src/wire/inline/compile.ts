// The far side of an inline function: its source, compiled once per worker. A script of `vm` and not a data: URL, so that
// `import()` inside is relative to the module it was written in, and its frames name that module and the line within it.
import { NotPortableError } from "../../contract/errors.ts";
import type { AnyFunction, PortableReference } from "../../contract/portable.ts";
import { carryReference } from "../reference.ts";
import { registry } from "../thread-registry.ts";
import { loaderPending, registerTypeScript } from "../typescript-loader.ts";
import { Recent } from "./recent.ts";
import { readInlineUrl } from "./source-url.ts";

const known = new Recent<AnyFunction>(256);

/** Remembers the function that an inline URL made on this thread stands for. */
export function keepInline(url: string, fn: AnyFunction): void {
  known.set(url, fn);
}

/** The function, when it was made or compiled on this thread, or can be compiled at once. */
export function loadedInline({ url }: PortableReference): AnyFunction | undefined {
  const fn = known.get(url);
  if (fn !== undefined || !registry.workerLevel) return fn;
  const { definedIn } = readInlineUrl(url);
  return definedIn !== undefined && loaderPending(definedIn) ? undefined : compiled(url);
}

/** The function, compiled. Rejects with `NotPortableError` outside workers: what comes back from a worker as source, perhaps from one
 *  that runs what is not trusted, is handed on but never made into code of the program. */
export async function loadInline(reference: PortableReference): Promise<AnyFunction> {
  const { definedIn, name } = readInlineUrl(reference.url);
  if (known.get(reference.url) === undefined && !registry.workerLevel) {
    throw new NotPortableError(
      `The inline function ${JSON.stringify(name)} was made on a worker, and its source is compiled on workers only: submit it to threads or processes instead of calling it here.`,
    );
  }
  if (definedIn !== undefined) await registerTypeScript(definedIn);
  return known.get(reference.url) ?? compiled(reference.url);
}

function compiled(url: string): AnyFunction {
  // Loaded with the first: few programs have inline functions, and all would pay for it.
  const { constants, Script } = process.getBuiltinModule("node:vm");
  const { definedIn, name, text, sloppy } = readInlineUrl(url);
  // esbuild, and so tsx, wraps nested functions in a call of this helper.
  const [open, close] = /\b__name\b/.test(text) ? ["((__name) => (", "\n))"] : ["(", "\n)"];
  const before = (sloppy ? "" : '"use strict";') + open;
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (text.includes("import")) takeWarning(Script, importModuleDynamically);
  let made: unknown;
  try {
    const filename = `${definedIn ?? "inline"}#${name}`;
    const script = new Script(before + text + close, { filename, columnOffset: -before.length, importModuleDynamically });
    made = script.runInThisContext();
    if (open !== "(") made = (made as (helper: typeof nameFunction) => unknown)(nameFunction);
  } catch (error) {
    throw new NotPortableError(`The source of the inline function ${JSON.stringify(name)} could not be compiled on this worker.`, {
      cause: error,
    });
  }
  if (typeof made !== "function")
    throw new NotPortableError(`The source of the inline function ${JSON.stringify(name)} gives no function.`);
  nameFunction(made, name);
  // It travels on, and back.
  carryReference(made, Object.freeze({ url, name }));
  known.set(url, made as AnyFunction);
  return made as AnyFunction;
}

let warned = false;

/** Node says, at the first `import()` of such a script on a thread, that this is experimental. That is ours to know and not the user's, so the
 *  first is a trivial one, made in silence. */
function takeWarning(Script: typeof import("node:vm").Script, importModuleDynamically: number): void {
  if (warned) return;
  warned = true;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    void (new Script('import("node:vm")', { importModuleDynamically }).runInThisContext() as Promise<unknown>);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function nameFunction<F extends object>(fn: F, name: string): F {
  return Object.defineProperty(fn, "name", { value: name, configurable: true });
}
