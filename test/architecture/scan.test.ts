import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mention } from "./scan.ts";
import { mentions, namesIdentifier, tokenize } from "./scan.ts";

const imports = (source: string): string[] =>
  mentions(tokenize(source)).map((mention: Mention) => `${mention.typeOnly ? "type " : ""}${mention.specifier}`);

test("every way to mention a module is found", () => {
  const source = `
    import "./effect.ts";
    import whole from "./default.ts";
    import * as all from './star.ts';
    import { a, b as c } from "./named.ts";
    import {
      d, // with a comment from "./not-this.ts"
      e,
    } from "./lines.ts";
    export { f } from "./again.ts";
    export * from "./everything.ts";
    export * as ns from "./namespace.ts";
    const late = await import("./late.ts");
    const template = await import(\`./template.ts\`);
    if (x) { import("./nested.ts").then((m) => m); }
    const text = \`\${await import("./inside.ts")} from "./text.ts"\`;
  `;
  assert.deepEqual(imports(source), [
    "./effect.ts",
    "./default.ts",
    "./star.ts",
    "./named.ts",
    "./lines.ts",
    "./again.ts",
    "./everything.ts",
    "./namespace.ts",
    "./late.ts",
    "./template.ts",
    "./nested.ts",
    "./inside.ts",
  ]);
});

test("imports that the compiler erases are told apart", () => {
  const source = `
    import type { A } from "./a.ts";
    import { type B, type C } from "./b.ts";
    import { type D, e } from "./d.ts";
    export type { F } from "./f.ts";
    type G = typeof import("./g.ts");
    import type from "./named-type.ts";
  `;
  assert.deepEqual(imports(source), ["type ./a.ts", "type ./b.ts", "./d.ts", "type ./f.ts", "type ./g.ts", "./named-type.ts"]);
});

test("what only looks like an import is not one", () => {
  const source = `
    // import "./comment.ts";
    /* export * from "./block.ts"; */
    const s = 'import "./string.ts"';
    const t = \`import "./template.ts"\`;
    const r = /import "x" from ".\\/regex.ts"/;
    const quotient = a / import.meta.b / 2;
    export const value = from("./call.ts");
    export function from(path: string) { return path; }
    export { local };
    const url = import.meta.url;
    loader.import("./method.ts");
  `;
  assert.deepEqual(imports(source), []);
});

test("names in code are told from names in comments, strings and properties", () => {
  const names = (source: string): boolean => namesIdentifier(tokenize(source), "Atomics") !== undefined;
  assert.equal(names("Atomics.load(a, 0)"), true);
  assert.equal(names("const { load } = Atomics"), true);
  assert.equal(names("globalThis.Atomics.load(a, 0)"), true);
  assert.equal(names(`const text = \`\${Atomics.load(a, 0)}\``), true);
  assert.equal(names("// Atomics\nconst a = 'Atomics' + \"Atomics\" + `Atomics` + /Atomics/.source + AtomicsLike"), false);
  assert.equal(names("seam.Atomics"), false);
});

test("a token knows its line", () => {
  assert.deepEqual(mentions(tokenize('/* one\ntwo */\n`three\n${4}`;\nimport "./five.ts";')), [
    { specifier: "./five.ts", typeOnly: false, line: 5 },
  ]);
});
