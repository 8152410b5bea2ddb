// Files: asynchronous, by libuv's pool.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** @param {string} folder */
export async function walk(folder) {
  let bytes = 0;
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await walk(path);
    else if (entry.isFile()) bytes += (await stat(path)).size;
  }
  return bytes;
}

/** @param {string} path */
export async function countLines(path) {
  return (await readFile(path, "utf8")).split("\n").length;
}
