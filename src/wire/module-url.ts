// URLs of modules: from the file names that call sites report, and back to something readable.
import { fileURLToPath, pathToFileURL } from "node:url";

/** Schemes that another thread or process can import. */
const importable = /^(?:file|data|https?):/i;
const windowsPath = /^(?:[a-z]:[\\/]|\\\\)/i;
/** Names that the runtime invents for code that came from no file: `node -e`, standard input, a worker's `eval`. */
const inventedName = /(?:^|[\\/])\[(?:eval\d*|stdin|worker eval)\](?:-wrapper)?$/;

/** True for a URL that another thread or process can import. */
export function isImportable(text: string): boolean {
  return importable.test(text) && URL.canParse(text);
}

/** True for an absolute path of Windows (`C:\…`, `C:/…`, `\\server\share`), whatever the platform. */
export function isWindowsPath(name: string): boolean {
  return windowsPath.test(name);
}

/** The URL without its fragment. The query stays: `?v=2` is another module. Throws `TypeError` for no URL. */
export function withoutFragment(url: string): string {
  const hash = url.indexOf("#");
  return new URL(hash < 0 ? url : url.slice(0, hash)).href;
}

/** The URL of an absolute path, also of a Windows path on another platform. */
export function urlOfPath(path: string): string {
  return pathToFileURL(path, isWindowsPath(path) ? { windows: true } : undefined).href;
}

/** The module URL for what a call site calls its file: a URL in ES modules, a path in CommonJS and in test runners.
 *  `undefined` when it names nothing that can be imported elsewhere. */
export function urlOfFileName(fileName: string): string | undefined {
  if (isInvented(fileName)) return undefined;
  if (isWindowsPath(fileName) || fileName.startsWith("/")) return urlOfPath(fileName);
  return isImportable(fileName) ? withoutFragment(fileName) : undefined;
}

function isInvented(fileName: string): boolean {
  if (inventedName.test(fileName)) return true;
  if (!fileName.startsWith("file:") || !fileName.includes("%5B")) return false;
  return inventedName.test(fileName.replace("%5B", "[").replace("%5D", "]").replace("%20", " "));
}

/** How messages show a module: the path of a file, else the URL, shortened. */
export function describeModule(url: string): string {
  if (url.startsWith("file:")) {
    try {
      return fileURLToPath(url) + new URL(url).search;
    } catch {
      // A path of another platform; its URL says as much.
    }
  }
  return url.length > 120 ? `${url.slice(0, 119)}…` : url;
}
