// The short way gives what the long way gives, byte for byte and value for value, and leaves it everything else.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, encode } from "../../../src/wire/codec.ts";
import { Decoder } from "../../../src/wire/decoder.ts";
import { Encoder } from "../../../src/wire/encoder.ts";
import { encodePlain, notPlain, plainList, plainValue, readPlain, writePlain } from "../../../src/wire/plain.ts";
import { borrowWriter, returnWriter } from "../../../src/wire/writer.ts";

function encodeLong(value: unknown): Uint8Array {
  const writer = borrowWriter();
  try {
    return new Encoder(writer, { root: "value" }, false).encode(value).bytes;
  } finally {
    returnWriter(writer);
  }
}

const primitive = fc.oneof(
  fc.constantFrom(undefined, null, true, false, 0, -0, Number.NaN, 63, 64, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, Number.POSITIVE_INFINITY),
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 70 }),
  fc.string({ unit: "binary", maxLength: 70 }),
);

test("both ways write the same bytes, and each reads them", () => {
  fc.assert(
    fc.property(fc.oneof(primitive, fc.array(primitive, { maxLength: 70 })), (value) => {
      const long = encodeLong(value);
      const short = plainValue(value);
      if (short) {
        assert.deepEqual(encodePlain(short).bytes, long);
        assert.equal(short.byteLength, long.length);
      }
      const list = Array.isArray(value) ? plainList(value) : undefined;
      if (list) assert.deepEqual(encodePlain(list).bytes, long);
      const read = readPlain(long);
      assert.deepEqual(new Decoder({ bytes: long }, {}, false).decode(), value);
      if (read !== notPlain) assert.deepEqual(read, value);
      if (short) assert.notEqual(read, notPlain, "what goes out the short way comes in the short way");
      assert.deepEqual(decode(encode(value, { root: "value" })), value);
    }),
    { numRuns: 2_000 },
  );
});

test("damaged bytes: the short way says the same as the long one, or nothing", () => {
  fc.assert(
    fc.property(fc.array(primitive, { maxLength: 8 }), fc.nat(), fc.nat(255), fc.nat(40), (value, where, byte, cut) => {
      const bytes = encodeLong(value).slice(0, Math.max(1, encodeLong(value).length - (cut > 20 ? 0 : cut)));
      bytes[where % bytes.length] = byte;
      const read = readPlain(bytes);
      if (read === notPlain) return;
      assert.deepEqual(read, new Decoder({ bytes }, {}, false).decode());
    }),
    { numRuns: 2_000 },
  );
});

test("what the short way must not take", () => {
  let asked = 0;
  const getter = Object.defineProperty([1], 0, { enumerable: true, get: () => ++asked });
  class List extends Array {}
  const shared: unknown[] = [];
  for (const value of [
    new Array(3),
    Object.assign([1], { extra: 1 }),
    Object.defineProperty([1], "hidden", { value: 1, enumerable: true }),
    getter,
    List.from([1]),
    new Proxy([1], { getPrototypeOf: () => assert.fail("a trap ran"), ownKeys: () => assert.fail("a trap ran") }),
    [[1]],
    [{}],
    {},
    [shared, shared],
    Symbol("s"),
    () => 1,
    10n,
    "x".repeat(64),
    "€",
    Array.from({ length: 64 }, () => 1),
    Array.from({ length: 60 }, () => "x".repeat(60)),
  ] as unknown[]) {
    assert.equal(plainValue(value), undefined);
  }
  assert.equal(asked, 0);
});

test("written and read in the middle of other bytes", () => {
  fc.assert(
    fc.property(fc.array(primitive, { maxLength: 8 }), fc.nat(20), (value, at) => {
      const plain = plainValue(value);
      if (plain === undefined) return;
      const bytes = new Uint8Array(at + plain.byteLength + 20).fill(0xff);
      const end = writePlain(plain, bytes, at);
      assert.equal(end, at + plain.byteLength);
      assert.ok(bytes.subarray(0, at).every((byte) => byte === 0xff) && bytes.subarray(end).every((byte) => byte === 0xff));
      assert.deepEqual(readPlain(bytes, at, end), value);
      for (let cut = at; cut < end; cut++) assert.equal(readPlain(bytes, at, cut), notPlain);
    }),
  );
});
