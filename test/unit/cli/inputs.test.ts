import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, test } from "node:test";
import { expandBraces, glob, segmentPattern } from "../../../src/cli/glob.ts";
import { collectInputs } from "../../../src/cli/inputs.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

const root = mkdtempSync(join(tmpdir(), "brigade-glob-"));
after(() => rmSync(root, { recursive: true, force: true }));
for (const file of [
  "a.js",
  "b.ts",
  "[id].js",
  ".hidden.js",
  "sub/c.js",
  "sub/deep/d.js",
  "sub/deep/e.json",
  ".git/f.js",
  "node_modules/g/h.js",
]) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), file);
}

const found = (pattern: string) => glob(pattern, root).files.map((file) => relative(root, file).replaceAll("\\", "/"));

test("globs find what shells and bundlers find, sorted, files only", () => {
  assert.deepEqual(found("*.js"), ["[id].js", "a.js"]);
  assert.deepEqual(found("**/*.js"), ["[id].js", "a.js", "node_modules/g/h.js", "sub/c.js", "sub/deep/d.js"]);
  assert.deepEqual(found("sub/**"), ["sub/c.js", "sub/deep/d.js", "sub/deep/e.json"]);
  assert.deepEqual(found("sub/*"), ["sub/c.js"]);
  assert.deepEqual(found("{a,b}.{js,ts}"), ["a.js", "b.ts"]);
  assert.deepEqual(found("[ab].?s"), ["a.js", "b.ts"]);
  assert.deepEqual(found("[!a].ts"), ["b.ts"]);
  assert.deepEqual(found("sub/../a.js"), ["a.js"]);
  assert.deepEqual(found("nothing/**/*.js"), []);
  assert.deepEqual(found("sub"), []);
});

test("dots match only when they are said, and a name with magic in it is that file", () => {
  assert.deepEqual(found(".*.js"), [".hidden.js"]);
  assert.deepEqual(found(".git/*.js"), [".git/f.js"]);
  assert.deepEqual(found("[id].js"), ["[id].js"]);
});

test("a link to a folder above does not go round in circles", {
  skip: process.platform === "win32" && "links need a privilege there",
}, () => {
  symlinkSync(root, join(root, "sub", "loop"), "dir");
  assert.deepEqual(found("sub/**/*.js"), ["sub/c.js", "sub/deep/d.js"]);
  rmSync(join(root, "sub", "loop"));
});

test("braces nest, and those without a partner stand for themselves", () => {
  assert.deepEqual(expandBraces("a{b,c{d,e}}f"), ["abf", "acdf", "acef"]);
  assert.deepEqual(expandBraces("a{b"), ["a{b"]);
  assert.deepEqual(expandBraces("a{b}c{d,e}"), ["a{b}cd", "a{b}ce"]);
  assert.equal(segmentPattern("a[b")("a[b"), true);
  assert.equal(segmentPattern("[z-a]")("[z-a]"), true);
  assert.equal(segmentPattern("a.b")("axb"), false);
});

test("inputs: literals, then globs, then lines; the limit counts all", () => {
  writeFileSync(join(root, "lines.txt"), "one\r\ntwo\n\nlast\n");
  const { values, notes } = collectInputs({ literals: ["x"], globs: ["a.js", "*.none"], lines: "lines.txt" }, root);
  assert.deepEqual(values, ["x", join(root, "a.js"), "one", "two", "", "last"]);
  assert.deepEqual(notes, ['No file matches "*.none".']);
  assert.deepEqual(collectInputs({ literals: ["x", "y"], globs: [], limit: 1 }, root).values, ["x"]);
});

test("no input says what was looked for and where", () => {
  assert.throws(
    () => collectInputs({ literals: [], globs: ["*.none"] }, root),
    (error: Error) => error instanceof UsageError && error.message.includes('"*.none"') && error.message.includes(root),
  );
  assert.throws(() => collectInputs({ literals: [], globs: ["sub"] }, root), /"sub" is a directory: its files are "sub\/\*\*\/\*"/);
  assert.throws(
    () => collectInputs({ literals: [], globs: [] }, root),
    /give inputs as arguments, files by --inputs GLOB, or lines by --lines FILE/,
  );
  assert.throws(() => collectInputs({ literals: [], globs: [], lines: "absent.txt" }, root), /--lines: absent\.txt cannot be read/);
  writeFileSync(join(root, "empty.txt"), "");
  assert.throws(() => collectInputs({ literals: [], globs: [], lines: "empty.txt" }, root), /empty\.txt has no lines/);
});
