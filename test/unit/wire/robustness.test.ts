import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import { cloneValue, decode, decodeError, encode, encodeError } from "../../../src/wire/codec.ts";
import { sections } from "./survival-cases.ts";

const SEED = 20_261;

/** Values of every kind that `deepStrictEqual` compares well, with shared parts. */
const anything = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(undefined, null, true, false, -0, Number.NaN),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.float64Array(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(/a/g, /[\]\\/]\u{1f600}/u).map((pattern) => new RegExp(pattern)),
    fc.tuple(fc.constantFrom(Error, TypeError, RangeError), fc.string()).map(([Class, message]) => new Class(message)),
  ),
  key: fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "length", "0", "toString", "then")),
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.sparseArray(tie("value"), { maxLength: 8 }),
    fc.array(fc.tuple(tie("key"), tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries as [string, unknown][])),
    fc
      .array(fc.tuple(tie("key"), tie("value")), { maxLength: 5 })
      .map((entries) => define(Object.create(null), entries as [string, unknown][])),
    fc.array(fc.tuple(tie("leaf"), tie("value")), { maxLength: 5 }).map((entries) => new Map(entries as [unknown, unknown][])),
    fc.array(tie("value"), { maxLength: 5 }).map((members) => new Set(members)),
    tie("value").map((shared) => ({ one: shared, two: [shared] })),
    tie("value").map((cause) => Object.assign(new Error("outer", { cause }), { extra: cause })),
  ),
}));

function define(target: object, entries: readonly (readonly [string, unknown])[]): object {
  for (const [key, value] of entries) Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  return target;
}

test("round trip of anything", () => {
  fc.assert(
    fc.property(anything.value, (value) => {
      assert.deepStrictEqual(cloneValue(value, { root: "result" }), value);
    }),
    { numRuns: 1500, seed: SEED },
  );
});

test("a second crossing changes nothing that the first left", () => {
  fc.assert(
    fc.property(anything.value, (value) => {
      const once = cloneValue(value, { root: "result" });
      const { bytes } = encode(once, { root: "result" });
      assert.equal(Buffer.compare(encode(decode({ bytes }), { root: "result" }).bytes, bytes), 0);
    }),
    { numRuns: 300, seed: SEED },
  );
});

test("the lenient form agrees with the strict one where nothing is refused, and keeps the rest where something is", () => {
  fc.assert(
    fc.property(
      anything.value,
      fc.constantFrom(() => 1, Symbol("s"), new WeakMap(), Promise.resolve()),
      (value, bad) => {
        assert.deepStrictEqual(decodeError(encodeError(value, { root: "reason" })), value);
        const mixed = {
          first: [bad, value],
          get broken(): never {
            throw bad;
          },
          again: value,
          map: new Map([[bad, bad]]),
        };
        const arrived = decodeError(encodeError(mixed, { root: "reason" })) as Record<string, unknown>;
        assert.deepStrictEqual(arrived, {
          first: [undefined, value],
          broken: undefined,
          again: value,
          map: new Map([[undefined, undefined]]),
        });
      },
    ),
    { numRuns: 300, seed: SEED },
  );
});

/** Decodes bytes that may be anything: a value or a NotSerializableError, and nothing else. */
function decodesOrRefuses(bytes: Uint8Array): "value" | "refusal" {
  try {
    decode({ bytes });
    return "value";
  } catch (error) {
    assert.ok(error instanceof NotSerializableError, `decode threw ${String(error)}`);
    assert.notEqual(error.message, "");
    return "refusal";
  }
}

function samples(): Uint8Array[] {
  return sections.flatMap(({ cases }) =>
    cases.filter((row) => row.refusedAt === undefined && !row.sharesMemory).map((row) => encode(row.make(), { root: "result" }).bytes),
  );
}

describe("damaged bytes", () => {
  test("every truncation of every sample is refused", () => {
    for (const bytes of samples()) {
      const step = Math.max(1, Math.floor(bytes.length / 300));
      for (let length = 0; length < bytes.length; length += step) assert.equal(decodesOrRefuses(bytes.slice(0, length)), "refusal");
      assert.equal(decodesOrRefuses(Uint8Array.of(...bytes.slice(0, 100), ...bytes.slice(100), 0)), "refusal", "a byte too many");
    }
  });

  test("flipped and overwritten bytes decode to something or are refused", () => {
    const corpus = samples();
    const outcomes = { value: 0, refusal: 0 };
    fc.assert(
      fc.property(
        fc.nat(corpus.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0xff, 0x7f, 0x80, 0x0a, 0x13, 0x1e, 0x20, 0x21))), {
          minLength: 1,
          maxLength: 6,
        }),
        (index, changes) => {
          const bytes = Uint8Array.from(corpus[index] as Uint8Array);
          for (const [at, value] of changes) bytes[1 + (at % (bytes.length - 1))] = value;
          outcomes[decodesOrRefuses(bytes)]++;
        },
      ),
      { numRuns: 5000, seed: SEED },
    );
    assert.ok(outcomes.value > 0 && outcomes.refusal > 0, JSON.stringify(outcomes));
  });

  test("garbage", () => {
    const [format] = encode(1, { root: "result" }).bytes;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        decodesOrRefuses(garbage);
        decodesOrRefuses(Uint8Array.of(format as number, ...garbage));
      }),
      { numRuns: 3000, seed: SEED },
    );
    assert.equal(decodesOrRefuses(new Uint8Array(0)), "refusal");
  });

  test("no prototype is polluted, no prototype but a registered one is set", () => {
    assert.equal(Reflect.get({}, "polluted"), undefined);
    assert.deepEqual(Object.keys(Object.prototype), []);
  });

  test("a few bytes never take much memory or time", () => {
    const [format] = encode(1, { root: "result" }).bytes as Uint8Array & { 0: number };
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    const many = [0xff, 0xff, 0xff, 0x0e];
    const tags = [0x06, 0x08, 0x09, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x19, 0x1c, 0x1f];
    const before = process.memoryUsage().rss;
    for (const tag of tags)
      for (const size of [huge, many]) assert.equal(decodesOrRefuses(Uint8Array.of(format as number, tag, ...size)), "refusal");
    // Arrays of holes are values; that they are cheap is the point.
    for (const size of [huge, many]) {
      for (let round = 0; round < 20; round++)
        assert.equal(decodesOrRefuses(Uint8Array.of(format as number, 0x13, ...size, 0x00, 0x00)), "value");
    }
    // Runs of nesting tags: views of views, boxes of boxes, instances of instances.
    for (const tag of [0x18, 0x1e, 0x20, 0x21, 0x12, 0x0b]) {
      assert.equal(decodesOrRefuses(Uint8Array.of(format as number, ...new Array(100_000).fill(tag))), "refusal");
    }
    assert.ok(process.memoryUsage().rss - before < 512 * 2 ** 20, "under half a gigabyte, where each array alone would take one");
  });
});
