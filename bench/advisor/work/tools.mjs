// Build tools: minifying and formatting, both asynchronous in form and computing in fact.
import { readFileSync } from "node:fs";
import { format } from "prettier";
import { minify } from "terser";

/** @param {string} path */
export async function terserFile(path) {
  return ((await minify(readFileSync(path, "utf8"), { module: true, compress: { passes: 1 } })).code ?? "").length;
}

/** @param {string} path */
export async function prettierFile(path) {
  return (await format(readFileSync(path, "utf8"), { parser: "babel" })).length;
}
