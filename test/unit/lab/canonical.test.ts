import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalLines, digest } from "../../../src/lab/compare/canonical.ts";
import { firstDifference } from "../../../src/lab/compare/difference.ts";

const same = (a: unknown, b: unknown) => digest({ value: a }).equals(digest({ value: b }));

test("the order of keys does not count, the order of Map and Set entries does", () => {
  assert.ok(same({ a: 1, b: [2] }, { b: [2], a: 1 }));
  assert.ok(
    !same(
      new Map([
        [1, 2],
        [3, 4],
      ]),
      new Map([
        [3, 4],
        [1, 2],
      ]),
    ),
  );
  assert.ok(!same(new Set([1, 2]), new Set([2, 1])));
});

test("values that look alike are told apart", () => {
  const values: unknown[] = [
    0,
    -0,
    "0",
    0n,
    null,
    undefined,
    "null",
    "undefined",
    Number.NaN,
    "NaN",
    true,
    "true",
    [],
    {},
    new Map(),
    new Set(),
    new Date(0),
    new Date(1),
    new Date(Number.NaN),
    /a/g,
    /a/i,
    new Uint8Array([1]),
    new Int8Array([1]),
    new Uint8Array([1]).buffer,
    [1],
    ["1"],
    [[1]],
    [undefined],
    { a: undefined },
    new Error("a"),
    new TypeError("a"),
    { name: "Error", message: "a" },
  ];
  for (const [i, a] of values.entries()) for (const [j, b] of values.entries()) assert.equal(same(a, b), i === j, `${i} ${j}`);
});

test("a Buffer is the bytes it views, and a sparse array is not a dense one", () => {
  assert.ok(same(Buffer.from("abc"), new Uint8Array([97, 98, 99])));
  // biome-ignore lint/suspicious/noSparseArray: sparseness is what is tested
  assert.ok(!same([1, , 2], [1, undefined, 2]));
});

test("cycles end, and shared parts are not copies", () => {
  const loop: unknown[] = [1];
  loop.push(loop);
  const other: unknown[] = [1];
  other.push(other);
  assert.ok(same(loop, other));
  const part = { x: 1 };
  assert.ok(!same([part, part], [{ x: 1 }, { x: 1 }]));
});

test("a result deeper than the call stack is digested", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = { deep };
  assert.equal(digest({ value: deep }).length, 12);
});

test("failures count as outcomes: class and message, not the stack", () => {
  assert.ok(digest({ error: new TypeError("no") }).equals(digest({ error: new TypeError("no") })));
  assert.ok(!digest({ error: new TypeError("no") }).equals(digest({ error: new Error("no") })));
  assert.ok(!digest({ error: "no" }).equals(digest({ value: "no" })));
  const hostile = Object.defineProperty(new Error("x"), "message", { get: () => assert.fail("a getter that throws") });
  assert.deepEqual(canonicalLines({ error: hostile }), ["error = thrown object that cannot be read"]);
  assert.equal(
    canonicalLines({
      value: {
        get bad(): string {
          throw new RangeError("read");
        },
      },
    }).at(-1),
    'result.bad = "(getter that throws)"',
  );
});

test("the digest of a structured clone is the digest of the value", () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }), (value) => {
      let copy: unknown;
      try {
        copy = structuredClone(value);
      } catch {
        return;
      }
      assert.ok(same(value, copy));
    }),
    { numRuns: 300 },
  );
});

const part = (a: unknown, b: unknown) => firstDifference(canonicalLines({ value: a }), canonicalLines({ value: b }));

test("the first difference names the place and shows both sides", () => {
  assert.deepEqual(part({ user: { tags: ["a", "b"] } }, { user: { tags: ["a", "c"] } }), {
    path: "result.user.tags[1]",
    expected: '"b"',
    actual: '"c"',
  });
  assert.deepEqual(part(1, 1), undefined);
  assert.deepEqual(part(new Map([["k", 1]]), new Map([["k", 2]])), { path: "result.values()[0]", expected: "1", actual: "2" });
});

test("what only one side has is absent on the other", () => {
  assert.deepEqual(part({ a: 1, b: 2 }, { b: 2 }), { path: "result.a", expected: "1", actual: "(absent)" });
  assert.deepEqual(part({ b: 2 }, { b: 2, c: 3 }), { path: "result.c", expected: "(absent)", actual: "3" });
});

test("long values are cut around the place where they part", () => {
  const long = "x".repeat(500);
  const found = part(`${long}LEFT${long}`, `${long}RIGHT${long}`);
  assert.match(found?.expected ?? "", /^…x+LEFT/);
  assert.match(found?.actual ?? "", /^…x+RIGHT/);
  assert.ok((found?.expected.length ?? 0) <= 62);
});

test("an outcome that failed differs from one that did not", () => {
  const found = firstDifference(canonicalLines({ value: 3 }), canonicalLines({ error: new RangeError("no") }));
  assert.deepEqual(found, { path: "result", expected: "3", actual: "(absent)" });
});
