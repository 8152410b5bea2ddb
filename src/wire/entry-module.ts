// The entry-module rule: a function defined in the program's own entry file may travel only if importing that file in a
// worker does not run the program again. A guard is proved by a call of `isMainLevel()` from the file, or seen in its text; a
// bundle that holds brigade shows every such text without using it, so there only the call counts.
import { readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Level } from "../contract/portable.ts";
import { registry, registryMarker } from "./thread-registry.ts";

/** Why a function of the entry file must not travel. */
export type EntryRefusal = "unguarded" | "bundle" | "thread-guard";

interface EntrySource {
  /** Brigade was bundled into it. */
  readonly bundle: boolean;
  /** It shows a guard that holds in every worker. */
  readonly guard: boolean;
  /** It shows `isMainThread`, which is true in a child process. */
  readonly threadGuard: boolean;
}

// The text is read once per module; "elsewhere" is not the entry, or cannot be read (then nothing speaks against it).
const sources = new Map<string, EntrySource | "elsewhere">();

/** Why functions of module `url` must not travel to `level`, or `undefined` when they may. */
export function entryRefusal(url: string, level: Level): EntryRefusal | undefined {
  let source = sources.get(url);
  if (source === undefined) {
    source = readEntry(url);
    sources.set(url, source);
  }
  if (source === "elsewhere" || registry.guarded.has(url)) return undefined;
  if (source.bundle) return "bundle";
  if (source.guard) return undefined;
  if (!source.threadGuard) return "unguarded";
  return level === "thread" ? undefined : "thread-guard";
}

function readEntry(url: string): EntrySource | "elsewhere" {
  if (!url.startsWith("file:")) return "elsewhere";
  try {
    const path = fileURLToPath(url);
    if (!entryPaths().has(comparable(path))) return "elsewhere";
    return inspect(readFileSync(path, "utf8"));
  } catch {
    return "elsewhere";
  }
}

/** Exported for its test: what the text of an entry file tells. */
export function inspect(text: string): EntrySource {
  // Comments and imports mention names without using them.
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "").replace(/^\s*import\b[^;"']*?\bfrom\s*(?:"[^"]*"|'[^']*')/gm, "");
  return {
    bundle: text.includes(registryMarker),
    guard: /\bimport\.meta\.main\b|\brequire\.main\b|\bargv\s*\[\s*1\s*\]/.test(code),
    threadGuard: /\bisMainThread\b/.test(code),
  };
}

function entryPaths(): Set<string> {
  const script = process.argv[1];
  if (!script) return new Set();
  const path = resolve(script);
  const paths = [path];
  // Modules go by their real path; `node app` and `node .` leave out the extension or the index.
  for (const find of [
    () => realpathSync(path),
    () => process.getBuiltinModule("node:module").createRequire(process.execPath).resolve(path),
  ]) {
    try {
      paths.push(find());
    } catch {
      // Not found that way.
    }
  }
  return new Set(paths.map(comparable));
}

function comparable(path: string): string {
  return process.platform === "win32" ? path.toLowerCase() : path;
}
