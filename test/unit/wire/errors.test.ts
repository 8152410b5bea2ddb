import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { types } from "node:util";
import { BrigadeError, CancelledError, NotSerializableError, TaskGroupError } from "../../../src/contract/errors.ts";
import { cloneValue, decodeError, encodeError, serializable } from "../../../src/wire/codec.ts";

const reason = { root: "reason" } as const;
const cross = (error: unknown): unknown => decodeError(encodeError(error, reason));

describe("what was thrown", () => {
  test("need not be an error", () => {
    for (const thrown of [undefined, null, 0, "text", false, 7n, { code: 1 }, [1]]) assert.deepStrictEqual(cross(thrown), thrown);
    const bare = cross(Object.assign(Object.create(null), { code: 1 })) as object;
    assert.equal(Object.getPrototypeOf(bare), null);
    assert.deepEqual({ ...bare }, { code: 1 });
  });

  test("may be something that cannot travel, and then the reason says what it was", () => {
    const fail = (): never => {
      throw new Error("trap");
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [() => 1, /threw a function/],
      [class Thrown {}, /threw a function/],
      [Symbol("s"), /threw a symbol/],
      [new Proxy({}, { getPrototypeOf: fail }), /cannot be read/],
      [new Proxy({}, { ownKeys: fail }), /cannot be read/],
      [proxy, /cannot be read/],
      [Promise.resolve(), /cannot be read/],
    ];
    for (const [thrown, message] of cases) {
      const arrived = cross(thrown);
      assert.ok(arrived instanceof NotSerializableError);
      assert.match(arrived.message, message);
      assert.equal(arrived.path, "reason");
    }
  });

  test("may carry what cannot travel: it becomes undefined, the rest arrives", () => {
    const thrown = Object.assign(new RangeError("m", { cause: () => 1 }), {
      code: "E",
      retry: () => 1,
      list: [Symbol("s"), 1, { f: () => 1 }],
    });
    const arrived = cross(thrown) as typeof thrown;
    assert.ok(arrived instanceof RangeError);
    assert.deepEqual([arrived.message, arrived.code, arrived.retry, arrived.cause], ["m", "E", undefined, undefined]);
    assert.deepStrictEqual(arrived.list, [undefined, 1, { f: undefined }]);
    assert.equal(arrived.stack, thrown.stack);
  });

  test("may have hostile getters", () => {
    const get = (): never => {
      throw new Error("getter");
    };
    for (const property of ["message", "stack", "name", "cause", "code", "constructor"]) {
      const arrived = cross(Object.defineProperty(new TypeError("m"), property, { get, enumerable: true }));
      assert.ok(arrived instanceof TypeError, property);
      assert.ok(property !== "message" ? arrived.message === "m" : /could not be read/.test(arrived.message), property);
    }
    assert.deepStrictEqual(
      cross({
        get message() {
          return get();
        },
        a: 1,
      }),
      { message: undefined, a: 1 },
    );
  });

  test("may be of an old-style class", () => {
    function Legacy(this: Error, message: string) {
      this.message = message;
    }
    Legacy.prototype = Object.create(Error.prototype, { constructor: { value: Legacy }, name: { value: "Legacy" } });
    const arrived = cross(Reflect.construct(Legacy, ["old"])) as Error;
    assert.ok(types.isNativeError(arrived));
    assert.deepEqual([arrived.name, arrived.message], ["Legacy", "old"]);
  });
});

