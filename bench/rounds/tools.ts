// What rivals need before they can run: packages, a Python, a Go program. None of them is brigade's: what is missing is said in
// the rows that it is missing from.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchFolder, cacheFolder, root } from "../project.ts";

/** A tool that is there, or why it is not. */
export type Tool = { readonly file: string; readonly version: string } | { readonly missing: string };

/** Installs the packages of a folder's package.json as its lock file says, unless that is what stands there already. Returns why it
 *  could not. Blocks the thread meanwhile. */
export async function installPackages(folder = benchFolder): Promise<string | undefined> {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const installed = join(folder, "node_modules", ".installed-lock.json");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return undefined;
  const { npm } = (await import(pathToFileURL(join(root, "scripts", "npm.mjs")).href)) as {
    readonly npm: (args: readonly string[], options: { readonly cwd: string }) => string;
  };
  try {
    npm(["ci"], { cwd: folder });
    writeFileSync(installed, lock);
    return undefined;
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split("\n").filter((line) => !/^npm warn/i.test(line));
    return lines.slice(0, 3).join(" ");
  }
}

/** Version of an installed package. */
export function packageVersion(name: string): string | undefined {
  const path = join(benchFolder, "node_modules", name, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version : undefined;
}

/** The first Python 3.11 or newer on PATH: asyncio's task groups came with it. */
export function findPython(): Tool {
  for (const file of ["python3", "python"]) {
    const version = said(file, ["--version"], /^Python (3\.\d+\.\d+)/);
    if (version !== undefined && Number(version.split(".")[1]) >= 11) return { file, version };
  }
  return { missing: "no Python 3.11 or newer is on PATH" };
}

/** The Go program, compiled by the Go on PATH. Blocks the thread meanwhile. */
export function buildGo(): Tool {
  const version = said("go", ["version"], /go(\d+\.\d+(?:\.\d+)?)/);
  if (version === undefined) return { missing: "go is not on PATH" };
  mkdirSync(cacheFolder, { recursive: true });
  const file = join(cacheFolder, process.platform === "win32" ? "rivals.exe" : "rivals");
  const { status, stderr } = spawnSync("go", ["build", "-o", file, "."], { cwd: join(benchFolder, "rivals", "go"), encoding: "utf8" });
  return status === 0 ? { file, version } : { missing: `go build failed: ${stderr.trim().slice(0, 200)}` };
}

/** The Node to measure; `undefined` when the program is none. */
export function nodeVersion(file: string): string | undefined {
  return said(file, ["--version"], /^v(\d+\.\d+\.\d+\S*)$/);
}

function said(file: string, args: readonly string[], pattern: RegExp): string | undefined {
  const { status, stdout } = spawnSync(file, args, { encoding: "utf8" });
  return status === 0 ? pattern.exec(stdout.trim())?.[1] : undefined;
}
