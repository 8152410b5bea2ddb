// Builds, then measures brigade beside its limits and rivals; `npm run bench -- --help` says what and how.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { root } from "./files.mjs";

try {
  await build();
} catch (error) {
  console.error(`The build failed: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
await import(pathToFileURL(join(root, "build", "bench", "main.js")).href);
