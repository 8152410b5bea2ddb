// Plain objects travel as shapes: their keys go once per message, and what is met often is made by generated code. Nothing of that may
// be seen in the values, whatever the keys are and whatever the bytes say.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import { cloneValue, decode, decodeError, encode, encodeError } from "../../../src/wire/codec.ts";

const result = { root: "result" } as const;
const codec = new URL("../../../src/wire/codec.js", import.meta.url).href;
const clone = <T>(value: T): T => cloneValue(value, result) as T;
const [format] = encode(1, result).bytes as unknown as [number];
/** More objects than it takes until code is generated for a shape. */
const hot = 250;

/** Decodes often enough that code is generated, and gives what came first and last. */
function firstAndLast<T>(value: T): readonly [T, T] {
  const { bytes } = encode(value, result);
  const first = decode({ bytes }) as T;
  for (let round = 0; round < hot; round++) decode({ bytes });
  return [first, decode({ bytes }) as T];
}

function refuses(bytes: readonly number[], why: RegExp): void {
  assert.throws(
    () => decode({ bytes: Uint8Array.of(format, ...bytes) }),
    (error) => error instanceof NotSerializableError && why.test(error.message),
  );
}

const text = (value: string): number[] => [0xc0 | value.length, ...Buffer.from(value, "latin1")];
/** The definition of a shape; the hash is what the bytes say, not what it should be. */
const define = (hash: number, ...keys: readonly string[]): number[] => {
  const list = [keys.length, ...keys.flatMap(text)];
  return [0x22, hash & 255, (hash >> 8) & 255, (hash >> 16) & 255, hash >>> 24, list.length, ...list];
};

describe("keys go once", () => {
  test("a hundred records cost little more than their values", () => {
    const records = Array.from({ length: 100 }, (_, index) => ({ identification: index % 60, description: "x", another: true }));
    const { bytes } = encode(records, result);
    assert.ok(bytes.length < 100 * 5 + 60, `${bytes.length} bytes`);
    assert.deepStrictEqual(decode({ bytes }), records);
  });

  test("more shapes in a message than have a tag of their own, each of them twice", () => {
    const once = Array.from({ length: 200 }, (_, index) => ({ [`key${index}`]: index, common: { [`inner${index % 90}`]: -index } }));
    const value = [once, once.map((one) => ({ ...one }))];
    assert.deepStrictEqual(clone(value), value);
  });

  test("a shape of one message is unknown to the next", () => {
    assert.deepStrictEqual(clone({ a: 1 }), { a: 1 });
    refuses([0x40, 0x81], /a shape is not defined/);
  });
});

describe("own properties, whatever the key", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__", "then", "length", "valueOf"];
  const odd = ["", " ", '"', "\\", "'];throw 1;//", "\n", "\u2028", "\ud800", "💥", "漢字", "a-b", "1e3", "-0", "01", "4294967295", "NaN"];
  for (const keys of [names, odd, [...names, ...odd]]) {
    test(keys.map((key) => JSON.stringify(key)).join(" "), () => {
      const value = Object.defineProperties(
        {},
        Object.fromEntries(keys.map((key, index) => [key, { value: { index }, enumerable: true, writable: true, configurable: true }])),
      );
      // `fromEntries` above would lose `__proto__`.
      for (const key of keys) assert.ok(Object.hasOwn(value, key), key);
      for (const arrived of firstAndLast(value)) {
        assert.deepStrictEqual(Object.getOwnPropertyDescriptors(arrived), Object.getOwnPropertyDescriptors(value));
        assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
      }
      assert.deepEqual(Object.keys(Object.prototype), []);
    });
  }

  test("the order of keys stays, numbers first as ever", () => {
    const value = { z: 1, 7: 2, a: 3, 0: 4 };
    for (const arrived of firstAndLast(value)) assert.deepEqual(Object.entries(arrived), Object.entries(value));
  });

  test("a setter or a read-only property that all objects inherit is not in the way", () => {
    const records = Array.from({ length: 3 }, () => ({ trapped: 1, fixed: 2 }));
    const { bytes } = encode(records, result);
    Object.defineProperty(Object.prototype, "trapped", { configurable: true, set: () => assert.fail("the setter ran") });
    Object.defineProperty(Object.prototype, "fixed", { configurable: true, value: 0, writable: false });
    try {
      for (let round = 0; round < hot; round++) {
        for (const arrived of decode({ bytes }) as typeof records)
          assert.deepEqual(Object.entries(arrived), Object.entries({ trapped: 1, fixed: 2 }));
      }
    } finally {
      Reflect.deleteProperty(Object.prototype, "trapped");
      Reflect.deleteProperty(Object.prototype, "fixed");
    }
  });

  test("objects of one shape are apart", () => {
    const [one, other] = firstAndLast([{ a: 1 }, { a: 1 }])[1] as [{ a: number }, { a: number }];
    one.a = 2;
    assert.equal(other.a, 1);
  });
});

