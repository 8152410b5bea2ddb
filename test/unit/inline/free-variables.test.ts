import assert from "node:assert/strict";
import { test } from "node:test";
import { NotPortableError } from "../../../src/contract/errors.ts";
import { requireSelfContained } from "../../../src/wire/inline/check.ts";
import { inlineUrl } from "../../../src/wire/inline/source-url.ts";

/** What the check says of a source: `undefined`, or the error. */
function refusal(text: string, { sloppy = false, name = "work" } = {}): NotPortableError | undefined {
  try {
    requireSelfContained({ url: inlineUrl({ definedIn: undefined, name, text, sloppy }), name }, "thread");
    return undefined;
  } catch (error) {
    assert.ok(error instanceof NotPortableError, String(error));
    return error;
  }
}

const selfContained: readonly string[] = [
  "(n) => n * 2",
  "n => n",
  "async n => await n",
  "async (url) => (await fetch(url)).status",
  "function fact(n) { return n < 2 ? 1 : n * fact(n - 1); }",
  "function () { return arguments.length; }",
  "function () { return () => arguments[0]; }",
  "function* (n) { for (let i = 0; i < n; i++) yield i; }",
  "async function* count(n) { while (n-- > 0) yield n; }",
  "({ a, b: [c, ...d], ...e } = {}) => [a, c, d, e]",
  "({ a = 1, [`k${a}`]: b = a } = {}) => a + b",
  "(a, b = a) => b",
  "(a) => { { let a = 1; a++; } return a; }",
  "() => { const x = 1; return [1].map((x) => x * 2).concat(x); }",
  "(list) => { outer: for (const a of list) { for (const b of a) { if (b) continue outer; break outer; } } }",
  "() => { inner: { break inner; } }",
  "() => typeof window === 'undefined' ? 0 : window.innerWidth",
  "() => typeof Bun",
  "() => { try { throw 1; } catch ({ message }) { return message; } }",
  "() => { try { throw 1; } catch { return 0; } }",
  "() => { try { throw 1; } catch (e) { var seen = e; } return seen; }",
  "() => { if (true) { var late = 1; } return late; }",
  "() => { return early(); function early() { return 1; } }",
  "() => { class A { static #n = 1; #m = A.#n; get m() { return this.#m; } has(o) { return #m in o; } static { this.x = A; } } return new A().m; }",
  "() => class B extends Array { constructor() { super(); this.n = super.length; } }",
  "() => ({ m() { return this; }, get g() { return super.toString(); }, f: function () { return this; } })",
  "(o) => ({ name: o.label, [o.key]: 1 })",
  "(a) => { const { x, y: z } = a; return { x, z }; }",
  "(a) => { for (const k in a) k; for (const [k, v] of Object.entries(a)) v; for (let i = 0, j = 1; i < j; i++); }",
  "(x) => { switch (x) { case 1: { let y = 1; return y; } default: const z = 2; return z; } }",
  "async () => (await import('node:fs')).readFileSync",
  "() => { using r = null; return r; }",
  "async (list) => { for await (const each of list) each; }",
  "() => [Math, console, process, Buffer, structuredClone, globalThis, undefined, NaN, Infinity, Symbol, queueMicrotask, setTimeout]",
  "() => /x/u.test(`${1 + 1}`)",
  "() => { const f = function me(n) { return n && me(n - 1); }; return f(3); }",
  "() => { let a, b; [a, b] = [1, 2]; ({ a, b } = { a, b }); return a ?? b; }",
  "(n) => new.target ?? n".replace("(n) =>", "function (n) { return").concat("; }"),
  "(n        , m         )          => n + m", // TypeScript with its types blanked
  "() => { const f = __name((n) => n, 'f'); return f(1); }", // esbuild's helper
  "() => { const o = { this: 1, window: 2 }; return o.window + o.this; }",
  "(a) => a?.b?.[a.c]?.()",
];
for (const text of selfContained) test(`self-contained: ${text}`, () => assert.equal(refusal(text)?.message, undefined));

