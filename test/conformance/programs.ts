// Programs of the suite: what cannot be shown inside a test runner (its own handlers of unhandled rejections, the end of a
// program by itself, a program that is killed) is shown by a child program.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { within } from "./ground.ts";

/** A program under way. */
export interface Program {
  readonly pid: number;
  /** Its next line of output. */
  line(): Promise<string>;
  /** How it ended, and all that it printed. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Starts `programs/NAME.js` with arguments. */
export function startProgram(name: string, ...args: readonly string[]): Program {
  return start(name, args, {});
}

/** Starts it with further variables in its environment. */
export function startProgramWith(env: Readonly<Record<string, string>>, name: string, ...args: readonly string[]): Program {
  return start(name, args, env);
}

function start(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const path = fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
  // A test runner's variables would make the child report to it.
  const child: ChildProcess = spawn(process.execPath, [path, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, NODE_TEST_CONTEXT: undefined },
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const ended = new Promise<Awaited<Program["ended"]>>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...output }));
  });
  return {
    pid: child.pid as number,
    async line() {
      const { value, done } = await within(lines.next(), `${name} prints a line`);
      if (done) throw new RangeError(`${name} ended without a line: ${output.stderr}`);
      return value;
    },
    ended: within(ended, `${name} ends by itself`, 30_000),
  };
}
