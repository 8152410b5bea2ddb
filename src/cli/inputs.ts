// The inputs of a comparison: literal strings, files by glob, lines of a file — in this order, each a function's single argument.
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { glob } from "./glob.ts";
import { UsageError } from "./usage-error.ts";

/** Where inputs come from. */
export interface InputSources {
  readonly literals: readonly string[];
  readonly globs: readonly string[];
  /** File with one input per line; `-` is stdin. */
  readonly lines?: string | undefined;
  readonly limit?: number | undefined;
}

/** The inputs, and what the user should know about them. */
export interface Inputs {
  readonly values: readonly string[];
  readonly notes: readonly string[];
}

/** Collects the inputs. Throws `UsageError` when there are none, naming what was asked for. */
export function collectInputs(sources: InputSources, cwd: string): Inputs {
  const notes: string[] = [];
  const values = [...sources.literals];
  const empty: string[] = [];
  for (const pattern of sources.globs) {
    const { files, unreadable } = glob(pattern, cwd);
    if (files.length === 0) empty.push(pattern);
    for (const file of files) values.push(file);
    for (const directory of unreadable) notes.push(`${directory} cannot be read; its files are left out.`);
  }
  if (sources.lines !== undefined) for (const line of readLines(sources.lines, cwd)) values.push(line);
  if (values.length === 0) throw new UsageError(nothing(sources, empty, cwd));
  for (const pattern of empty) notes.push(`No file matches "${pattern}".`);
  return { values: sources.limit === undefined ? values : values.slice(0, sources.limit), notes };
}

function readLines(file: string, cwd: string): string[] {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : resolve(cwd, file), "utf8");
  } catch (error) {
    throw new UsageError(
      `--lines: ${file === "-" ? "stdin" : file} cannot be read (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function nothing({ globs, lines }: InputSources, empty: readonly string[], cwd: string): string {
  if (empty.length > 0) {
    const hints = empty.map((pattern) => {
      const isDirectory = statSync(resolve(cwd, pattern), { throwIfNoEntry: false })?.isDirectory();
      return isDirectory ? `"${pattern}" is a directory: its files are "${pattern.replace(/[\\/]+$/, "")}/**/*"` : `"${pattern}"`;
    });
    return `No input: no file matches ${hints.join(", ")} (seen from ${cwd}).`;
  }
  if (lines !== undefined) return `No input: ${lines === "-" ? "stdin" : lines} has no lines.`;
  return globs.length === 0 ? "No input: give inputs as arguments, files by --inputs GLOB, or lines by --lines FILE." : "No input.";
}
