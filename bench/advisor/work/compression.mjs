// Compression: Node's own, which runs on libuv's pool, and one in JavaScript.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { deflate } from "pako";

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

/** @param {string} path */
export async function zlibGzip(path) {
  return (await gzipAsync(await readFile(path))).length;
}

/** @param {string} path */
export async function zlibBrotli(path) {
  return (await brotliAsync(await readFile(path), { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })).length;
}

/** @param {string} path */
export function pakoDeflate(path) {
  return deflate(readFileSync(path)).length;
}
