import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { NotPortableError } from "../../../src/contract/errors.ts";
import { portable } from "../../../src/wire/portable.ts";
import { referenceOf } from "../../../src/wire/reference.ts";
import { registry } from "../../../src/wire/thread-registry.ts";
import { ProgramDirectory, prelude, wireModule } from "./programs.ts";

const here = import.meta.url;

test("a portable function is the function itself, and carries its module and name", async () => {
  const parse = async (text: string): Promise<number> => text.length;
  const result = portable("parse", parse);
  assert.equal(result, parse);
  assert.equal(await result("four"), 4);
  assert.deepEqual(referenceOf(result), { url: here, name: "parse" });
  assert.deepEqual(Object.keys(result), []);
});

test("generators, arrows, classes and frozen functions are all portable", () => {
  const generator = portable("generator", function* count() {
    yield 1;
  });
  assert.deepEqual([...generator()], [1]);
  const Counter = portable(
    "Counter",
    class Counter {
      value = 2;
    },
  );
  assert.equal(new Counter().value, 2);
  const frozen = portable(
    "frozen",
    Object.freeze(() => 3),
  );
  assert.equal(frozen(), 3);
  for (const [fn, name] of [
    [generator, "generator"],
    [Counter, "Counter"],
    [frozen, "frozen"],
  ] as const) {
    assert.deepEqual(referenceOf(fn), { url: here, name });
  }
});

test("a subclass is not its base, nor a bound function its target", () => {
  const Base = portable("Base", class {});
  const bound = portable("unbound", function unbound(this: unknown) {
    return this;
  }).bind(null);
  assert.equal(referenceOf(class extends Base {}), undefined);
  assert.equal(referenceOf(bound), undefined);
  assert.equal(referenceOf({}), undefined);
  assert.equal(referenceOf(undefined), undefined);
});

test("a brand of another shape is no reference", () => {
  const forged = () => {};
  Object.defineProperty(forged, Symbol.for("brigade.portable"), { value: { url: 5, name: "x" } });
  assert.equal(referenceOf(forged), undefined);
});

test("import.meta says the module; an empty one leaves it to the call site", () => {
  const meta = { url: "file:///elsewhere/w.js?v=2#part" } as ImportMeta;
  assert.deepEqual(referenceOf(portable(meta, "said", () => 1)), { url: "file:///elsewhere/w.js?v=2", name: "said" });
  assert.deepEqual(referenceOf(portable({} as ImportMeta, "emptyMeta", () => 1)), { url: here, name: "emptyMeta" });
});

test("two names for one function: both are found, the latest travels", () => {
  const fn = () => 1;
  portable("firstName", fn);
  portable("secondName", fn);
  assert.deepEqual(referenceOf(fn), { url: here, name: "secondName" });
  const definitions = registry.modules.get(here)?.definitions;
  assert.equal(definitions?.get("firstName")?.fn, fn);
  assert.equal(definitions?.get("secondName")?.fn, fn);
});

test("the same function under the same name again is no error", () => {
  const fn = () => 1;
  assert.equal(portable("again", portable("again", fn)), fn);
});

