// What survives a crossing: primitives, containers, built-in objects.
import assert from "node:assert/strict";
import { types } from "node:util";
import { made, type SurvivalSection, same } from "./survival-table.ts";

function float16(): object {
  const Float16 = Reflect.get(globalThis, "Float16Array") as (new (items: number[]) => object) | undefined;
  return Float16 === undefined ? new Float32Array([1.5]) : new Float16([1.5]);
}

function resizable(): ArrayBuffer {
  const create = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  return new create(4, { maxByteLength: 16 });
}

export const primitives: SurvivalSection = {
  title: "Primitives",
  cases: [
    { value: "`undefined`, `null`, `true`, `false`", arrives: same, make: () => [undefined, null, true, false] },
    {
      value: "numbers, with `-0`, `NaN`, `Infinity`",
      arrives: same,
      make: () => [0, -0, 1, -1, 63, 64, -64, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 0.1, Number.NaN, -Infinity, Number.MIN_VALUE],
    },
    { value: "bigints of any size", arrives: same, make: () => [0n, -1n, 2n ** 64n - 1n, 2n ** 64n, -(3n ** 5000n)] },
    {
      value: "strings, with lone surrogates",
      arrives: same,
      make: () => [
        "",
        "a",
        "é",
        "漢字",
        "\u{1f600}",
        "\ud800",
        "x\udc00y",
        "\0",
        "x".repeat(63),
        "x".repeat(64),
        "ÿ".repeat(1000),
        "Ā".repeat(70),
      ],
    },
  ],
};

export const containers: SurvivalSection = {
  title: "Objects and containers",
  cases: [
    { value: "plain objects", arrives: same, make: () => ({ a: 1, nested: { list: [1, "2"] }, "a b": undefined }) },
    {
      value: "objects without a prototype",
      arrives: "the same, still without a prototype",
      make: () => made(Object.create(null), (value) => Object.assign(value, { a: 1 })),
    },
    {
      value: "own `__proto__` and `constructor` keys",
      arrives: "own properties; no prototype is changed",
      make: () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}'),
      check(arrived: Record<string, unknown>, sent: object) {
        assert.deepStrictEqual(arrived, sent);
        assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
        assert.ok(Object.hasOwn(arrived, "__proto__"));
        assert.equal(arrived.polluted, undefined);
      },
    },
    { value: "arrays", arrives: same, make: () => [1, [2, [3]], [], new Array(0)] },
    {
      value: "arrays with holes",
      arrives: "the same, the holes too",
      // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
      make: () => [[1, , undefined, 4, ,], new Array(5), made(new Array(4_000_000_000), (value) => (value[3_999_999_999] = 1))],
      check(arrived: unknown[][], sent: unknown[][]) {
        assert.deepStrictEqual(arrived.slice(0, 2), sent.slice(0, 2));
        assert.equal(arrived[2]?.length, 4_000_000_000);
        assert.deepEqual(Object.keys(arrived[2] ?? []), ["3999999999"]);
      },
    },
    {
      value: "extra properties on arrays",
      arrives: same,
      make: () => [
        made([1, 2], (value) => Object.assign(value, { total: 3 })),
        made(
          Array.from({ length: 1000 }, (_, index) => index),
          (value) => Object.assign(value, { total: 3 }),
        ),
      ],
    },
    {
      value: "`Map`",
      arrives: "the same, in the same order, keys of any kind",
      make: () =>
        new Map<unknown, unknown>([
          ["a", 1],
          [{ key: true }, new Map([[Number.NaN, [null]]])],
          [undefined, undefined],
        ]),
    },
    { value: "`Set`", arrives: "the same, in the same order", make: () => new Set<unknown>([1, "1", { a: 1 }, new Set([2])]) },
    {
      value: "the same object met twice",
      arrives: "one object, met twice",
      make() {
        const shared = { a: 1 };
        return { one: shared, two: shared, list: [shared], keyed: new Map([[shared, shared]]) };
      },
      check(arrived: { one: object; two: object; list: object[]; keyed: Map<object, object> }, sent: object) {
        assert.deepStrictEqual(arrived, sent);
        assert.equal(arrived.one, arrived.two);
        assert.equal(arrived.one, arrived.list[0]);
        assert.equal(arrived.keyed.get(arrived.one), arrived.one);
      },
    },
    {
      value: "cycles",
      arrives: same,
      make: () =>
        made({ list: [] as unknown[], map: new Map<unknown, unknown>(), set: new Set<unknown>() }, (value) => {
          value.list.push(value, value.list);
          value.map.set(value, value.map);
          value.set.add(value);
        }),
      check(arrived: { list: unknown[]; map: Map<unknown, unknown>; set: Set<unknown> }) {
        assert.equal(arrived.list[0], arrived);
        assert.equal(arrived.list[1], arrived.list);
        assert.equal(arrived.map.get(arrived), arrived.map);
        assert.ok(arrived.set.has(arrived));
      },
    },
  ],
};