const bound: readonly (readonly [string, readonly string[]])[] = [
  ["(n) => n * factor", ["factor"]],
  ["() => a + b + a", ["a", "b"]],
  ["() => counter++", ["counter"]],
  ["() => { ({ x: target.y } = {}); [list[0]] = [1]; }", ["target", "list"]],
  ["(a = b) => a", ["b"]],
  ["({ [key]: v }) => v", ["key"]],
  ["(a = later) => { var later = 1; return [a, later]; }", ["later"]],
  ["() => { { let inner = 1; inner; } return inner; }", ["inner"]],
  ["() => { for (let i = 0; i < 1; i++); return i; }", ["i"]],
  ["() => { try { x(); } catch (e) { e; } return e; }", ["x", "e"]],
  ["() => { { function nested() {} } return nested; }", ["nested"]],
  ["() => { const f = function me() {}; return me; }", ["me"]],
  ["() => { const C = class D {}; return D; }", ["D"]],
  ["() => typeof cache", ["cache"]],
  ["() => window.innerWidth", ["window"]],
  ["() => ({ shorthand })", ["shorthand"]],
  ["() => tag`x${y}`", ["tag", "y"]],
  ["() => { label: for (;;) break label; return label; }", ["label"]],
  ["() => arguments[0]", ["arguments"]],
  ["() => require('node:fs')", ["require"]],
  ["() => __dirname", ["__dirname"]],
  ["() => class extends Base {}", ["Base"]],
  ["() => { undeclared = 1; }", ["undeclared"]],
  ["() => class { [computed]() {} field = value }", ["computed", "value"]],
  ["async () => import(specifier)", ["specifier"]],
  ["() => describe(it)", ["describe", "it"]],
];
for (const [text, names] of bound) {
  test(`bound: ${text}`, () => {
    const error = refusal(text);
    assert.deepEqual(error?.freeVariables, names);
    for (const name of names) assert.ok(error?.message.includes(`${name} (line 1)`), error?.message);
  });
}

test("a line is of the function, the first use counts", () => {
  assert.match(
    refusal("(n) => {\n  const m = n;\n  return m * factor + factor;\n}")?.message ?? "",
    /travel: factor \(line 3\)\. Pass factor as an argument/,
  );
});

const elsewhere: readonly (readonly [string, RegExp])[] = [
  ["() => this", /uses this of what is around it \(line 1 of it\)/],
  ["function () { return this.x; }", /uses this of/],
  ["function () { return () => this; }", /uses this of/],
  ["(a = this) => a", /uses this of/],
  ["() => class { [this.key] = 1 }", /uses this of/],
  ["() => super.x", /uses super of/],
  ["() => import.meta.url", /uses import\.meta of .*Pass what it needs, such as import\.meta\.url, as an argument/],
  ["(o) => o.#secret", /uses #secret of/],
  ["(o) => #secret in o", /uses #secret of/],
  ["() => class { #own; has(o) { return o.#other; } }", /uses #other of/],
  ["method(a) { return a; }", /a method cannot be/],
  ["async method() {}", /a method cannot be/],
  ["*method() {}", /a method cannot be/],
  ["['computed']() {}", /a method cannot be/],
  ["get value() { return 1; }", /a getter or setter cannot be/],
  ["set value(v) {}", /a getter or setter cannot be/],
  ["class A {}", /a class cannot be/],
  ["function sqrt() { [native code] }", /native or bound/],
  ["(n) => <div>{n}</div>", /cannot be read/],
  ["() => 1) + (2", /cannot be read|is no function/],
  ["1 + 1", /is no function/],
];
for (const [text, message] of elsewhere)
  test(`belongs elsewhere: ${text}`, () => assert.match(refusal(text)?.message ?? "accepted", message));

test("functions in blocks are seen outside them in sloppy code", () => {
  assert.equal(refusal("function () { { function nested() {} } return nested; }", { sloppy: true }), undefined);
  assert.equal(refusal("function () { return 017; }", { sloppy: true }), undefined);
  assert.match(refusal("() => 017")?.message ?? "", /cannot be read/);
});

test("source above the bound is refused, and nesting without end too", () => {
  const comment = (length: number) => `() => 1 /*${"x".repeat(length)}*/`;
  assert.equal(refusal(comment(65_000)), undefined);
  assert.match(refusal(comment(70_000))?.message ?? "", /has 70012 characters, more than 65536/);
  assert.match(refusal(`() => ${"[".repeat(30_000)}${"]".repeat(30_000)}`)?.message ?? "", /cannot be read/);
});

test("what the program added to globalThis is not on a worker", () => {
  Reflect.set(globalThis, "brigadeTestAddition", 1);
  try {
    assert.match(refusal("() => brigadeTestAddition")?.message ?? "", /A worker does not have what the program has added to globalThis\./);
  } finally {
    Reflect.deleteProperty(globalThis, "brigadeTestAddition");
  }
});

test("the fix is the definition by its own name and form", () => {
  assert.match(
    refusal("async function load(a) { return b; }", { name: "load" })?.message ?? "",
    /\n {2}export const load = portable\("load", async function load\(…\) \{ … \}\);$/,
  );
});

test("never on a cluster", () => {
  const url = inlineUrl({ definedIn: undefined, name: "work", text: "() => 1", sloppy: false });
  assert.throws(
    () => requireSelfContained({ url, name: "work" }, "cluster"),
    /other machines take functions by module and name, never as source/,
  );
});
