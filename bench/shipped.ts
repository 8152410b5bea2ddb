// brigade as it ships: its types come from the sources, everything that runs from dist/. (Importing "brigade" by name would stop at
// this folder's own package.json.)
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Door from "../src/runtime/index.ts";
import type * as IpcDoor from "../src/runtime/ipc.ts";
import type * as SharedDoor from "../src/runtime/shared.ts";
import { root } from "./project.ts";

/** The door `brigade`. */
export const brigade = (await import(pathToFileURL(join(root, "dist", "index.js")).href)) as typeof Door;

/** The door `brigade/shared`. */
export const shared = (await import(pathToFileURL(join(root, "dist", "shared.js")).href)) as typeof SharedDoor;

/** The door `brigade/unstable/ipc`. */
export const ipc = (await import(pathToFileURL(join(root, "dist", "ipc.js")).href)) as typeof IpcDoor;
