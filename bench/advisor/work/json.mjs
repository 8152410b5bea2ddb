// JSON by the engine: megabytes of it, and a kilobyte.
import { readFileSync } from "node:fs";

/** @param {string} path */
export function parseFile(path) {
  return Object.keys(JSON.parse(readFileSync(path, "utf8"))).length;
}

/** @param {string} text */
export function parseText(text) {
  return JSON.parse(text);
}

/** @param {string} path */
export function normaliseFile(path) {
  return JSON.stringify(JSON.parse(readFileSync(path, "utf8"))).length;
}
