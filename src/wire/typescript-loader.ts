// A worker on a Node that cannot run TypeScript has no loader of its own: tsx registers itself in the main thread only. So the
// worker registers tsx before it imports a task's module — before, because Node keeps the failure of a module that was linked
// too early.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

let registered: Promise<boolean> | undefined;

/** True when `url` is TypeScript by its extension. */
export function isTypeScript(url: string): boolean {
  return URL.canParse(url) && /\.[cm]?tsx?$/.test(new URL(url).pathname);
}

/** Registers tsx in this thread if `url` needs it: TypeScript where the runtime cannot run it, or any module of a program that
 *  was itself started with tsx. Looks in the module's directory, then in the working directory. Resolves to whether the
 *  runtime is now as able as it can be made: false when tsx is wanted and absent. Once per thread. */
export async function registerTypeScript(url: string): Promise<boolean> {
  if (registered) return registered;
  if (!needsLoader(url)) return true;
  const attempt = registerTsx(url);
  registered = attempt;
  // Another module, elsewhere, may find it.
  if (!(await attempt)) registered = undefined;
  return attempt;
}

/** True when a module at `url` would have to wait for `registerTypeScript`. */
export function loaderPending(url: string): boolean {
  return registered === undefined && needsLoader(url);
}

function needsLoader(url: string): boolean {
  // Bun and Deno run TypeScript, but do not all say so in `features`.
  if (process.versions.bun !== undefined || process.versions["deno"] !== undefined) return false;
  if (startedWithTsx()) return true;
  return isTypeScript(url) && !Reflect.get(process.features, "typescript");
}

function startedWithTsx(): boolean {
  return [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((argument) => /(?:^|[\s=/\\])tsx(?:$|[\s/\\])/.test(argument));
}

async function registerTsx(url: string): Promise<boolean> {
  const root = findTsx(url);
  if (root === undefined) return false;
  // CommonJS first: the ES module hooks defer to it for `require`.
  for (const api of ["cjs", "esm"]) {
    const file = join(root, apiFile(root, api));
    const { register } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(file).href)) as { register(): unknown };
    register();
  }
  return true;
}

function findTsx(url: string): string | undefined {
  const starts = [join(process.cwd(), "noop.js")];
  if (url.startsWith("file:")) starts.unshift(fileURLToPath(url));
  for (const start of starts) {
    try {
      return dirname(process.getBuiltinModule("node:module").createRequire(start).resolve("tsx/package.json"));
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** The ES module build of tsx's `api`. Resolving `tsx/esm/api` from here would give the CommonJS build, whose `register` looks
 *  for its hooks in the wrong directory (4.23) and takes the program down. */
function apiFile(root: string, api: string): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports?: Readonly<Record<string, { readonly import?: string | { readonly default?: string } } | undefined>>;
  };
  const target = manifest.exports?.[`./${api}/api`]?.import;
  return (typeof target === "string" ? target : target?.default) ?? `./dist/${api}/api/index.mjs`;
}
