// Where things stand, wherever the compiled files are.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "tsconfig.types.json"))) {
    if (dirname(folder) === folder) throw new RangeError(`no project folder above ${fileURLToPath(import.meta.url)}`);
    folder = dirname(folder);
  }
  return folder;
}

/** The project's folder. */
export const root = findRoot();
/** This folder, as written and not as compiled: rivals are installed here. */
export const benchFolder = join(root, "bench");
/** For what is made on the way and may go away at any time. */
export const cacheFolder = join(root, "node_modules", ".cache", "brigade-bench");