describe("classes of errors", () => {
  class Exported extends RangeError {
    readonly detail = { a: 1 };
    constructor() {
      super("exported");
      assert.equal(new.target, Exported);
    }
  }
  const reference = { url: "file:///tasks.js", name: "Exported" };
  const exportedClass = (cls: unknown) => (cls === Exported ? reference : undefined);

  test("exported by a module: found through the hooks, no constructor runs", () => {
    const encoded = encodeError(new Exported(), { ...reason, exportedClass });
    const asked: unknown[] = [];
    const arrived = decodeError(encoded, { resolveClass: (wanted) => (asked.push(wanted) > 0 ? Exported : undefined) });
    assert.deepEqual(asked, [reference]);
    assert.ok(arrived instanceof Exported && types.isNativeError(arrived));
    assert.deepStrictEqual(arrived.detail, { a: 1 });
  });

  test("missing on this side: the nearest one that is known", () => {
    class Deeper extends Exported {
      override readonly name = "Deeper";
    }
    const encoded = encodeError(new (class extends CancelledError {})("stop"), reason);
    assert.ok(decodeError(encoded) instanceof CancelledError);
    const deeper = Object.create(Deeper.prototype, { message: { value: "d" }, name: { value: "Deeper" } });
    const viaExported = decodeError(encodeError(deeper, { ...reason, exportedClass }), { resolveClass: () => Exported });
    assert.ok(viaExported instanceof Exported && viaExported.name === "Deeper" && viaExported.message === "d");
    const viaBuiltIn = decodeError(encodeError(deeper, { ...reason, exportedClass }), { resolveClass: () => undefined }) as Error;
    assert.equal(Object.getPrototypeOf(viaBuiltIn), RangeError.prototype);
    assert.equal(viaBuiltIn.name, "Deeper");
  });

  test("a hook that names something else than an error class is not believed", () => {
    const encoded = encodeError(new Exported(), { ...reason, exportedClass });
    const arrived = decodeError(encoded, { resolveClass: () => Map }) as Error;
    assert.equal(Object.getPrototypeOf(arrived), RangeError.prototype);
  });

  test("registered with hooks", () => {
    class Coded extends Error {
      readonly #code: number;
      constructor(code: number) {
        super(`code ${code}`);
        this.#code = code;
      }
      get code(): number {
        return this.#code;
      }
    }
    serializable(Coded, { name: "errors.Coded", encode: (error) => error.code, decode: (code: number) => new Coded(code) });
    const arrived = cross(new Coded(5));
    assert.ok(arrived instanceof Coded && arrived.code === 5);
  });

  test("brigade's: instanceof, name, code, tree", () => {
    const group = cross(new TaskGroupError([new TaskGroupError([new CancelledError("inner", { cause: "why" })]), new TypeError("t")]));
    assert.ok(group instanceof TaskGroupError && group instanceof AggregateError && group instanceof BrigadeError);
    const [inner] = group.errors as TaskGroupError[];
    assert.ok(inner?.errors[0] instanceof CancelledError && inner.errors[0].cause === "why");
    assert.equal(group.split((error) => error instanceof TypeError)[0]?.errors.length, 1);
  });

  test("what enumeration hides stays hidden", () => {
    const arrived = cloneValue(new AggregateError([1], "m", { cause: 1 }), reason) as Error;
    assert.deepEqual(Object.keys(arrived), []);
    assert.deepEqual(Object.getOwnPropertyNames(arrived).sort(), ["cause", "errors", "message", "stack"]);
    assert.equal(JSON.stringify(arrived), "{}");
  });
});

describe("both stacks", () => {
  const callerStack = "Error\n    at main (file:///main.js:1:1)\n    at other (file:///main.js:2:2)";

  test("the worker's, the crossing, the caller's", () => {
    const thrown = Object.assign(new RangeError("no\nsuch"), { stack: "RangeError: no\nsuch\n    at parse (file:///tasks.js:7:11)" });
    const arrived = decodeError(encodeError(thrown, reason), { callerStack, crossing: 'task "parse" (thread threads-1)' }) as Error;
    assert.equal(
      arrived.stack,
      'RangeError: no\nsuch\n    at parse (file:///tasks.js:7:11)\n    at brigade task "parse" (thread threads-1)\n    at main (file:///main.js:1:1)\n    at other (file:///main.js:2:2)',
    );
    assert.deepEqual(Object.keys(arrived), []);
  });

  test("of an error whose stack is anything, and of no error at all", () => {
    for (const stack of [undefined, 5, null, { toString: null }]) {
      const arrived = decodeError(encodeError(Object.assign(new Error("m"), { stack }), reason), { callerStack }) as Error;
      assert.match(arrived.stack ?? "", /^Error: m\n {4}at brigade\n {4}at main/);
    }
    assert.equal(decodeError(encodeError("text", reason), { callerStack }), "text");
    const frozen = decodeError(encodeError(Object.freeze(new Error("f")), reason), { callerStack: "no frames" }) as Error;
    assert.match(frozen.stack ?? "", /at brigade$/);
  });

  test("bytes that are damaged are a reason too", () => {
    const arrived = decodeError({ bytes: new Uint8Array([1, 2, 3]) }, { callerStack });
    assert.ok(arrived instanceof NotSerializableError);
    assert.match(arrived.stack ?? "", /at main/);
  });

  test("Error.stackTraceLimit is left as it was", () => {
    const before = Error.stackTraceLimit;
    cross(new Error("x"));
    assert.equal(Error.stackTraceLimit, before);
  });
});
