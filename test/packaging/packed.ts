// The package as a stranger gets it: packed by npm, unpacked into the `node_modules` of a fresh folder. No registry is asked.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "tsconfig.types.json"))) {
    if (dirname(folder) === folder) throw new RangeError(`no project folder above ${fileURLToPath(import.meta.url)}`);
    folder = dirname(folder);
  }
  return folder;
}

/** The project's folder. */
export const root = findRoot();
/** TypeScript's compiler, a program for Node. */
export const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

interface Npm {
  npm(args: readonly string[], options?: { readonly cwd?: string }): string;
}
/** npm, called as the project's scripts call it. */
export const { npm } = (await import(pathToFileURL(join(root, "scripts", "npm.mjs")).href)) as Npm;

/** A folder that goes away when the test file has ended. Made here and not on first use: there `after` would belong to one test. */
const scratch = mkdtempSync(join(tmpdir(), "brigade-packed-"));
after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

/** What npm says about a tarball. */
export interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
}

let unpacked: { readonly folder: string; readonly packed: Packed } | undefined;
/** Packs and unpacks once for each test file. */
export function packedPackage(): { readonly folder: string; readonly packed: Packed } {
  if (unpacked) return unpacked;
  const report: unknown = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", scratch], { cwd: root }));
  // npm 11 reports a list, later ones an object by package name.
  const [packed] = Object.values(report as Record<string, Packed>);
  if (!packed) throw new TypeError("npm pack reported no package");
  // tar is part of Linux, macOS and Windows; relative names, because `C:` means a host to some.
  run("tar", ["-xzf", packed.filename], scratch);
  unpacked = { folder: join(scratch, "package"), packed };
  return unpacked;
}

/** A fresh copy of a consumer fixture with the packed package installed, and these tools of the project beside it. */
export function consumer(fixture: string, tools: readonly string[] = [], toolsFrom = join(root, "node_modules")): string {
  const folder = mkdtempSync(join(scratch, `${fixture}-`));
  cpSync(join(root, "test", "fixtures", "consumers", fixture), folder, { recursive: true });
  installInto(folder, tools, toolsFrom);
  return folder;
}

/** An empty folder with the packed package installed. */
export function emptyConsumer(tools: readonly string[] = []): string {
  const folder = mkdtempSync(join(scratch, "empty-"));
  installInto(folder, tools, join(root, "node_modules"));
  return folder;
}

function installInto(folder: string, tools: readonly string[], toolsFrom: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  cpSync(packedPackage().folder, join(modules, "brigade"), { recursive: true });
  for (const tool of tools) {
    mkdirSync(dirname(join(modules, tool)), { recursive: true });
    // A junction needs no privilege on Windows; elsewhere the type is ignored.
    symlinkSync(join(toolsFrom, tool), join(modules, tool), "junction");
  }
}

/** Runs a program to its end and returns its standard output. Throws with all its output when it fails or takes over a minute. */
export function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  const options = { cwd, encoding: "utf8", timeout: 60_000, killSignal: "SIGKILL" } as const;
  // NODE_OPTIONS and NODE_TEST_CONTEXT are the test runner's business and not a consumer's.
  const clean = { ...process.env, NODE_OPTIONS: undefined, NODE_TEST_CONTEXT: undefined, BRIGADE_LEVEL: undefined, ...env };
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, { ...options, env: clean });
  if (error) throw error;
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")} ended with ${status ?? signal}\n${stdout}\n${stderr}`);
}

/** Runs a JavaScript or TypeScript program with this Node. */
export function node(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  return run(process.execPath, args, cwd, env);
}