describe("what is read", () => {
  test("keys that all objects inherit are not sent", () => {
    Object.defineProperty(Object.prototype, "inherited", { configurable: true, enumerable: true, value: 1 });
    try {
      assert.deepEqual(Object.keys(clone({ a: 1, b: {} })), ["a", "b"]);
      assert.equal(Buffer.from(encode([{ a: 1 }, { c: {} }], result).bytes).includes("inherited"), false);
    } finally {
      Reflect.deleteProperty(Object.prototype, "inherited");
    }
  });

  test("each getter runs once, and one may encode the same shape in its turn", () => {
    let runs = 0;
    const value = {
      a: 1,
      get b() {
        runs++;
        return clone([{ a: 2, b: 3, c: 4 }]);
      },
      c: { a: 5, b: 6, c: 7 },
    };
    assert.deepStrictEqual(clone(value), { a: 1, b: [{ a: 2, b: 3, c: 4 }], c: { a: 5, b: 6, c: 7 } });
    assert.equal(runs, 1);
  });

  test("a getter that deletes what comes after it", () => {
    const value = {
      get first() {
        Reflect.deleteProperty(this, "last");
        return 1;
      },
      last: 2,
    };
    assert.deepStrictEqual(clone(value), { first: 1 });
  });

  test("a getter that throws is named, also behind a key that is not learnt", () => {
    const dictionary = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, index]));
    const fail = (): never => {
      throw new RangeError("mine");
    };
    for (const value of [{ a: 1, inner: { b: 1 } }, { inner: dictionary }]) {
      Object.defineProperty(value.inner, "bad", { enumerable: true, get: fail });
      assert.throws(
        () => encode({ before: [{}], value }, result),
        (error) => error instanceof NotSerializableError && error.path === "result.value.inner.bad" && error.cause instanceof RangeError,
      );
    }
    assert.deepStrictEqual(clone({ after: { a: 1 } }), { after: { a: 1 } }, "nothing is left behind");
  });

  test("an object with more keys than a record has", () => {
    const value = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`${index % 2 ? "k" : ""}${index}`, { index }]));
    for (const arrived of [clone(value), decodeError(encodeError(value, result))]) assert.deepStrictEqual(arrived, value);
  });
});

describe("shared references and cycles", () => {
  test("an object that refers to itself and to those around it, before and after its other keys", () => {
    interface Node {
      readonly name: string;
      self?: Node;
      up?: Node;
      down?: readonly Node[];
      last?: Map<Node, Node>;
    }
    const inner: Node = { name: "inner" };
    const outer: Node = { name: "outer", down: [inner, inner] };
    Object.assign(inner, { self: inner, up: outer, last: new Map([[outer, inner]]) });
    Object.assign(outer, { self: outer });
    for (const arrived of firstAndLast(outer)) {
      assert.deepStrictEqual(Object.keys(arrived), ["name", "down", "self"]);
      assert.equal(arrived.self, arrived);
      const [one, other] = arrived.down as [Node, Node];
      assert.equal(one, other);
      assert.deepStrictEqual([one.self, one.up, one.last?.get(arrived)], [one, arrived, one]);
      assert.deepEqual(Object.keys(one), ["name", "self", "up", "last"]);
    }
  });

  test("a reference into an object with __proto__ among its keys", () => {
    const value = JSON.parse('{"a":0,"__proto__":1,"b":2}') as { a: unknown };
    value.a = { up: value };
    const arrived = clone(value);
    assert.equal((arrived.a as { up: unknown }).up, arrived);
    assert.deepEqual(Object.getOwnPropertyNames(arrived), ["a", "__proto__", "b"]);
    assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
  });

  test("any graph of few shapes", () => {
    const graphs = fc.array(fc.record({ shape: fc.nat(3), links: fc.array(fc.nat(11), { maxLength: 3 }), leaf: fc.jsonValue() }), {
      minLength: 1,
      maxLength: 12,
    });
    const keys = [["a", "b", "c"], ["c", "b", "a"], ["a", "1", "__proto__"], ["only"]];
    fc.assert(
      fc.property(graphs, (plan) => {
        const nodes = plan.map((): Record<string, unknown> => ({}));
        plan.forEach(({ shape, links, leaf }, at) => {
          (keys[shape] as string[]).forEach((key, index) => {
            const link = links[index];
            const value = link === undefined ? leaf : link % 2 ? nodes[link % nodes.length] : [nodes[link % nodes.length], leaf];
            Object.defineProperty(nodes[at], key, { value, enumerable: true, writable: true, configurable: true });
          });
        });
        assert.deepStrictEqual(clone(nodes), nodes);
      }),
      { numRuns: 1_000, seed: 77 },
    );
  });

  test("a reference back from an instance that its class makes from data is refused as ever", () => {
    refuses([...define(1, "a"), 0x21, ...text("nobody"), 0x0a, 0x00], /no class is registered/);
  });
});

