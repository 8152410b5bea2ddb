// Typed references to the exports of a module that is not imported here: the way to run code that does not know brigade.
import type { AnyClass, AnyFunction, Portable, PortableNames } from "../contract/portable.ts";
import { isInlineUrl } from "./inline/source-url.ts";
import { loadFunction } from "./load-function.ts";
import { isWindowsPath, urlOfPath, withoutFragment } from "./module-url.ts";
import { carryReference } from "./reference.ts";

/** Typed references to the exported functions and classes of any module; nothing is imported here:
 *  `moduleFunctions<typeof import("./w.js")>(new URL("./w.js", import.meta.url)).parse`. Takes a URL or an absolute path;
 *  throws `TypeError` for anything relative. A reference called on this thread imports the module first, so it returns a promise. */
export function moduleFunctions<M>(url: URL | string): {
  readonly [K in PortableNames<M>]: Portable<Extract<M[K], AnyFunction | AnyClass>>;
} {
  const references = new Map<string, AnyFunction>();
  const href = moduleHref(url);
  return new Proxy(Object.freeze({}), {
    get(_target, name) {
      // A reference called `then` would make `await` of this object call the module.
      if (typeof name === "symbol" || name === "then") return undefined;
      let reference = references.get(name);
      if (!reference) {
        reference = makeReference(href, name);
        references.set(name, reference);
      }
      return reference;
    },
  }) as never;
}

function makeReference(url: string, name: string): AnyFunction {
  const reference = Object.freeze({ url, name });
  const call = async (...args: readonly unknown[]): Promise<unknown> => {
    const fn = await loadFunction(reference);
    return Reflect.apply(fn as (...args: readonly unknown[]) => unknown, undefined, args);
  };
  Object.defineProperty(call, "name", { value: name });
  carryReference(call, reference);
  return call;
}

function moduleHref(url: unknown): string {
  // By shape, for URLs of another realm (test runners).
  const text: unknown = typeof url === "object" && url !== null ? Reflect.get(url, "href") : url;
  if (typeof text !== "string")
    throw new TypeError(`moduleFunctions(): expected a URL or an absolute path, got ${url === null ? "null" : typeof url}.`);
  // From a handle that came over a link.
  if (isInlineUrl(text)) return text;
  if (isWindowsPath(text) || text.startsWith("/")) return urlOfPath(text);
  if (URL.canParse(text)) return withoutFragment(text);
  const fix = /^\.{0,2}[\\/]|\.[cm]?[jt]sx?$/.test(text)
    ? `new URL(${JSON.stringify(text.startsWith(".") ? text : `./${text}`)}, import.meta.url)`
    : `import.meta.resolve(${JSON.stringify(text)})`;
  throw new TypeError(`moduleFunctions(): ${JSON.stringify(text)} is relative, and only your module knows to what; say ${fix}.`);
}
