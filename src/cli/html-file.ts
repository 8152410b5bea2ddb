// `--html FILE`: checked before anything is measured, written when all is over.
import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Report, renderHTML } from "../runtime/lab.ts";
import { UsageError } from "./usage-error.ts";

/** Items of each row whose runs a page shows. */
export const tracedItems = 5_000;

/** A page to be written. */
export interface HtmlFile {
  /** Writes it, and says on stderr where. Throws `UsageError` when it cannot be written after all. */
  write(report: Report): void;
}

/** The file that `--html` names. Throws `UsageError` when it cannot be one: minutes of measuring are not to end in that. */
export function openHtmlFile(name: string, cwd: string): HtmlFile {
  if (name === "") throw new UsageError("--html needs the name of a file, such as report.html.");
  const path = resolve(cwd, name);
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`--html: there is no folder ${folder} to write ${name} to.`);
  if (existsSync(path) && !statSync(path).isFile()) throw new UsageError(`--html: ${name} is not a file.`);
  return {
    write(report) {
      try {
        writeFileSync(path, renderHTML(report));
      } catch (error) {
        throw new UsageError(`--html: ${name} could not be written: ${error instanceof Error ? error.message : String(error)}`);
      }
      process.stderr.write(`brigade: the page is ${name}\n`);
    },
  };
}
