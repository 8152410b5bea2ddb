import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { loadFunction } from "../../../src/wire/load-function.ts";
import { exportedClass, noteModule, resolveClass } from "../../../src/wire/module-namespaces.ts";
import { portable } from "../../../src/wire/portable.ts";
import { registry } from "../../../src/wire/thread-registry.ts";
import { ProgramDirectory, prelude } from "./programs.ts";

type Class = abstract new () => object;

/** Waits, turn by turn, until a namespace has been learnt; a hundred turns are far more than an import of a loaded module takes. */
async function learnt(url: string): Promise<boolean> {
  for (let turn = 0; turn < 100 && !registry.modules.get(url)?.namespace; turn++) await nextTurn();
  return registry.modules.get(url)?.namespace !== undefined;
}

test("the exported classes of a noted module travel and come back", async () => {
  using directory = new ProgramDirectory();
  directory.write(
    "tasks.mjs",
    `${prelude}export class ParseError extends Error {}\nexport const job = portable("job", () => 1);\nexport const plain = () => 1; export class Late extends ParseError {}`,
  );
  const url = directory.url("tasks.mjs");
  const { ParseError, Late } = (await import(url)) as { ParseError: Class; Late: Class };
  assert.equal(exportedClass(ParseError), undefined);
  noteModule(url);
  noteModule(url);
  assert.equal(await learnt(url), true);
  assert.deepEqual(exportedClass(ParseError), { url, name: "ParseError" });
  assert.deepEqual(exportedClass(Late), { url, name: "Late" });
  assert.equal(exportedClass(class extends ParseError {}), undefined);
  assert.equal(resolveClass({ url, name: "ParseError" }), ParseError);
  assert.equal(resolveClass({ url, name: "plain" }), undefined);
  assert.equal(resolveClass({ url, name: "toString" }), undefined);
  assert.equal(resolveClass({ url: `${url}?v=2`, name: "ParseError" }), undefined);
  assert.equal(exportedClass(RangeError), undefined);
  assert.equal(exportedClass(undefined), undefined);
});

test("so do those of a module loaded for its functions", async () => {
  using directory = new ProgramDirectory();
  directory.write("tasks.mjs", "export class Oops extends Error {}\nexport const job = () => new Oops();\n");
  const url = directory.url("tasks.mjs");
  const job = (await loadFunction({ url, name: "job" })) as () => Error;
  const reference = exportedClass(job().constructor);
  assert.deepEqual(reference, { url, name: "Oops" });
  assert.equal(reference && resolveClass(reference), job().constructor);
});

test("a CommonJS module's exports are live, and nothing is imported for them", () => {
  using directory = new ProgramDirectory();
  const file = directory.write("tasks.cjs", "exports.define = (portable) => portable('job', () => 1);");
  const exports = createRequire(file)(file) as { define: (p: typeof portable) => unknown; Later?: Class };
  exports.define(portable);
  const url = pathToFileURL(file).href;
  exports.Later = class Later {};
  assert.deepEqual(exportedClass(exports.Later), { url, name: "Later" });
  assert.equal(resolveClass({ url, name: "Later" }), exports.Later);
});

test("a portable class is known by its own name", () => {
  const Own = portable("OwnClass", class Own {});
  assert.deepEqual(exportedClass(Own), { url: import.meta.url, name: "OwnClass" });
  assert.equal(resolveClass({ url: import.meta.url, name: "OwnClass" }), Own);
});

test("a module not known to be evaluated here is not imported", async () => {
  using directory = new ProgramDirectory();
  directory.write("effects.mjs", "globalThis.effectsRan = true; export {};");
  const url = directory.url("effects.mjs");
  noteModule(url);
  portable({ url } as ImportMeta, "foreign", () => 1);
  noteModule(url);
  // An import begun later has ended: the other one would have, too.
  directory.write("later.mjs", "export {};");
  await import(directory.url("later.mjs"));
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.equal(Reflect.get(globalThis, "effectsRan"), undefined);
  assert.equal(registry.modules.get(url)?.namespace, undefined);
});

test("a module whose evaluation failed has nothing to learn, quietly", async () => {
  using directory = new ProgramDirectory();
  directory.write("fails.mjs", `${prelude}export const job = portable("job", () => 1); throw new RangeError("late");`);
  const url = directory.url("fails.mjs");
  await assert.rejects(import(url), RangeError);
  noteModule(url);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.equal(registry.modules.get(url)?.namespace, undefined);
});
