// Inline functions: the source itself travels. For small self-contained work where a module and a name would be ceremony, and
// where no module can be found (REPL, `node -e`). What it may refer to is checked at submission (check.ts), not here: on this
// thread it stays the function it was, closure and all.
import type { AnyFunction, Portable } from "../../contract/portable.ts";
import { callerOf } from "../call-site.ts";
import { carryReference } from "../reference.ts";
import { keepInline } from "./compile.ts";
import { inlineUrl } from "./source-url.ts";

/** Makes a self-contained function portable by its source: no module is imported to find it. Returns `fn` itself. It may use its
 *  arguments, what it declares, globals of the runtime and `import()`. Submitting it elsewhere rejects with `NotPortableError`
 *  that names its free variables, or says what else ties it to its place (`this`, a method, a class, a native function, more
 *  than 65,536 characters). Never accepted by a cluster. Throws `TypeError` for no function.
 *  @example
 *  ```ts
 *  import { inline, threads } from "brigade";
 *
 *  const sum = inline((n: number) => {
 *    let total = 0;
 *    for (let i = 1; i <= n; i++) total += i;
 *    return total;
 *  });
 *  console.log(await threads.run(sum, 1_000)); // 500500
 *  ```
 */
export function inline<F extends AnyFunction>(fn: F): Portable<F> {
  if (typeof fn !== "function")
    throw new TypeError(`inline(): expected a function, got ${fn === null ? "null" : typeof fn}: inline((n) => n * 2).`);
  const { url: definedIn } = callerOf(inline);
  const given: unknown = Reflect.get(fn, "name");
  const name = typeof given === "string" && given !== "" ? given : "inline";
  // Own in sloppy functions only, and in none of the newer forms.
  const sloppy = Object.hasOwn(fn, "caller");
  const url = inlineUrl({ definedIn, name, text: Function.prototype.toString.call(fn), sloppy });
  carryReference(fn, Object.freeze({ url, name }));
  keepInline(url, fn);
  return fn as Portable<F>;
}
