// Programs that use the packed package as others would: CommonJS, TypeScript in three ways. What each shows: the fixture's README.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { consumer, node, tsc } from "./packed.ts";

const features: { readonly require_module?: boolean; readonly typescript?: string | false } = process.features as object;

test("a CommonJS program requires brigade where the runtime can", {
  skip: !features.require_module && "this runtime cannot require ES modules",
}, () => {
  assert.equal(node(["require.cjs"], consumer("cjs")), "42\n");
});

test("a CommonJS program imports brigade where `require` cannot", () => {
  assert.equal(node(["--no-experimental-require-module", "import.cjs"], consumer("cjs")), "42\n");
});

test("a TypeScript program runs under tsx", () => {
  assert.equal(node(["--import", "tsx", "main.ts"], consumer("typescript-node20-tsx", ["tsx", "typescript", "@types/node"])), "42\n");
});

test("a TypeScript program runs natively", { skip: !features.typescript && "this runtime does not strip types" }, () => {
  assert.equal(node(["--disable-warning=ExperimentalWarning", "main.ts"], consumer("typescript-native")), "42\n");
});

for (const fixture of ["typescript-node20-tsx", "typescript-native"]) {
  test(`${fixture} type-checks against the packed declarations`, () => {
    node([tsc, "--noEmit", "-p", "."], consumer(fixture, ["@types/node", "undici-types"]));
  });
}

test("the stack of an error thrown in a worker names the TypeScript line", () => {
  const folder = consumer("sourcemaps", ["@types/node", "undici-types"]);
  node([tsc, "-p", "."], folder);
  const stack = node(["--enable-source-maps", join("out", "main.js")], folder);
  const line =
    readFileSync(join(folder, "main.ts"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes("throw new RangeError")) + 1;
  assert.match(stack, /^RangeError: an order without lines/);
  assert.match(stack, new RegExp(`main\\.ts:${line}:`));
});
