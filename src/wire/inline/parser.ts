// The parser, loaded when an inline function is first submitted. A submission is refused or encoded within the call, so the parser is
// required and not imported; `import()` would be too late.
import type * as Acorn from "acorn";
import { NotPortableError } from "../../contract/errors.ts";

let loaded: typeof Acorn | undefined;

/** acorn. Throws `NotPortableError` where a bundler has left its file behind. */
export function parser(): typeof Acorn {
  if (loaded) return loaded;
  const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
  try {
    loaded = require("acorn") as typeof Acorn; // the package's own copy: scripts/bundle.mjs puts it beside
  } catch (error) {
    throw new NotPortableError(
      "An inline function cannot be checked: the parser, acorn.cjs of brigade's dist folder, is not beside this bundle. Leave brigade outside the bundle, copy the file there, or use portable(import.meta, name, fn).",
      { cause: error },
    );
  }
  return loaded;
}
