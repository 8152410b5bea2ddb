// Runs an example as a user would: compiled, in a program of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What a program printed and how it ended. */
export interface Run {
  readonly lines: readonly string[];
  readonly stderr: string;
  readonly code: number | null;
}

/** Long against the start of a worker on a busy machine; a program that needs it has hung. */
const limitMs = 60_000;

/** The compiled program of a seed, beside the compiled tests. */
export function exampleFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/seeds/${name}.js`, import.meta.url));
}

/** The compiled program of a use. */
export function useFile(name: string): string {
  return fileURLToPath(new URL(`../../examples/uses/${name}.js`, import.meta.url));
}

/** Starts Node on these arguments, with the examples' pauses shortened. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  // NODE_OPTIONS and NODE_TEST_CONTEXT are the test runner's business; BRIGADE_LEVEL is what some tests set.
  const clean = { ...process.env, NODE_OPTIONS: undefined, NODE_TEST_CONTEXT: undefined, BRIGADE_LEVEL: undefined };
  return spawn(process.execPath, args, { env: { ...clean, BRIGADE_EXAMPLE_MS: "20", ...env }, timeout: limitMs, killSignal: "SIGKILL" });
}

/** Resolves when the program has ended and its output has been read to the end. */
export async function finish(child: ChildProcess): Promise<Run> {
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { lines: output.stdout.split("\n").slice(0, -1), stderr: output.stderr, code };
}

/** Runs an example to its end. */
export function runExample(name: string, env?: NodeJS.ProcessEnv): Promise<Run> {
  const child = start([exampleFile(name)], env);
  child.stdin?.end();
  return finish(child);
}

/** Resolves when the program has printed this line, or can no longer do so. Everything is still read by `finish`. */
export function printed(child: ChildProcess, line: string): Promise<void> {
  return new Promise((resolve) => {
    if (child.stdout === null) return resolve();
    createInterface({ input: child.stdout })
      .on("line", (found) => found === line && resolve())
      .on("close", resolve);
  });
}
