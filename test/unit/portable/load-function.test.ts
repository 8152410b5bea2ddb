import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { NotPortableError } from "../../../src/contract/errors.ts";
import { loadedFunction, loadFunction } from "../../../src/wire/load-function.ts";
import { registry } from "../../../src/wire/thread-registry.ts";
import { ProgramDirectory, prelude, printed } from "./programs.ts";

/** A worker thread in a program of its own: imports each `[url, name]`, calls it with 20 and prints the result or the error. */
const host = `${prelude}
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv.slice(2) });
  worker.on("message", (line) => console.log(line));
} else {
  enterWorkerLevel();
  for (let i = 0; i < workerData.length; i += 2) {
    const [url, name] = [workerData[i], workerData[i + 1]];
    try {
      const fn = await loadFunction({ url, name });
      parentPort.postMessage(String(await fn(20)) + " " + (loadedFunction({ url, name }) === fn));
    } catch (error) {
      parentPort.postMessage(error.name + ": " + error.message);
    }
  }
}
`;
const tasks = `${prelude}
const hidden = portable("hidden", (n) => n + 1);
export const doubled = (n) => n * 2;
export const limit = 3;
export { hidden as shown };
`;
const projectModules = dirname(dirname(createRequire(import.meta.url).resolve("tsx/package.json")));

test("finds portable names and exports, in ES modules and CommonJS", async () => {
  using directory = new ProgramDirectory();
  const main = directory.write("host.mjs", host);
  directory.write("tasks.mjs", tasks);
  directory.write("common.cjs", "const name = 'computed'; module.exports = { [name]: (n) => n + 5 };");
  const [esm, cjs] = [directory.url("tasks.mjs"), directory.url("common.cjs")];
  const lines = await printed([main, esm, "hidden", esm, "doubled", `${esm}?v=2`, "hidden", cjs, "computed"]);
  assert.deepEqual(lines.split("\n"), ["21 true", "40 true", "21 true", "25 true"]);
});

test("finds what another copy of brigade has registered, inside a user's bundle", async () => {
  using directory = new ProgramDirectory();
  const main = directory.write("host.mjs", host);
  const imports = prelude.replace(/"file:[^"]+"/g, (url) => JSON.stringify(fileURLToPath(JSON.parse(url))));
  const source = directory.write("source.mjs", `${imports}portable("inside", (n) => n + Number(isMainLevel()));`);
  const outfile = join(directory.path, "bundle.mjs");
  await build({ entryPoints: [source], bundle: true, minify: true, platform: "node", format: "esm", outfile, logLevel: "silent" });
  assert.equal(await printed([main, directory.url("bundle.mjs"), "inside"]), "20 true");
});

test("a module imported through a symbolic link is the module", { skip: process.platform === "win32" }, async () => {
  using directory = new ProgramDirectory();
  const main = directory.write("host.mjs", host);
  directory.write("real.mjs", tasks);
  symlinkSync(join(directory.path, "real.mjs"), join(directory.path, "link.mjs"));
  assert.match(await printed([main, directory.url("link.mjs"), "hidden"]), /^21 /);
});

test("what is not there is refused by module and name, with what is", async () => {
  using directory = new ProgramDirectory();
  const main = directory.write("host.mjs", host);
  directory.write("tasks.mjs", tasks);
  directory.write("empty.mjs", "export {};");
  const lines = await printed([
    main,
    directory.url("tasks.mjs"),
    "nope",
    directory.url("tasks.mjs"),
    "constructor",
    directory.url("empty.mjs"),
    "x",
  ]);
  const [nope = "", inherited = "", empty = ""] = lines.split("\n");
  assert.match(nope, /^NotPortableError: .*tasks\.mjs has no portable function or export called "nope".*it has doubled, hidden, shown\./);
  assert.match(inherited, /^NotPortableError: .*called "constructor"/);
  assert.match(empty, /it has no functions/);
});

