// Builds what is run: build/ (every source and test on its own, for tests and debugging) and dist/ (what ships: one file per
// door plus the worker boot file, and declarations). Does nothing when no input has changed since the last good build.
//   node scripts/build.mjs [--force]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, bundlePage } from "./bundle.mjs";
import { root, walk } from "./files.mjs";

const inputFolders = ["src", "test", "examples", "bench", "scripts"];
const inputFiles = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.types.json"];
const stamp = join(root, "build", ".stamp");
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** Names, sizes and times of everything that goes in; the Node version does not matter, since nothing is compiled to native code. */
function fingerprint() {
  const hash = createHash("sha256");
  const paths = inputFolders.flatMap((folder) => walk(join(root, folder)));
  for (const path of [...paths, ...inputFiles.map((file) => join(root, file))].sort()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function compile(...args) {
  const { status, error } = spawnSync(process.execPath, [tsc, ...args], { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) throw new Error(`tsc ${args.join(" ")} found errors (see above)`);
}

/** tsc never deletes: without this a renamed test would go on running from its old output. */
function removeOrphans(outDir, sourceOf) {
  for (const path of walk(outDir)) {
    const source = sourceOf(relative(outDir, path));
    if (source !== undefined && !existsSync(source)) rmSync(path);
  }
}

/** Declarations name modules by `.ts` files that do not ship, and use Node's types, which TypeScript no longer adds unasked. */
function finishDeclarations(folder) {
  for (const path of walk(folder)) {
    if (!path.endsWith(".d.ts")) continue;
    const text = readFileSync(path, "utf8");
    let fixed = text.replace(/(\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(["'])(\.{1,2}\/[^"']+)\.ts\2/g, "$1$2$3.js$2");
    if (!fixed.includes('<reference types="node"')) fixed = `/// <reference types="node" />\n${fixed}`;
    if (fixed !== text) writeFileSync(path, fixed);
  }
}

export async function build({ force = false } = {}) {
  const now = fingerprint();
  if (!force && existsSync(stamp) && readFileSync(stamp, "utf8") === now && existsSync(join(root, "dist"))) return false;
  rmSync(stamp, { force: true });
  mkdirSync(join(root, "build"), { recursive: true });
  const dist = join(root, "dist");
  for (const name of existsSync(dist) ? readdirSync(dist) : []) rmSync(join(dist, name), { recursive: true });
  // First what ships: examples and tests import "brigade" as anyone would.
  compile("-p", "tsconfig.types.json");
  finishDeclarations(join(dist, "types"));
  await bundle(dist);
  compile("-p", "tsconfig.json");
  removeOrphans(join(root, "build"), (path) => {
    const source = path.replace(/(\.d\.ts|\.js|\.d\.ts\.map|\.js\.map)$/, ".ts");
    return source.endsWith(".ts") ? join(root, source) : undefined;
  });
  await bundlePage(join(root, "build", "src", "lab", "html"));
  if (existsSync(join(dist, "cli.js"))) chmodSync(join(dist, "cli.js"), 0o755);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const startedAt = performance.now();
  try {
    const done = await build({ force: process.argv.includes("--force") });
    console.log(done ? `built in ${Math.round(performance.now() - startedAt)} ms` : "up to date");
  } catch (error) {
    console.error(`build failed: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
