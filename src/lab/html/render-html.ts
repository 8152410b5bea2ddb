// A report as a page that needs nothing else.

import type { Report } from "../report.ts";
import { advicePage } from "./advice.ts";
import { claimsPage } from "./claims.ts";
import { comparisonPage } from "./comparison.ts";
import { matrixPage } from "./matrix.ts";
import { page } from "./page.ts";

/** One HTML document, light and dark, for any width and for print, that fetches nothing. Whatever names are in the report are shown as text. Never waits,
 *  but reads two files of brigade's at the first call. Throws `TypeError` for what is no report.
 *  @example
 *  ```ts
 *  import { writeFileSync } from "node:fs";
 *  import { renderHTML, type Report } from "brigade/lab";
 *
 *  export function save(report: Report, file: string): void {
 *    writeFileSync(file, renderHTML(report));
 *  }
 *  ```
 */
export function renderHTML(report: Report): string {
  switch (report.kind) {
    case "comparison":
      return page(comparisonPage(report));
    case "matrix":
      return page(matrixPage(report));
    case "claims":
      return page(claimsPage(report));
    case "advice":
      return page(advicePage(report));
    default:
      throw new TypeError(`renderHTML(report): kind "${String((report as { kind?: unknown }).kind)}" is not known.`);
  }
}
