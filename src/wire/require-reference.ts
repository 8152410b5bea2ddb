// The check at every submission that leaves the thread: a function that cannot travel is refused here, with its own fix.
import { NotPortableError } from "../contract/errors.ts";
import type { Level, PortableReference } from "../contract/portable.ts";
import type { EntryRefusal } from "./entry-module.ts";
import { entryRefusal } from "./entry-module.ts";
import { describeModule } from "./module-url.ts";
import { referenceOf } from "./reference.ts";
import { registry } from "./thread-registry.ts";

/** The reference of `fn` for work on `level`. Throws `NotPortableError`, whose message shows the fix, when `fn` is not portable,
 *  when its module could not be found, and when it sits in an entry file that is not safe to import; `TypeError` for no function. */
export function requireReference(fn: unknown, level: Level): PortableReference {
  if (typeof fn !== "function") {
    throw new TypeError(`Work for level "${level}" must be a function, got ${fn === null ? "null" : typeof fn}.`);
  }
  const reference = referenceOf(fn);
  if (!reference) throw new NotPortableError(withoutReference(fn as NamedFunction, level));
  const refusal = entryRefusal(reference.url, level);
  if (refusal) throw new NotPortableError(inEntry(reference, level, refusal));
  return reference;
}

type NamedFunction = (...args: never) => unknown;

function withoutReference(fn: NamedFunction, level: Level): string {
  const unlocated = registry.unlocated.get(fn);
  if (unlocated) {
    const name = JSON.stringify(unlocated.name);
    return (
      `${name} cannot run on level "${level}": its module is not known, because ${unlocated.why}. ` +
      `Move it to a module file, or name the module: portable(import.meta, ${name}, fn).`
    );
  }
  const { label, name } = nameOf(fn);
  const source = Function.prototype.toString.call(fn);
  return `${label} cannot run on level "${level}": a worker finds a function by its module and name, and this one carries neither. Define it at the top level of its module as\n  export const ${name} = portable("${name}", ${bodyOf(name, source)});`;
}

function nameOf(fn: NamedFunction): { readonly label: string; readonly name: string } {
  const own = typeof fn.name === "string" ? fn.name.replace(/^(?:bound |get |set )+/, "") : "";
  if (own === "") return { label: "This function", name: "work" };
  const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(own) && own !== "default";
  return { label: JSON.stringify(fn.name), name: identifier ? own : "work" };
}

/** The shape of the definition that would be portable: `async (…) => { … }` for such a function, and so on. */
function bodyOf(name: string, source: string): string {
  // Bound and built-in functions have no source of their own; something has to call them.
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return `(...args) => ${name}(...args)`;
  if (/^class\b/.test(source)) return `class ${name} { … }`;
  const async = /^async\b/.test(source) ? "async " : "";
  if (/^(?:async\s+)?(?:function\s*)?\*/.test(source)) return `${async}function* ${name}(…) { … }`;
  if (/^(?:async\s+)?function\b/.test(source)) return `${async}function ${name}(…) { … }`;
  return `${async}(…) => { … }`;
}

function inEntry({ url, name }: PortableReference, level: Level, refusal: EntryRefusal): string {
  const what = `${JSON.stringify(name)} cannot run on level "${level}": it is defined in the program's entry file, ${describeModule(url)}, and a worker that imports this file would run the program again`;
  const fix: Readonly<Record<EntryRefusal, string>> = {
    unguarded: `. Guard the program's top-level work, if (isMainLevel()) { … }, or move ${JSON.stringify(name)} to a module of its own.`,
    bundle:
      ". Guard the program's top-level work, if (isMainLevel()) { … }, or give the portable functions an entry of their own in the bundler's configuration.",
    "thread-guard": `: isMainThread is true in a child process. Guard the program's top-level work with if (isMainLevel()) { … } instead, or move ${JSON.stringify(name)} to a module of its own.`,
  };
  return what + fix[refusal];
}
