// Runs the command line as a user would: a program of its own, no terminal, modules under test written to a folder of their own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The command line's entry. */
export const cli = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

/** What a run left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run in progress. */
export interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly stdout: NodeJS.ReadableStream;
  readonly ended: Promise<Ended>;
}

/** Starts the command line in `cwd`. */
export function start(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Started {
  const { NO_COLOR: _n, FORCE_COLOR: _f, COLUMNS: _c, ...inherited } = process.env;
  const child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([stdout, stderr, [code]]): Ended => ({ code: code as number | null, stdout, stderr }),
  );
  return { pid: child.pid ?? 0, kill: (signal) => child.kill(signal), stdout: child.stdout, ended };
}

/** Runs the command line to its end. */
export function run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(args, cwd, env).ended;
}

/** A folder with these files, and how to remove it. */
export function folder(files: Readonly<Record<string, string>>): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "brigade-cli-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** True while the process runs; one that waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
