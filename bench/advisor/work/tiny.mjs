// Functions that are over before a message is written.
import { join } from "node:path";
import { v5 } from "uuid";

const namespace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

/** @param {number} n */
export const increment = (n) => n + 1;

/** @param {string} name */
export const joinPath = (name) => join("/usr", "..", name, "./file.txt");

/** @param {string} name */
export const uuidOfName = (name) => v5(name, namespace);
