// The short way gives what the long way gives, byte for byte and value for value, and leaves it everything else.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, encode } from "../../../src/wire/codec.ts";
import { Decoder } from "../../../src/wire/decoder.ts";
import { Encoder } from "../../../src/wire/encoder.ts";
import { decodeSimple, encodeSimple, encodeSimpleList, notSimple } from "../../../src/wire/simple.ts";
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
      const short = encodeSimple(value);
      if (short) assert.deepEqual(short.bytes, long);
      const list = Array.isArray(value) ? encodeSimpleList(value) : undefined;
      if (list) assert.deepEqual(list.bytes, long);
      const read = decodeSimple(long);
      assert.deepEqual(new Decoder({ bytes: long }, {}, false).decode(), value);
      if (read !== notSimple) assert.deepEqual(read, value);
      if (short) assert.notEqual(read, notSimple, "what goes out the short way comes in the short way");
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
      const read = decodeSimple(bytes);
      if (read === notSimple) return;
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
    assert.equal(encodeSimple(value), undefined);
  }
  assert.equal(asked, 0);
});
