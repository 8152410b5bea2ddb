// One sample: one program, run to its end.
import { spawn } from "node:child_process";
import type { Command } from "./launch.ts";

/** Far above what any sample needs: what takes longer hangs. */
const limitMs = 180_000;
const tailCharacters = 4_000;

/** Loaders, certificates and modes of the program that measures are no business of what is measured: certificates alone cost a
 *  start 100 ms. */
const withheld = ["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "NODE_TEST_CONTEXT", "BRIGADE_LEVEL"];

/** Runs a program that prints `{"value":…}` and resolves with that. Rejects with what it wrote to stderr when it fails,
 *  and when `signal` aborts; the program is gone either way. */
export function takeSample({ file, args, env }: Command, signal: AbortSignal): Promise<number> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !withheld.includes(name)));
  // Not the option `timeout`: its timer stays when there is no such program, and keeps this one alive as long.
  const limit = AbortSignal.timeout(limitMs);
  const child = spawn(file, args, {
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.any([signal, limit]),
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] = (output[name] + text).slice(-tailCharacters);
    });
  }
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    child.on("error", (error) => {
      failure = error;
      // Without a program there is nothing to close.
      if (child.pid === undefined) reject(error);
    });
    child.on("close", (code, killedBy) => {
      const value = printedValue(output.stdout);
      if (limit.aborted) reject(new TypeError(`did not end within ${limitMs / 1_000} s`));
      else if (failure !== undefined) reject(failure);
      else if (code !== 0) reject(new TypeError(why(output.stderr) ?? `ended with ${killedBy ?? `exit code ${code}`}`));
      else if (value === undefined) reject(new TypeError("printed no value"));
      else resolve(value);
    });
  });
}

/** The value on the last line. */
function printedValue(stdout: string): number | undefined {
  const text = /^\{"value": ?([-+.\de]+)\}$/.exec(stdout.trimEnd().split("\n").at(-1) ?? "")?.[1];
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) ? value : undefined;
}

/** The line that names the error: the first `…Error: …` of a JavaScript or Python trace, else the last that says anything. */
function why(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  return lines.find((line) => /^(?:Uncaught )?\w*(?:Error|Exception)\b.*:/.test(line)) ?? lines.findLast((line) => line !== "");
}
