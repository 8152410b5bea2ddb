// Parsers: source text in, a summary out; once the whole tree, which is costly to bring home.
import { readFileSync } from "node:fs";
import { parse } from "acorn";
import ts from "typescript";

/** @param {string} path */
export function acornSummary(path) {
  const { body, end } = parse(readFileSync(path, "utf8"), { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  return { statements: body.length, end };
}

/** @param {string} path */
export function acornTree(path) {
  return JSON.parse(
    JSON.stringify(parse(readFileSync(path, "utf8"), { ecmaVersion: "latest", sourceType: "module", allowHashBang: true }), plain),
  );
}

/** @param {string} _key @param {unknown} value */
function plain(_key, value) {
  return typeof value === "bigint" || value instanceof RegExp ? String(value) : value;
}

/** @param {string} path */
export function typescriptFile(path) {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  let nodes = 0;
  /** @param {ts.Node} node */
  const count = (node) => {
    nodes++;
    ts.forEachChild(node, count);
  };
  count(file);
  return nodes;
}
