import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { NotPortableError } from "../../../src/contract/errors.ts";
import { isGlobal } from "../../../src/wire/inline/globals.ts";
import { inline } from "../../../src/wire/inline/inline.ts";
import { Recent } from "../../../src/wire/inline/recent.ts";
import { inlineUrl, isInlineUrl, readInlineUrl } from "../../../src/wire/inline/source-url.ts";
import { loadedFunction, loadFunction } from "../../../src/wire/load-function.ts";
import { referenceOf } from "../../../src/wire/reference.ts";
import { requireReference } from "../../../src/wire/require-reference.ts";

test("inline gives the function back, still what it was", () => {
  const factor = 3;
  const triple = (n: number) => n * factor;
  assert.equal(inline(triple), triple);
  assert.equal(triple(2), 6);
  assert.equal(referenceOf(triple)?.name, "triple");
});

test("inline of no function is a TypeError, also null", () => {
  for (const value of [undefined, null, "x => x", {}]) assert.throws(() => inline(value as never), TypeError);
});

test("a frozen function travels too", () => {
  assert.doesNotThrow(() => requireReference(inline(Object.freeze((n: number) => n)), "thread"));
});

test("the same source is the same URL, and keeps what a URL parser would change", () => {
  for (const text of ["(a) => a", "() => '\u{1f373} \ud800 é %20 # ? \\n \t'", "() => {\n\treturn 1; // \u2028 end\n}  "]) {
    const source = { definedIn: "file:///a%20b.js", name: "w ?#\u2029", text, sloppy: false };
    const url = inlineUrl(source);
    assert.equal(url, inlineUrl(source));
    assert.equal(new URL(url).href, url);
    assert.match(url, /^[\x20-\x7e]*$/);
    assert.deepEqual(readInlineUrl(url), source);
  }
});

test("a damaged URL is a TypeError", () => {
  for (const url of ["brigade-inline:", "brigade-inline:[1]", "brigade-inline:%", "file:///a.js", 'brigade-inline:["","",1,true]'])
    assert.throws(() => readInlineUrl(url), TypeError);
  assert.ok(!isInlineUrl("data:text/javascript,1"));
});

test("bound, native and class functions are refused at submission", () => {
  const method = {
    of() {
      return 1;
    },
  }.of;
  for (const [fn, why] of [
    [Math.max, /native or bound/],
    [function named() {}.bind(undefined), /a bound function does not have/],
    [class A {} as never, /a class cannot be/],
    [method, /a method cannot be/],
  ] as const) {
    assert.throws(
      () => requireReference(inline(fn as () => void), "process"),
      (error) => error instanceof NotPortableError && why.test(error.message) && /cannot run on level "process"/.test(error.message),
    );
  }
});

test("on the main level source from elsewhere is not compiled", async () => {
  const reference = {
    url: inlineUrl({ definedIn: undefined, name: "theirs", text: "() => { globalThis.pwned = 1; }", sloppy: false }),
    name: "theirs",
  };
  assert.equal(loadedFunction(reference), undefined);
  await assert.rejects(loadFunction(reference), /"theirs" was made on a worker, and its source is compiled on workers only/);
});

test("every global of a fresh worker is known, but for those of the inspector and of Node's own modules", async () => {
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(Object.getOwnPropertyNames(globalThis))', {
    eval: true,
  });
  const [names] = (await once(worker, "message")) as [string[]];
  await worker.terminate();
  // `eval` code is CommonJS, and has Node's modules as globals.
  const modules = new Set([
    ...process.getBuiltinModule("node:module").builtinModules,
    "require",
    "module",
    "exports",
    "__dirname",
    "__filename",
  ]);
  const unknown = names.filter((name) => !modules.has(name) && !isGlobal(name) && !["GLOBAL", "root"].includes(name));
  assert.deepEqual(unknown, []);
});

test("only the entries used last are kept", () => {
  const recent = new Recent<number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  assert.equal(recent.get("a"), 1);
  recent.set("c", 3);
  assert.deepEqual([recent.get("a"), recent.get("b"), recent.get("c"), recent.size], [1, undefined, 3, 2]);
});
