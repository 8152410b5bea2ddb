import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import type { EncodeOptions } from "../../../src/wire/codec.ts";
import { cloneValue, decode, encode } from "../../../src/wire/codec.ts";

const result = { root: "result" } as const;
const clone = <T>(value: T): T => cloneValue(value, result) as T;

function refusal(value: unknown, options: EncodeOptions = result): NotSerializableError {
  try {
    encode(value, options);
  } catch (error) {
    assert.ok(error instanceof NotSerializableError, `encode threw ${String(error)}`);
    return error;
  }
  assert.fail("it was not refused");
}

describe("paths", () => {
  const bad = () => 1;
  const cases: readonly (readonly [path: string, value: unknown, root?: EncodeOptions["root"]])[] = [
    ["result", bad],
    ["arguments[0].user.socket", [{ user: { socket: bad } }], "arguments"],
    ["progress[2]", [1, 2, bad], "progress"],
    ['result["a b"]["0"].$_é', { "a b": { 0: { $_é: bad } } }],
    ['result.map.get("k")[0]', { map: new Map([["k", [bad]]]) }],
    [
      "result.get(0)",
      new Map<unknown, unknown>([
        [0.5, 1],
        [-0, bad],
      ]),
    ],
    ["result.get(7n)", new Map([[7n, bad]])],
    ["result.get(null)", new Map([[null, bad]])],
    [
      "result.values()[1]",
      new Map<unknown, unknown>([
        [1, 1],
        [{}, bad],
      ]),
    ],
    ["result.keys()[0]", new Map([[bad, 1]])],
    [
      "result.keys()[1].x",
      new Map<unknown, unknown>([
        [1, 1],
        [{ x: bad }, 1],
      ]),
    ],
    ["result.set[2]", { set: new Set([1, 2, bad]) }],
    ["result[3]", Object.assign(new Array(9), { 3: bad })],
    ["result.extra", Object.assign([1], { extra: bad })],
    ["result.extra", Object.assign(new Map([[1, 2]]), { extra: bad })],
    [
      "result.cause.errors[1].response",
      new Error("x", { cause: new AggregateError([1, Object.assign(new Error("y"), { response: bad })]) }),
    ],
  ];
  for (const [path, value, root = "result"] of cases) {
    test(path, () => {
      assert.equal(refusal(value, { root }).path, path);
    });
  }

  test("the member that comes after finished containers is the one that is named", () => {
    assert.equal(refusal({ a: [1, { b: new Map([[1, new Set([1])]]) }], c: { d: bad } }).path, "result.c.d");
  });

  test("long paths are shortened in the middle, long keys are cut", () => {
    const root: Record<string, unknown> = {};
    let inner = root;
    for (let depth = 0; depth < 1000; depth++) inner = inner[depth === 999 ? "last" : "next"] = {};
    inner.bad = bad;
    const { path, message } = refusal(root);
    assert.match(path, /^result(\.next){12}…\(977 more\)…(\.next){10}\.last\.bad$/);
    assert.ok(message.includes(path));
    assert.ok(refusal({ ["x".repeat(10_000)]: bad }).path.length < 100);
  });
});

describe("refusals", () => {
  test("what user code throws while it is read is the cause", () => {
    const thrown = new RangeError("mine");
    const fail = (): never => {
      throw thrown;
    };
    const trap = (handler: ProxyHandler<object>, target: object = {}) => new Proxy(target, handler);
    const hostile: Record<string, unknown> = {
      getter: Object.defineProperty({}, "x", { enumerable: true, get: fail }),
      prototype: trap({ getPrototypeOf: fail }),
      keys: trap({ ownKeys: fail }),
      get: trap({ get: fail }, { a: 1 }),
      array: trap({ get: fail }, [1]),
      message: Object.defineProperty(new Error(), "message", { get: fail }),
    };
    for (const [name, value] of Object.entries(hostile)) {
      const error = refusal({ [name]: value });
      assert.equal(error.cause, thrown, name);
      assert.ok(error.path.startsWith(`result.${name}`), error.path);
    }
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.ok(refusal([proxy]).cause instanceof TypeError);
  });

  test("a getter that throws undefined, or a NotSerializableError of its own, is wrapped as well", () => {
    const own = new NotSerializableError("mine", "elsewhere");
    for (const thrown of [undefined, own]) {
      const error = refusal({
        get x(): never {
          throw thrown;
        },
      });
      assert.equal(error.path, "result.x");
      assert.equal(error.cause, thrown);
    }
  });

  test("a proxy whose prototype is a proxy without end is no endless loop", () => {
    const loop: object = new Proxy({}, { getPrototypeOf: () => loop });
    assert.deepStrictEqual(clone({ loop }), { loop: {} });
  });

  test("objects of another realm are what they are", async () => {
    const { runInNewContext } = await import("node:vm");
    const foreign = runInNewContext(
      "({ map: new Map([[1, [2]]]), error: new TypeError('t'), date: new Date(5), plain: { a: 1 }, bytes: new Uint8Array([1]) })",
    );
    const arrived = clone(foreign);
    assert.deepStrictEqual(arrived.map, new Map([[1, [2]]]));
    assert.ok(arrived.error instanceof TypeError);
    assert.deepStrictEqual([arrived.date, arrived.plain, arrived.bytes], [new Date(5), { a: 1 }, new Uint8Array([1])]);
    assert.equal(refusal([runInNewContext("new WeakSet()")]).path, "result[0]");
    assert.equal(refusal([runInNewContext("Promise.resolve()")]).path, "result[0]");
  });

  test("encoding inside a getter of what is being encoded does not disturb it", () => {
    const value = {
      before: "x".repeat(100),
      get inner() {
        return clone({ deep: ["y".repeat(200)] });
      },
      after: [1],
    };
    assert.deepStrictEqual(clone(value), { before: "x".repeat(100), inner: { deep: ["y".repeat(200)] }, after: [1] });
  });
});