test("two functions under one name in one module throw, and the first stays", () => {
  const first = portable("twice", () => 1);
  assert.throws(
    () => portable("twice", () => 2),
    (error) => error instanceof NotPortableError && /"twice".*Rename one.*portable\("twice2"/.test(error.message),
  );
  assert.equal(registry.modules.get(here)?.definitions.get("twice")?.fn, first);
});

test("one portable() call that runs twice says so", () => {
  assert.throws(
    () => [1, 2].map((k) => portable("loop", () => k)),
    (error) => error instanceof NotPortableError && /ran twice.*outside loops/.test(error.message),
  );
});

test("with import.meta the second function is refused in a later turn of the event loop too", async () => {
  portable(import.meta, "late", () => 1);
  await nextTurn();
  await nextTurn();
  assert.throws(() => portable(import.meta, "late", () => 2), NotPortableError);
  const again = { url: here } as ImportMeta;
  const replaced = portable(again, "late", () => 3);
  assert.equal(registry.modules.get(here)?.definitions.get("late")?.fn, replaced);
});

test("a CommonJS module required again, in the same turn, replaces its functions", () => {
  using directory = new ProgramDirectory();
  const file = directory.write("tasks.cjs", `exports.tasks = (portable) => { ${"portable('job', exports.job = () => 1);"} };`);
  const require = createRequire(file);
  const define = () => {
    const loaded = require(file) as { tasks: (define: typeof portable) => void; job: () => number };
    loaded.tasks(portable);
    return loaded.job;
  };
  const first = define();
  delete require.cache[file];
  const second = define();
  assert.notEqual(first, second);
  assert.equal(registry.modules.get(pathToFileURL(file).href)?.definitions.get("job")?.fn, second);
});

test("a CommonJS module that defines a name twice is refused in any turn", async () => {
  using directory = new ProgramDirectory();
  const file = directory.write("factory.cjs", `exports.make = (portable) => portable("job", () => 1);`);
  const { make } = createRequire(file)(file) as { make: (define: typeof portable) => unknown };
  make(portable);
  await nextTurn();
  await nextTurn();
  assert.throws(() => make(portable), /The same portable\(\) call ran twice/);
});

test("a test runner evaluates the text again: replaced, unless in the same synchronous stretch", async () => {
  const filename = process.platform === "win32" ? "C:\\suite\\runner.ts" : "/suite/runner.ts";
  const evaluate = () =>
    (vm.runInThisContext("(portable) => portable('job', () => 1)", { filename }) as (p: unknown) => () => number)(portable);
  const first = evaluate();
  assert.throws(evaluate, NotPortableError);
  // No turn of the event loop: a runner that has the text at hand needs only promises.
  await null;
  const second = evaluate();
  assert.notEqual(first, second);
  const record = registry.modules.get(pathToFileURL(filename).href);
  assert.equal(record?.definitions.get("job")?.fn, second);
  assert.equal(record?.native, false);
});

test("an ES module's query makes another module; its fragment does not", async () => {
  using directory = new ProgramDirectory();
  directory.write(
    "m.mjs",
    `import { portable } from ${JSON.stringify(wireModule("portable"))};\nexport const job = portable("job", () => 1);\n`,
  );
  const load = async (suffix: string) => referenceOf(((await import(directory.url("m.mjs") + suffix)) as { job: unknown }).job)?.url;
  assert.equal(await load(""), directory.url("m.mjs"));
  assert.equal(await load("?v=2#x"), `${directory.url("m.mjs")}?v=2`);
  assert.equal(registry.modules.get(directory.url("m.mjs"))?.native, true);
});

test("a data: module is found", async () => {
  const text = `${prelude} export const job = portable("job", () => 1);`;
  const url = `data:text/javascript,${encodeURIComponent(text)}`;
  const { job } = (await import(url)) as { job: unknown };
  assert.equal(referenceOf(job)?.url, new URL(url).href);
});

const misuse: readonly (readonly [string, readonly unknown[], RegExp])[] = [
  ["no name", [undefined, () => {}], /name must be a string, got undefined/],
  ["a number for a name", [7, () => {}], /name must be a string, got number/],
  ["an empty name", ["", () => {}], /name must not be empty/],
  ["the function first", [function parse() {}, "parse"], /name comes before the function: portable\("parse", fn\)/],
  ["no function", ["parse"], /portable\("parse", fn\); got undefined/],
  ["null for a function", ["parse", null], /got null/],
  ["import.meta and no function", [import.meta, "parse"], /portable\("parse", fn\); got undefined/],
  ["import.meta and no name", [import.meta, () => {}], /name comes before the function/],
];
for (const [what, args, message] of misuse) {
  test(`bad arguments: ${what}`, () => {
    assert.throws(
      () => Reflect.apply(portable as (...args: readonly unknown[]) => unknown, undefined, args),
      (error) => error instanceof TypeError && message.test(error.message),
    );
  });
}
