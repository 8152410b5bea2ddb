// Runs the built tests under other Nodes, taken from npm packages into a cache folder, so that `npm ci` stays light.
//   npm run test:matrix                      Node 22, 24 and 26
//   npm run test:matrix -- 26                one of them
//   npm run test:matrix -- 22 26 -- unit/    some tests only
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./files.mjs";
import { npm } from "./npm.mjs";
import { closingLine, runSuite, testFiles } from "./suite.mjs";

const defaults = ["22", "24", "26"];
const platforms = { linux: "linux", darwin: "darwin", win32: "win" };

/** The program of one Node release line on this platform, installed when missing. Throws when it cannot be had. */
function nodeOf(version) {
  const platform = platforms[process.platform];
  if (platform === undefined) throw new Error(`no Node package is known for ${process.platform}`);
  const name = `node-${platform}-${process.arch}`;
  const folder = join(root, "node_modules", ".cache", "brigade-matrix", `${name}-${version}`);
  const program = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    // A package.json of its own, or npm would climb to the project's and write there.
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, name: `matrix-${version}` }));
    npm(["install", "--no-save", "--ignore-scripts", "--no-package-lock", `${name}@${version}`], { cwd: folder });
  }
  const { stdout, status } = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}@${version} does not run here`);
  return { program, release: stdout.trim() };
}

const argv = process.argv.slice(2);
const separator = argv.indexOf("--");
const versions = separator < 0 ? argv : argv.slice(0, separator);
const wanted = separator < 0 ? [] : argv.slice(separator + 1);
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
try {
  await build();
  for (const version of versions.length > 0 ? versions : defaults) {
    const { program, release } = nodeOf(version);
    console.log(`\n── Node ${release} ──`);
    const result = await runSuite(program, testFiles(wanted));
    for (const key of Object.keys(total)) total[key] += result[key];
    lines.push(`Node ${release}: ${closingLine(result)}`);
    if (!result.ok) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  total.failed += 1;
  process.exitCode = 1;
}
console.log(`\n${lines.join("\n")}`);
console.log(closingLine(total));