export const builtins: SurvivalSection = {
  title: "Built-in objects",
  cases: [
    {
      value: "`Date`, the invalid one too",
      arrives: same,
      make: () => [new Date(0), new Date(8.64e15), new Date(Number.NaN)],
      check(arrived: Date[], sent: Date[]) {
        assert.deepEqual(
          arrived.map((date) => date.getTime()),
          sent.map((date) => date.getTime()),
        );
        assert.ok(arrived.every((date) => types.isDate(date)));
      },
    },
    {
      value: "`RegExp`",
      arrives: "the same, `lastIndex` 0",
      make: () => made(/a(?<b>.)\/\n/giu, (value) => (value.lastIndex = 3)),
      check(arrived: RegExp, sent: RegExp) {
        assert.deepEqual([arrived.source, arrived.flags, arrived.lastIndex], [sent.source, sent.flags, 0]);
      },
    },
    { value: "boxed primitives", arrives: same, make: () => [Object(1), Object("text"), Object(false), Object(10n)] },
    {
      value: "`URL`, `URLSearchParams`",
      arrives: same,
      make: () => [new URL("https://user@host:8080/p?q=1#h"), new URLSearchParams("a=1&a=2&b=%20")],
    },
    { value: "`ArrayBuffer`", arrives: "a copy", make: () => [new Uint8Array([1, 2, 3]).buffer, new ArrayBuffer(0)] },
    {
      value: "resizable `ArrayBuffer`",
      arrives: "a copy, resizable; a view that reached its end follows its length",
      make: () =>
        made({ buffer: resizable(), view: undefined as Uint8Array | undefined }, (value) => (value.view = new Uint8Array(value.buffer))),
      check(arrived: { buffer: ArrayBuffer & { resize(length: number): void }; view: Uint8Array }) {
        arrived.buffer.resize(16);
        assert.equal(arrived.view.length, 16);
        assert.equal(arrived.view.buffer, arrived.buffer);
      },
    },
    {
      value: "every typed array, `DataView`",
      arrives: "a copy of the same kind",
      make: () => [
        new Int8Array([-1]),
        new Uint8Array([255]),
        new Uint8ClampedArray([300]),
        new Int16Array([-2]),
        new Uint16Array([2]),
        new Int32Array([-3]),
        new Uint32Array([3]),
        new Float32Array([0.5]),
        new Float64Array([0.1, Number.NaN]),
        new BigInt64Array([-4n]),
        new BigUint64Array([4n]),
        float16(),
        new DataView(new ArrayBuffer(4), 1, 2),
      ],
    },
    {
      value: "views over one buffer",
      arrives: "views over one buffer: it travels whole, and once",
      make() {
        const buffer = new ArrayBuffer(16);
        return { buffer, bytes: new Uint8Array(buffer, 4, 4), words: new Uint32Array(buffer) };
      },
      check(arrived: { buffer: ArrayBuffer; bytes: Uint8Array; words: Uint32Array }, sent: object) {
        assert.deepStrictEqual(arrived, sent);
        assert.equal(arrived.bytes.buffer, arrived.buffer);
        assert.equal(arrived.words.buffer, arrived.buffer);
        assert.equal(arrived.bytes.byteOffset, 4);
      },
    },
    {
      value: "`Buffer`",
      arrives: "a `Buffer`; one cut from a larger buffer brings its own bytes only",
      make: () => [Buffer.from("pooled"), Buffer.from(new Uint8Array([1, 2]).buffer), Buffer.alloc(0)],
      check(arrived: Buffer[], sent: Buffer[]) {
        assert.deepStrictEqual(arrived, sent);
        assert.ok(arrived.every((buffer) => Buffer.isBuffer(buffer)));
        assert.equal(arrived[0]?.buffer.byteLength, 6);
      },
    },
    {
      value: "`SharedArrayBuffer` and views over it, between threads",
      arrives: "the same memory",
      sharesMemory: true,
      make: () =>
        made(
          { memory: new SharedArrayBuffer(8), words: undefined as Int32Array | undefined },
          (value) => (value.words = new Int32Array(value.memory)),
        ),
      check(arrived: { memory: SharedArrayBuffer; words: Int32Array }, sent: { memory: SharedArrayBuffer }) {
        assert.equal(arrived.memory, sent.memory);
        assert.equal(arrived.words.buffer, sent.memory);
      },
    },
    {
      value: "an `ArrayBuffer` in `transfer`",
      arrives: "its bytes, moved between threads and copied elsewhere; here it is detached on every level",
      make: () => new Uint8Array([1, 2, 3]),
      transfer: (value: Uint8Array) => [value.buffer as ArrayBuffer],
      check(arrived: Uint8Array, sent: Uint8Array) {
        assert.deepEqual([...arrived], [1, 2, 3]);
        assert.equal(sent.byteLength, 0);
      },
    },
  ],
};
