// Which module called? Read from raw structured call sites: the text of `stack` is rewritten under source maps and names
// files that were never loaded. Frames are cut at the called function itself (`captureStackTrace`'s fence), not by comparing
// file names with brigade's: inside a user's bundle both share one file.
import { urlOfFileName } from "./module-url.ts";

/** Where a call came from. */
export interface CallSite {
  /** URL of the calling module; `undefined` when it cannot be found. */
  readonly url: string | undefined;
  /** The file as the runtime names it. */
  readonly fileName: string | undefined;
  /** Raw `line:column`. */
  readonly position: string;
  /** Why `url` is missing, as the rest of a sentence that begins "because". */
  readonly why: string;
}

const framesRead = 10;

/** The module that called `fence`, which must be on the stack. Never throws. */
export function callerOf(fence: (...args: never) => unknown): CallSite {
  for (const site of rawCallSites(fence)) {
    const fileName = site.isEval() ? site.getScriptNameOrSourceURL() : site.getFileName();
    // Built-ins between the caller and us, as in `entries.map(...)`, have no file.
    if (!fileName && !site.isEval()) continue;
    // Webpack's development builds evaluate each module under a made-up URL; the bundle that does so is the next frame.
    if (site.isEval() && fileName?.startsWith("webpack")) continue;
    const position = `${site.getLineNumber()}:${site.getColumnNumber()}`;
    const url = fileName ? urlOfFileName(fileName) : undefined;
    if (url) return { url, fileName: site.isEval() ? undefined : (fileName ?? undefined), position, why: "" };
    const from = fileName ? `as ${JSON.stringify(fileName)}` : "from a string";
    return { url: undefined, fileName: undefined, position, why: `the code was evaluated ${from}, not loaded from a module` };
  }
  return { url: undefined, fileName: undefined, position: "", why: "the runtime does not tell which module called portable()" };
}

/** Borrows the stack hooks of `Error` for one capture, and puts back exactly what was there, whatever happens. */
function rawCallSites(fence: (...args: never) => unknown): readonly NodeJS.CallSite[] {
  const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  try {
    Object.defineProperty(Error, "prepareStackTrace", {
      value: (_error: Error, sites: unknown) => sites,
      configurable: true,
      writable: true,
    });
    Object.defineProperty(Error, "stackTraceLimit", { value: framesRead, configurable: true, writable: true, enumerable: true });
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, fence);
    // Read here: some engines build the stack at the first read, and must still find our hook.
    const sites = holder.stack;
    return Array.isArray(sites) ? sites : [];
  } catch {
    // Frozen intrinsics: no call sites, and so no module; `portable(import.meta, …)` works there.
    return [];
  } finally {
    putBack("prepareStackTrace", prepare);
    putBack("stackTraceLimit", limit);
  }
}

function putBack(key: "prepareStackTrace" | "stackTraceLimit", descriptor: PropertyDescriptor | undefined): void {
  if (descriptor) Reflect.defineProperty(Error, key, descriptor);
  else Reflect.deleteProperty(Error, key);
}
