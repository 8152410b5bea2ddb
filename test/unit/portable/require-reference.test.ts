import assert from "node:assert/strict";
import { test } from "node:test";
import { NotPortableError } from "../../../src/contract/errors.ts";
import { portable } from "../../../src/wire/portable.ts";
import { requireReference } from "../../../src/wire/require-reference.ts";

const holder = { method() {}, async parseLater() {} };
const shapes: readonly (readonly [unknown, string])[] = [
  [async function parse() {}, 'export const parse = portable("parse", async function parse(…) { … });'],
  [function* walk() {}, 'export const walk = portable("walk", function* walk(…) { … });'],
  [async function* feed() {}, 'export const feed = portable("feed", async function* feed(…) { … });'],
  [class Counter {}, 'export const Counter = portable("Counter", class Counter { … });'],
  [holder.method, 'export const method = portable("method", (…) => { … });'],
  [holder.parseLater, 'export const parseLater = portable("parseLater", async (…) => { … });'],
  [Math.sqrt, 'export const sqrt = portable("sqrt", (...args) => sqrt(...args));'],
  [holder.method.bind(holder), 'export const method = portable("method", (...args) => method(...args));'],
  [(() => () => {})(), 'export const work = portable("work", (…) => { … });'],
];
for (const [fn, fix] of shapes) {
  test(`the fix shown is ${fix}`, () => {
    assert.throws(
      () => requireReference(fn, "thread"),
      (error) => error instanceof NotPortableError && error.code === "ERR_BRIGADE_NOT_PORTABLE" && error.message.endsWith(fix),
    );
  });
}

test("the message names the function and the level", () => {
  const named = () => {};
  assert.throws(() => requireReference(named, "process"), /^NotPortableError: "named" cannot run on level "process"/);
});

test("what is no function is a TypeError", () => {
  for (const value of [undefined, null, {}, "parse"]) {
    assert.throws(
      () => requireReference(value, "thread"),
      (error) => error instanceof TypeError && /must be a function, got/.test(error.message),
    );
  }
});

test("a portable function of an ordinary module is let through", () => {
  const meta = { url: "file:///somewhere/tasks.js" } as ImportMeta;
  const fn = portable(meta, "ok", () => {});
  assert.deepEqual(requireReference(fn, "thread"), { url: "file:///somewhere/tasks.js", name: "ok" });
});

test("evaluated code is refused with the reason and the fix", () => {
  const define = new Function("portable", "return portable('lost', () => 1)") as (p: typeof portable) => () => number;
  const lost = define(portable);
  assert.equal(lost(), 1);
  assert.throws(
    () => requireReference(lost, "thread"),
    /"lost" cannot run on level "thread".*evaluated from a string.*portable\(import\.meta, "lost", fn\)/,
  );
});
