// Where workers boot: the plain JavaScript file beside this one. A `.ts` entry fails on Node 20 even under a loader; a
// `.js` entry that registers the loader works everywhere.
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The boot file. When brigade was bundled into a program, the file beside the bundle (an entry of its own, named
 *  `boot.js`), else that of the installed package. */
export function bootUrl(): URL {
  found ??= findBoot();
  return found;
}

let found: URL | undefined;

function findBoot(): URL {
  const beside = new URL("./boot.js", import.meta.url);
  try {
    if (beside.protocol !== "file:" || existsSync(fileURLToPath(beside))) return beside;
    return pathToFileURL(
      process
        .getBuiltinModule("node:module")
        .createRequire(import.meta.url)
        .resolve("brigade/worker"),
    );
  } catch {
    return beside;
  }
}
