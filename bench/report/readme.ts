// The tables of bench/README.md: one block for each suite and release line of Node, replaced by every run that writes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchFolder } from "../project.ts";
import type { Report } from "./report.ts";

/** Puts the table of a run in the place of the last one of the same suite and release line. */
export function writeTable({ suite, node }: Pick<Report, "suite" | "node">, table: string): void {
  const path = join(benchFolder, "README.md");
  writeFileSync(path, replaceBlock(readFileSync(path, "utf8"), `${suite} on Node ${node.split(".")[0]}`, table));
}

/** `page` with `table` under the heading `title`: in place of the block there, or at the end. */
export function replaceBlock(page: string, title: string, table: string): string {
  const block = `### ${title}\n\n\`\`\`text\n${table.trimEnd()}\n\`\`\`\n`;
  const start = page.indexOf(`### ${title}\n`);
  if (start < 0) return `${page.trimEnd()}\n\n${block}`;
  const fence = page.indexOf("```\n", page.indexOf("```text\n", start) + 1);
  return page.slice(0, start) + block + page.slice(fence + "```\n".length);
}
