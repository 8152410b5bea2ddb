// The version of the package this file came with.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Reads the nearest package.json above this file: one folder up from the bundle, more from the unbundled build. */
export function packageVersion(): string {
  for (let folder = new URL(".", import.meta.url); ; folder = new URL("..", folder)) {
    const file = fileURLToPath(new URL("package.json", folder));
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version?: unknown };
      if (typeof version === "string") return version;
    }
    if (folder.pathname === "/" || folder.href === new URL("..", folder).href) return "unknown";
  }
}
