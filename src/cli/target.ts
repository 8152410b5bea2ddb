// `FILE#name`: which function of which module. The module is imported in a program of its own, so that what it does on import
// — print, listen, never end — cannot touch this one.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type ProgramSettings, runProgram } from "../lab/compare/program.ts";
import type { ExportEntry } from "../lab/compare/protocol.ts";
import { suggestion } from "./nearest.ts";
import { UsageError } from "./usage-error.ts";

/** A function of a module. */
export interface Target {
  readonly url: string;
  readonly name: string;
  /** As it was asked for, the file shortened. */
  readonly label: string;
}

const importMs = 60_000;

/** Finds the function that `text` names. Rejects with `UsageError` when there is no such file or export, or when the export is
 *  no function: the message names what there is. Waits for one import, at most a minute. */
export async function findTarget(text: string, cwd: string, program: ProgramSettings, signal?: AbortSignal): Promise<Target> {
  const { file, name } = splitTarget(text);
  const path = file.startsWith("file:") ? fileURLToPath(file) : resolve(cwd, file);
  requireFile(path, file);
  const url = pathToFileURL(path).href;
  const short = relative(cwd, path);
  const label = short === "" || short.startsWith("..") ? file : short;
  const exports = await inspect(url, label, program, signal);
  if (name === undefined || name === "") throw new UsageError(`Which function of ${label}? Say FILE#name. ${offer(label, exports)}`);
  const entry = exports.find((candidate) => candidate.name === name || candidate.portableAs === name);
  if (entry === undefined) {
    const functions = callable(exports).map((candidate) => candidate.name);
    throw new UsageError(`${label} has no export "${name}".${suggestion(name, functions)} ${offer(label, exports)}`);
  }
  if (entry.type !== "function") {
    const kind = entry.type === "class" ? "a class, which needs new" : `not a function but ${entry.type}`;
    throw new UsageError(`${label}#${name} is ${kind}. ${offer(label, exports)}`);
  }
  return { url, name, label: `${label}#${name}` };
}

/** At the last `#`: file names may hold one, names of functions never do. */
export function splitTarget(text: string): { readonly file: string; readonly name: string | undefined } {
  const at = text.lastIndexOf("#");
  if (at === 0) throw new UsageError(`"${text}" names no file: say FILE#name.`);
  return at < 0 ? { file: text, name: undefined } : { file: text.slice(0, at), name: text.slice(at + 1) };
}

function requireFile(path: string, shown: string): void {
  if (!existsSync(path)) {
    const folder = dirname(path);
    const neighbours = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
    throw new UsageError(`There is no file ${shown}.${suggestion(basename(path), neighbours)}`);
  }
  if (!statSync(path).isFile())
    throw new UsageError(`${shown} is not a file: say FILE#name, where FILE is a JavaScript or TypeScript module.`);
}

async function inspect(
  url: string,
  label: string,
  program: ProgramSettings,
  signal: AbortSignal | undefined,
): Promise<readonly ExportEntry[]> {
  const answer = await runProgram({ kind: "inspect", url }, program, { signal, startMs: importMs });
  if ("failure" in answer) throw new UsageError(`${label} could not be imported: ${answer.failure}.`);
  if (answer.message.type === "exports") return answer.message.exports;
  throw new UsageError(answer.message.type === "failed" ? answer.message.message : `${label} could not be imported.`);
}

function callable(exports: readonly ExportEntry[]): readonly ExportEntry[] {
  return exports.filter((entry) => entry.type === "function");
}

function offer(label: string, exports: readonly ExportEntry[]): string {
  const names = callable(exports).map(({ name }) => name);
  if (names.length === 0) return `${label} exports no function.`;
  const shown = names.slice(0, 12).join(", ");
  return `It exports ${names.length === 1 ? "the function" : "the functions"} ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ""}.`;
}
