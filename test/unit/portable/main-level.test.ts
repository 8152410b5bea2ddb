import assert from "node:assert/strict";
import { test } from "node:test";
import { importTimeError, isMainLevel } from "../../../src/wire/main-level.ts";
import { ProgramDirectory, prelude, printed } from "./programs.ts";

test("this program is the main level", () => assert.equal(isMainLevel(), true));

test("in a worker it is not, for every copy of brigade there", async () => {
  using directory = new ProgramDirectory();
  directory.write(
    "tasks.mjs",
    `${prelude}export const level = () => isMainLevel();\nexport const atImport = isMainLevel();\nexport const seen = () => atImport;`,
  );
  const main = directory.write(
    "main.mjs",
    `${prelude}
    console.log(isMainLevel(), duringImport());
    enterWorkerLevel();
    const find = (name) => loadFunction({ url: ${JSON.stringify(directory.url("tasks.mjs"))}, name });
    const copy = await import(${JSON.stringify(directory.url("copy.mjs"))});
    console.log((await find("level"))(), (await find("seen"))(), copy.isMainLevel());`,
  );
  // Another evaluation of the same file stands for another copy of brigade.
  directory.write(
    "copy.mjs",
    prelude.replace(/main-level\.js/, "main-level.js?copy").replace("const attempt", "export { isMainLevel }; const attempt"),
  );
  assert.equal(await printed([main]), "true undefined\nfalse false false");
});

test("work begun by an import is told from the work of tasks", async () => {
  using directory = new ProgramDirectory();
  directory.write("deep.mjs", `${prelude}await null; globalThis.seen.push(["dependency", duringImport()]);`);
  directory.write(
    "tasks.mjs",
    `import "./deep.mjs";\n${prelude}
    const note = (what) => globalThis.seen.push([what, duringImport()]);
    note("top level");
    await null;
    note("after await");
    async function main() { await new Promise(setImmediate); note("main()"); globalThis.mainDone(); }
    main();
    export const job = async () => { note("task"); await null; note("task after await"); };`,
  );
  const url = directory.url("tasks.mjs");
  const main = directory.write(
    "main.mjs",
    `${prelude}
    globalThis.seen = [];
    const mainRan = new Promise((resolve) => { globalThis.mainDone = resolve; });
    enterWorkerLevel();
    const job = await loadFunction({ url: ${JSON.stringify(url)}, name: "job" });
    await job();
    await mainRan;
    console.log(JSON.stringify(globalThis.seen), duringImport());`,
  );
  const text = await printed([main]);
  assert.match(text, / undefined$/);
  const seen = new Map(JSON.parse(text.slice(0, text.lastIndexOf(" "))) as [string, string | null][]);
  assert.deepEqual(Object.fromEntries(seen), {
    dependency: url,
    "top level": url,
    "after await": url,
    "main()": url,
    task: null,
    "task after await": null,
  });
});

test("the error names the module and the fix", () => {
  assert.match(
    importTimeError("data:text/javascript,1").message,
    /^data:text\/javascript,1 starts work when a worker imports it.*if \(isMainLevel\(\)\) \{ … \}/,
  );
});