describe("depth", () => {
  const levels = 100_000;
  const nested = () => {
    let value: unknown = "core";
    for (let level = 0; level < levels; level++) value = level % 3 === 0 ? [value] : level % 3 === 1 ? { value } : new Map([[1, value]]);
    return value;
  };
  const depthOf = (value: unknown): number => {
    let depth = 0;
    for (let at = value; typeof at === "object"; depth++) {
      at = Array.isArray(at) ? at[0] : at instanceof Map ? at.get(1) : (at as { value: unknown }).value;
    }
    return depth;
  };

  test("100,000 levels arrive", () => {
    assert.equal(depthOf(clone(nested())), levels);
  });

  test("a chain of 20,000 causes arrives", () => {
    let error = new Error("0");
    for (let level = 1; level < 20_000; level++) error = new Error(String(level), { cause: error });
    let depth = 1;
    for (let at: unknown = (clone(error) as Error).cause; at instanceof Error; at = at.cause) depth++;
    assert.equal(depth, 20_000);
  });

  test("a thread with a small stack takes them too", async () => {
    const { bytes } = encode(nested(), result);
    const codec = new URL("../../../src/wire/codec.js", import.meta.url).href;
    const script = `const { parentPort, workerData } = require("node:worker_threads");
      import(workerData.codec).then(({ decode, encode }) => parentPort.postMessage(encode(decode({ bytes: workerData.bytes }), { root: "result" }).bytes));`;
    const worker = new Worker(script, { eval: true, workerData: { codec, bytes }, resourceLimits: { stackSizeMb: 0.5 } });
    try {
      const back = await new Promise<Uint8Array>((resolve, reject) => worker.once("message", resolve).once("error", reject));
      assert.deepEqual(Buffer.compare(back, bytes), 0);
    } finally {
      await worker.terminate();
    }
  });
});

describe("prototypes", () => {
  test("keys that name setters and read-only members become own properties", () => {
    const value = JSON.parse('{"__proto__":1,"toString":2,"hasOwnProperty":3,"__defineGetter__":4}');
    const arrived = clone(value);
    assert.deepStrictEqual(Object.entries(arrived), Object.entries(value));
    assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });

  test("own __proto__ on arrays, Maps and errors", () => {
    const own = <T extends object>(target: T) =>
      Object.defineProperty(target, "__proto__", { value: { polluted: 1 }, enumerable: true, configurable: true, writable: true });
    for (const value of [own([1]), own(new Map([[1, 2]])), own(new Error("x"))]) {
      const arrived = clone(value);
      assert.equal(Object.getPrototypeOf(arrived), Object.getPrototypeOf(value));
      assert.deepStrictEqual(Object.getOwnPropertyDescriptor(arrived, "__proto__")?.value, { polluted: 1 });
    }
  });
});

describe("bytes", () => {
  test("are private to their message, short ones and long ones", () => {
    const first = encode({ a: "first" }, result);
    const copy = first.bytes.slice();
    encode({ b: "second, longer than the first" }, result);
    assert.deepEqual(first.bytes, copy);
    const messages = Array.from({ length: 300 }, (_, index) => ({ value: "x".repeat(index * 20), index }));
    const encoded = messages.map((message) => encode(message, result));
    assert.deepStrictEqual(
      encoded.map((one) => decode(one)),
      messages,
    );
    const long = encode("x".repeat(5_000), result).bytes;
    assert.equal(long.buffer.byteLength, long.byteLength, "a long one may be moved");
  });

  test("may lie anywhere in a larger buffer", () => {
    const { bytes } = encode([1.5, "x", 2n ** 70n, new Float64Array([1])], result);
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes, 3);
    assert.deepStrictEqual(decode({ bytes: padded.subarray(3, 3 + bytes.length) }), [1.5, "x", 2n ** 70n, new Float64Array([1])]);
  });

  test("may be a Buffer, and nothing decoded shares its memory", () => {
    const value = { own: Buffer.from("pooled"), array: new Uint8Array([1, 2, 3]), buffer: new Uint8Array([4]).buffer };
    const bytes = Buffer.concat([Buffer.from("before"), encode(value, result).bytes]).subarray(6);
    const arrived = decode({ bytes }) as typeof value;
    bytes.fill(0);
    assert.deepStrictEqual(arrived, value);
    assert.deepEqual([arrived.own.buffer.byteLength, arrived.array.buffer.byteLength], [6, 3]);
  });

  test("large messages, small messages after them", () => {
    const large = { text: "é".repeat(3_000_000), wide: "漢".repeat(500_000), bytes: new Uint8Array(3_000_000).fill(7) };
    assert.deepStrictEqual(clone(large), large);
    assert.deepStrictEqual(clone([1]), [1]);
  });
});
