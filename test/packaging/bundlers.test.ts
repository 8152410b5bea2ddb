// The packed package through bundlers, left outside and taken in. vite and webpack come from a lock file of their own.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { consumer, node, npm, root } from "./packed.ts";

const fixtures = join(root, "test", "fixtures", "consumers");

type Bundlers = { readonly modules: string } | { readonly missing: string };

/** The folder with vite and webpack, installed when the lock file is new; the reason as a string when that is impossible here. */
function installBundlers(): Bundlers {
  const lock = readFileSync(join(fixtures, "package-lock.json"));
  const key = createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex").slice(0, 16);
  const cache = join(root, "node_modules", ".cache", "brigade-consumers", key);
  const modules = join(cache, "node_modules");
  // npm writes this file last, so a half-finished install is done again.
  if (existsSync(join(modules, ".package-lock.json"))) return { modules };
  try {
    mkdirSync(cache, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) cpSync(join(fixtures, file), join(cache, file));
    // Without a registry npm would try again for minutes.
    npm(["ci", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=20000"], { cwd: cache });
    return { modules };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

let bundlers: Bundlers | undefined;

/** Builds a fixture. What took brigade in must not need the package any more. */
function build(folder: string, mode: string): void {
  node(["build.mjs", mode], folder);
  if (mode === "bundled") rmSync(join(folder, "node_modules"), { recursive: true });
}

for (const mode of ["external", "bundled"]) {
  test(`esbuild, brigade ${mode}`, () => {
    const folder = consumer("esbuild", ["esbuild"]);
    build(folder, mode);
    assert.equal(node([join(`out-${mode}`, "main.js")], folder), "42\n");
  });

  for (const bundler of ["vite", "webpack"]) {
    test(`${bundler}, brigade ${mode}`, (t) => {
      bundlers ??= installBundlers();
      const found = bundlers;
      if ("missing" in found) {
        if (process.env["CI"]) throw new Error(`${bundler} could not be installed: ${found.missing}`);
        t.skip(`${bundler} could not be installed: ${found.missing}`);
        return;
      }
      const folder = consumer(bundler === "vite" ? "vite-ssr" : bundler, [bundler], found.modules);
      build(folder, mode);
      assert.equal(node([join(`out-${mode}`, "main.js")], folder), "42\n");
    });
  }
}