describe("hostile bytes", () => {
  test("equal hashes of different keys", () => {
    for (let round = 0; round < 3 * hot; round++) {
      const key = `k${round % 3}`;
      const bytes = Uint8Array.of(format, 0x12, 2, ...define(4711, key, "z"), 0x81, 0x82, 0x40, 0x83, 0x84);
      assert.deepStrictEqual(decode({ bytes }), [
        { [key]: 1, z: 2 },
        { [key]: 3, z: 4 },
      ]);
    }
  });

  test("a key twice: the last value counts", () => {
    for (let round = 0; round < 2 * hot; round++) {
      assert.deepStrictEqual(decode({ bytes: Uint8Array.of(format, ...define(99, "a", "b", "a"), 0x81, 0x82, 0x83) }), { a: 3, b: 2 });
    }
  });

  test("lengths and counts that are not true", () => {
    refuses([0x22, 1, 2, 3], /end too early/);
    refuses([0x22, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 0x0f], /more than what is left/);
    refuses([0x22, 1, 2, 3, 4, 3, 0xff, 0xff, 0x03], /more than what is left/);
    refuses([0x22, 1, 2, 3, 4, 4, 1, 0xc1, 0x61, 0x81], /longer or shorter/);
    refuses([0x22, 1, 2, 3, 4, 2, 1, 0xc1, 0x61, 0x81], /longer or shorter/);
    refuses([0x22, 1, 2, 3, 4, 3, 1, 0x81, 0x61, 0x81], /a string is expected/);
    refuses([...define(5, "a", "b"), 0x81], /end too early/);
    refuses([...define(6, "a"), 0x40], /end too early/);
    refuses([...define(7, "a"), 0x41], /not defined/);
    refuses([...define(8, "a"), 0x23, 0xff, 0xff, 0xff, 0xff, 0x0f], /not defined/);
    refuses([...define(9, "a"), 0x20, ...text("x"), 0x40], /no class is registered/);
  });

  test("an object in itself, endlessly, and one that is never finished", () => {
    refuses([...define(10, "a"), ...new Array(100_000).fill(0x40)], /end too early/);
    assert.deepStrictEqual(clone({ after: 1 }), { after: 1 });
  });

  test("a path says where, below a shape", () => {
    assert.throws(
      () => decode({ bytes: Uint8Array.of(format, ...define(11, "first", "second"), 0x81, 0x12, 1, 0x20, ...text("nobody"), 0x10, 0) }),
      (error) => error instanceof NotSerializableError && error.path === "value.second[0]",
    );
  });
});

describe("bounds", () => {
  test("100,000 shapes cost no memory that stays, and those that come often are made right afterwards", () => {
    const script = `import { deepStrictEqual } from "node:assert";
      import { setImmediate } from "node:timers/promises";
      import { decode, encode } from ${JSON.stringify(codec)};
      const clone = (value) => decode(encode(value, { root: "result" }));
      const record = (index) => ({ ["a" + index]: 1, ["b" + index * 7]: { ["c" + index]: index } });
      const heapBytes = async () => {
        for (let round = 0; round < 4; round++) {
          gc();
          await setImmediate();
        }
        return process.memoryUsage().heapUsed;
      };
      const pass = (from, to) => {
        for (let index = from; index < to; index++) {
          const arrived = clone(record(index));
          if (index % 997 === 0) deepStrictEqual(arrived, record(index));
        }
      };
      pass(0, 5_000);
      const before = await heapBytes();
      pass(5_000, 105_000);
      const grownBytes = (await heapBytes()) - before;
      for (let round = 0; round < 300; round++) deepStrictEqual(clone({ quick: 1, in: { quick: 2 } }), { quick: 1, in: { quick: 2 } });
      console.log(grownBytes);`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], { encoding: "utf8" });
    assert.match(stdout, /^-?\d+\n$/, stderr);
    // What is bounded takes about 2 MB; kept for ever, these shapes would take more than 60.
    assert.ok(Number(stdout) < 10 * 2 ** 20, `${stdout} bytes`);
  });

  test("one message of 100,000 shapes", () => {
    const value = Array.from({ length: 100_000 }, (_, index) => ({ [`m${index}`]: index }));
    assert.deepStrictEqual(clone(value), value);
  });

  test("where no code may be generated", () => {
    const script = `import { decode, encode } from ${JSON.stringify(codec)};
      let generates = true;
      try { new Function(""); } catch { generates = false; }
      const value = Array.from({ length: 300 }, (_, index) => ({ index, name: "x", __proto__: null, inner: { index } }))
        .map((one) => ({ ...one }));
      const arrived = decode(encode(value, { root: "result" }));
      console.log(generates, JSON.stringify(arrived) === JSON.stringify(value));`;
    for (const [flags, generates] of [
      [["--disallow-code-generation-from-strings"], false],
      [[], true],
    ] as const) {
      const { stdout, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "-e", script], { encoding: "utf8" });
      assert.equal(stdout.trim(), `${generates} true`, stderr);
    }
  });
});