test("a module that fails to load keeps its own error as the cause, and is tried again", async () => {
  using directory = new ProgramDirectory();
  directory.write("broken.mjs", "throw new RangeError('no good');");
  const reference = { url: directory.url("broken.mjs"), name: "x" };
  for (let round = 0; round < 2; round++) {
    await assert.rejects(loadFunction(reference), (error) => {
      assert.ok(error instanceof NotPortableError);
      assert.match(error.message, /broken\.mjs could not be imported to find "x": no good/);
      return error.cause instanceof RangeError;
    });
  }
  const absent = { url: directory.url("later.mjs"), name: "x" };
  await assert.rejects(loadFunction(absent), /later\.mjs could not be imported/);
  directory.write("odd.mjs", "throw null;");
  await assert.rejects(loadFunction({ url: directory.url("odd.mjs"), name: "x" }), /threw something that is not an error/);
});

test("a module that still awaits at its top level is not loaded", async () => {
  using directory = new ProgramDirectory();
  const gate = withResolvers();
  Reflect.set(globalThis, "gateOfTest", gate.promise);
  directory.write(
    "slow.mjs",
    `${prelude}export const job = portable("job", () => value);\nawait globalThis.gateOfTest;\nconst value = 7;\n`,
  );
  const reference = { url: directory.url("slow.mjs"), name: "job" };
  const loading = loadFunction(reference);
  const second = loadFunction(reference);
  while (!registry.modules.get(reference.url)?.definitions.has("job")) await nextTurn();
  assert.equal(loadedFunction(reference), undefined);
  gate.resolve();
  const fn = (await loading) as () => number;
  assert.equal(fn(), 7);
  assert.equal(await second, fn);
  assert.equal(loadedFunction(reference), fn);
  Reflect.deleteProperty(globalThis, "gateOfTest");
});

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe("TypeScript in a worker", { concurrency: 2 }, () => {
  const native = Boolean(Reflect.get(process.features, "typescript"));
  const typed = `import { helper } from "./helper.ts";\n${prelude.replaceAll("error.", "(error as Error).").replace("(fn, level", "(fn: unknown, level: never")}
export const job = portable("job", (n: number): number => helper(n));\nexport const url = referenceOf(job)?.url;\nexport const where = (n: number): string => String(url);\n`;
  const write = (directory: ProgramDirectory) => {
    directory.write("package.json", '{ "type": "module" }');
    directory.write("helper.ts", "export function helper(n: number): number { return n + 22; }\n");
    directory.write("tasks.ts", typed);
    return directory.write("host.mjs", host);
  };
  const link = (directory: ProgramDirectory) => {
    mkdirSync(join(directory.path, "node_modules"));
    symlinkSync(join(projectModules, "tsx"), join(directory.path, "node_modules", "tsx"), "junction");
  };

  test("runs with tsx found beside the module, and knows itself by the same URL", async () => {
    using directory = new ProgramDirectory();
    const main = write(directory);
    link(directory);
    const url = directory.url("tasks.ts");
    assert.deepEqual((await printed([main, url, "job", url, "where"], { cwd: dirname(directory.path) })).split("\n"), [
      "42 true",
      `${url} true`,
    ]);
  });

  test("runs with tsx found from the working directory", async () => {
    using directory = new ProgramDirectory();
    using workplace = new ProgramDirectory();
    const main = write(directory);
    link(workplace);
    assert.equal(await printed([main, directory.url("tasks.ts"), "job"], { cwd: workplace.path }), "42 true");
  });

  test("is explained where tsx is absent", { skip: native ? "this Node runs TypeScript" : false }, async () => {
    using directory = new ProgramDirectory();
    const main = write(directory);
    const line = await printed([main, directory.url("tasks.ts"), "job"], { cwd: directory.path });
    assert.match(line, /^NotPortableError: .*tasks\.ts could not be imported to find "job": Node .* does not run TypeScript.*install tsx/);
  });

  test("runs behind a JavaScript module, and as CommonJS, in a program started with tsx", async () => {
    using directory = new ProgramDirectory();
    const main = write(directory);
    link(directory);
    directory.write("plain.mjs", 'export { job } from "./tasks.ts";');
    directory.write(
      "common.cts",
      "const inner: (n: number) => number = require('./inner.cts').inner;\nexports.twice = (n: number): number => inner(inner(n));\n",
    );
    directory.write("inner.cts", "exports.inner = (n: number): number => n + 1;\n");
    const lines = await printed(
      ["--import", import.meta.resolve("tsx"), main, directory.url("plain.mjs"), "job", directory.url("common.cts"), "twice"],
      { cwd: directory.path },
    );
    assert.deepEqual(lines.split("\n"), ["42 true", "22 true"]);
  });
});
