// The check at every submission that leaves the thread: a function that cannot travel is refused here, with its own fix.
import { NotPortableError } from "../contract/errors.ts";
import type { Level, PortableReference } from "../contract/portable.ts";
import { definitionOf } from "./definition.ts";
import type { EntryRefusal } from "./entry-module.ts";
import { entryRefusal } from "./entry-module.ts";
import { requireSelfContained } from "./inline/check.ts";
import { isInlineUrl } from "./inline/source-url.ts";
import { describeModule } from "./module-url.ts";
import { referenceOf } from "./reference.ts";
import { registry } from "./thread-registry.ts";

/** The reference of `fn` for work on `level`. Throws `NotPortableError`, whose message shows the fix, when `fn` is not portable,
 *  when its module could not be found, when it sits in an entry file that is not safe to import, and when it is inline and not self-contained; `TypeError` for no function. */
export function requireReference(fn: unknown, level: Level): PortableReference {
  if (typeof fn !== "function") {
    throw new TypeError(`Work for level "${level}" must be a function, got ${fn === null ? "null" : typeof fn}.`);
  }
  const reference = referenceOf(fn);
  if (!reference) throw new NotPortableError(withoutReference(fn as NamedFunction, level));
  if (isInlineUrl(reference.url)) {
    requireSelfContained(reference, level);
    return reference;
  }
  const refusal = entryRefusal(reference.url, level);
  if (refusal) throw new NotPortableError(inEntry(reference, level, refusal));
  return reference;
}

type NamedFunction = (...args: never) => unknown;

/** The reference of a function inside a value, or `undefined` when it has none. Throws `NotPortableError` for an inline function that is not
 *  self-contained. */
export function referenceInValue(fn: unknown): PortableReference | undefined {
  const reference = referenceOf(fn);
  if (reference && isInlineUrl(reference.url)) requireSelfContained(reference, undefined);
  return reference;
}

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
  return `${label} cannot run on level "${level}": a worker finds a function by its module and name, and this one carries neither. Define it at the top level of its module as\n  ${definitionOf(name, source)}`;
}

function nameOf(fn: NamedFunction): { readonly label: string; readonly name: string } {
  const own = typeof fn.name === "string" ? fn.name.replace(/^(?:bound |get |set )+/, "") : "";
  if (own === "") return { label: "This function", name: "work" };
  const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(own) && own !== "default";
  return { label: JSON.stringify(fn.name), name: identifier ? own : "work" };
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
