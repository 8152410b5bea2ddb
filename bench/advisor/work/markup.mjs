// Markdown to HTML.
import { readFileSync } from "node:fs";
import MarkdownIt from "markdown-it";
import { marked } from "marked";

const markdownIt = new MarkdownIt();

/** @param {string} path */
export function markedFile(path) {
  return marked.parse(readFileSync(path, "utf8"), { async: false });
}

/** @param {string} path */
export function markdownItFile(path) {
  return markdownIt.render(readFileSync(path, "utf8")).length;
}
