// Programs for the tests: written to a directory of their own, run with this Node, their output collected.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const wire = new URL("../../../src/wire/", import.meta.url);

/** URL of a module of `src/wire`, as built. */
export function wireModule(name: string): string {
  return new URL(`${name}.js`, wire).href;
}

/** The line that programs begin with: everything they use of brigade. */
export const prelude = `
import { portable } from ${JSON.stringify(wireModule("portable"))};
import { referenceOf } from ${JSON.stringify(wireModule("reference"))};
import { requireReference } from ${JSON.stringify(wireModule("require-reference"))};
import { isMainLevel, enterWorkerLevel, duringImport } from ${JSON.stringify(wireModule("main-level"))};
import { loadFunction, loadedFunction } from ${JSON.stringify(wireModule("load-function"))};
import { moduleFunctions } from ${JSON.stringify(wireModule("module-functions"))};
import { registry } from ${JSON.stringify(wireModule("thread-registry"))};
const attempt = (fn, level = "thread") => {
  try { return JSON.stringify(requireReference(fn, level)); } catch (error) { return error.name + ": " + error.message; }
};
`;

/** A directory for one test, removed with it. */
export class ProgramDirectory implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "brigade-portable-")));

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** URL of a file here. */
  url(name: string): string {
    return pathToFileURL(join(this.path, name)).href;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What a program did. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node with `args`; kills it after 30 s. */
export function runNode(args: readonly string[], options: { readonly cwd?: string; readonly input?: string } = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: options.cwd ?? process.cwd(), timeout: 30_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? "");
  });
}

/** Runs Node and returns what it printed; fails when it failed. */
export async function printed(args: readonly string[], options?: { readonly cwd?: string; readonly input?: string }): Promise<string> {
  const { code, stdout, stderr } = await runNode(args, options);
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`);
  return stdout.trim();
}
