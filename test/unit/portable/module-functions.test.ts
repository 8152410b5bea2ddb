import assert from "node:assert/strict";
import { test } from "node:test";
import { NotPortableError } from "../../../src/contract/errors.ts";
import { moduleFunctions } from "../../../src/wire/module-functions.ts";
import { referenceOf } from "../../../src/wire/reference.ts";
import { ProgramDirectory } from "./programs.ts";

interface Work {
  readonly add: (a: number, b: number) => number;
  readonly Thing: new () => object;
  readonly limit: number;
}

test("references name the module and the export, and import nothing", () => {
  const { add, Thing } = moduleFunctions<Work>("file:///nowhere/at/all.js#part");
  assert.deepEqual(referenceOf(add), { url: "file:///nowhere/at/all.js", name: "add" });
  assert.deepEqual(referenceOf(Thing), { url: "file:///nowhere/at/all.js", name: "Thing" });
  assert.equal(add.name, "add");
});

test("a reference is the same each time, and the object can be awaited and printed", async () => {
  const work = moduleFunctions<Work>(new URL("file:///w.js"));
  assert.equal(work.add, work.add);
  assert.equal(await work, work);
  assert.equal(Object.prototype.toString.call(work), "[object Object]");
});

test("called on this thread a reference imports the module and calls", async () => {
  using directory = new ProgramDirectory();
  directory.write(
    "w.mjs",
    "globalThis.imports = (globalThis.imports ?? 0) + 1;\nexport const add = (a, b) => a + b;\nexport const limit = 3;\n",
  );
  const work = moduleFunctions<Work>(directory.url("w.mjs"));
  assert.equal(Reflect.get(globalThis, "imports"), undefined);
  assert.equal(await work.add(2, 3), 5);
  assert.equal(await work.add(4, 3), 7);
  assert.equal(Reflect.get(globalThis, "imports"), 1);
  Reflect.deleteProperty(globalThis, "imports");
  const other = moduleFunctions<Record<string, () => unknown>>(directory.url("w.mjs"));
  await assert.rejects(
    async () => other["limit"]?.(),
    (error) => error instanceof NotPortableError && /exports "limit", which is not a function but number.*it has add/s.test(error.message),
  );
});

test("the modules of Node are modules", async () => {
  const path = moduleFunctions<typeof import("node:path")>("node:path");
  assert.equal(await path.basename("/a/b.txt"), "b.txt");
});

test("absolute paths are accepted, also those of Windows", () => {
  const url = (text: string) => referenceOf(moduleFunctions<Work>(text).add)?.url;
  assert.equal(url("C:\\work\\w.js"), "file:///C:/work/w.js");
  assert.equal(url("c:/work/w.js"), "file:///c:/work/w.js");
  if (process.platform !== "win32") assert.equal(url("/work/w 1.js"), "file:///work/w%201.js");
});

const refused: readonly (readonly [unknown, RegExp])[] = [
  ["./w.js", /"\.\/w\.js" is relative.*new URL\("\.\/w\.js", import\.meta\.url\)/],
  ["../w.ts", /new URL\("\.\.\/w\.ts", import\.meta\.url\)/],
  ["w.js", /new URL\("\.\/w\.js", import\.meta\.url\)/],
  ["acorn", /import\.meta\.resolve\("acorn"\)/],
  [undefined, /expected a URL or an absolute path, got undefined/],
  [null, /got null/],
  [{}, /got object/],
];
for (const [url, message] of refused) {
  test(`moduleFunctions(${JSON.stringify(url)}) is refused with the fix`, () => {
    assert.throws(
      () => moduleFunctions<Work>(url as string),
      (error) => error instanceof TypeError && message.test(error.message),
    );
  });
}
