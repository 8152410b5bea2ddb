// The page's program and style sheet. They are written for a browser (browser/), made into two files by the build, and read when the first
// page is made.
import { readFileSync } from "node:fs";

/** What every page carries. */
export interface PageAssets {
  readonly program: string;
  readonly style: string;
}

let read: PageAssets | undefined;

/** The page's program and style sheet. Throws what reading throws when brigade was bundled without its other files. */
export function pageAssets(): PageAssets {
  const file = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8").trim();
  read ??= { program: file("./report-page.js"), style: file("./report-page.css") };
  return read;
}
