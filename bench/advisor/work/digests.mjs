// Digests of files: all at once on the calling thread, as a stream, and by WebCrypto on libuv's pool.
import { createHash, webcrypto } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** @param {string} path */
export function sha256Sync(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** @param {string} path */
export async function sha256Stream(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** @param {string} path */
export async function webcryptoSha512(path) {
  return Buffer.from(await webcrypto.subtle.digest("SHA-512", await readFile(path))).toString("hex");
}
