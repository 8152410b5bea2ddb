// Slow hashes: Node's on libuv's pool, bcrypt in JavaScript, argon2 in WebAssembly on the calling thread.
import { pbkdf2, scrypt } from "node:crypto";
import { promisify } from "node:util";
import bcrypt from "bcryptjs";
import { argon2id } from "hash-wasm";

const scryptAsync = promisify(scrypt);
const pbkdf2Async = promisify(pbkdf2);

/** @param {string} password */
export async function nodeScrypt(password) {
  return (await scryptAsync(password, "salt", 32, { N: 4096 })).toString("hex");
}

/** @param {string} password */
export async function nodePbkdf2(password) {
  return (await pbkdf2Async(password, "salt", 10_000, 32, "sha256")).toString("hex");
}

/** @param {string} password */
export function bcryptHash(password) {
  return bcrypt.hashSync(password, "$2b$06$abcdefghijklmnopqrstuu");
}

/** @param {string} password */
export function wasmArgon2(password) {
  return argon2id({ password, salt: "saltsalt", parallelism: 1, iterations: 2, memorySize: 1024, hashLength: 32, outputType: "hex" });
}
