// What survives a crossing: errors, instances of classes; and what is refused.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { types } from "node:util";
import { CancelledError, TaskGroupError, WorkerLostError } from "../../../src/contract/errors.ts";
import { serializable } from "../../../src/wire/codec.ts";
import { made, type SurvivalSection, same } from "./survival-table.ts";

class Money {
  readonly amount: number;
  readonly currency: string;
  constructor(amount: number, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
  toString(): string {
    return `${this.amount} ${this.currency}`;
  }
}
serializable(Money, { name: "test.Money" });

class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
}
serializable(Secret, { name: "test.Secret", encode: (secret) => secret.reveal(), decode: (text: string) => new Secret(text) });

class Inventory extends Map<string, number> {
  total(): number {
    return [...this.values()].reduce((sum, count) => sum + count, 0);
  }
}
serializable(Inventory, { name: "test.Inventory" });

class QuotaError extends RangeError {
  override readonly name = "QuotaError";
  readonly limit = 5;
}
serializable(QuotaError, { name: "test.QuotaError" });

class Plain {
  readonly x = 1;
  double(): number {
    return this.x * 2;
  }
}

class Unknown extends TypeError {
  override get name(): string {
    return "Unknown";
  }
  readonly hint = "not registered";
}

export const errors: SurvivalSection = {
  title: "Errors",
  cases: [
    {
      value: "`Error` and every built-in class of errors",
      arrives: "the same class, message, stack and own properties",
      make: () => [
        new Error("e"),
        new TypeError("t"),
        new RangeError("r"),
        new SyntaxError("s"),
        new ReferenceError("f"),
        new EvalError("v"),
        new URIError("u"),
        Object.assign(new Error("x"), { code: "E_X", data: { a: 1 } }),
      ],
      check(arrived: Error[], sent: Error[]) {
        assert.deepStrictEqual(arrived, sent);
        assert.deepEqual(
          arrived.map((error) => error.stack),
          sent.map((error) => error.stack),
        );
        assert.ok(arrived.every((error) => types.isNativeError(error)));
        assert.deepEqual(
          arrived.map((error) => Object.keys(error)),
          sent.map((error) => Object.keys(error)),
        );
      },
    },
    {
      value: "`cause` (any value, cycles too), `AggregateError.errors`",
      arrives: same,
      make: () => made(new AggregateError([new TypeError("a"), 1], "both", { cause: { code: 7 } }), (error) => error.errors.push(error)),
      check(arrived: AggregateError) {
        assert.ok(arrived instanceof AggregateError);
        assert.ok(arrived.errors[0] instanceof TypeError);
        assert.equal(arrived.errors[2], arrived);
        assert.deepEqual(arrived.cause, { code: 7 });
        assert.deepEqual(Object.keys(arrived), []);
      },
    },
    {
      value: "`DOMException`",
      arrives: "a `DOMException` of the same name",
      make: () => new DOMException("stop", "AbortError"),
      check(arrived: DOMException, sent: DOMException) {
        assert.ok(arrived instanceof DOMException);
        assert.deepEqual([arrived.name, arrived.message, arrived.code, arrived.stack], [sent.name, sent.message, sent.code, sent.stack]);
      },
    },
    {
      value: "`AssertionError` of `node:assert`",
      arrives: same,
      make: () => new assert.AssertionError({ actual: 1, expected: 2, operator: "strictEqual" }),
      check(arrived: InstanceType<typeof assert.AssertionError>) {
        assert.ok(arrived instanceof assert.AssertionError);
        assert.deepEqual([arrived.code, arrived.actual, arrived.expected], ["ERR_ASSERTION", 1, 2]);
      },
    },
    {
      value: "errors of brigade",
      arrives: "the same class with its fields",
      make: () => [
        new CancelledError("stop"),
        new WorkerLostError("gone", { worker: "threads-1", signal: "SIGKILL", attempt: 2 }),
        new TaskGroupError([new CancelledError()]),
      ],
      check(arrived: [CancelledError, WorkerLostError, TaskGroupError], sent: object) {
        assert.deepStrictEqual(arrived, sent);
        const [cancelled, lost, group] = arrived;
        assert.ok(cancelled instanceof CancelledError && cancelled.name === "AbortError");
        assert.ok(lost instanceof WorkerLostError && lost.signal === "SIGKILL" && lost.code === "ERR_BRIGADE_WORKER_LOST");
        assert.ok(group instanceof TaskGroupError && group.errors[0] instanceof CancelledError);
      },
    },
    {
      value: "registered classes of errors, and those that a loaded module exports",
      arrives: "the same class; no constructor runs",
      make: () => new QuotaError("full"),
      check(arrived: QuotaError, sent: object) {
        assert.deepStrictEqual(arrived, sent);
        assert.ok(arrived instanceof QuotaError && arrived.limit === 5);
      },
    },
    {
      value: "other classes of errors",
      arrives: "the nearest class that is known, with the same `name`, message, stack and own properties",
      make: () => new Unknown("hm"),
      check(arrived: Error & { hint: string }, sent: Error) {
        assert.equal(Object.getPrototypeOf(arrived), TypeError.prototype);
        assert.deepEqual([arrived.name, arrived.message, arrived.stack, arrived.hint], ["Unknown", "hm", sent.stack, "not registered"]);
      },
    },
  ],
};

export const classes: SurvivalSection = {
  title: "Classes",
  cases: [
    {
      value: "instances of a class given to `serializable`",
      arrives: "instances of that class; no constructor runs",
      make: () => new Money(5, "EUR"),
      check(arrived: Money) {
        assert.ok(arrived instanceof Money);
        assert.equal(String(arrived), "5 EUR");
      },
    },
    {
      value: "the same with `encode` and `decode`",
      arrives: "what `decode` makes",
      make: () => new Secret("x"),
      check(arrived: Secret) {
        assert.equal(arrived.reveal(), "x");
      },
    },
    {
      value: "a registered heir of `Map`, `Array`, `Set`, …",
      arrives: "instances of that class with its members",
      make: () =>
        new Inventory([
          ["a", 1],
          ["b", 2],
        ]),
      check(arrived: Inventory) {
        assert.ok(arrived instanceof Inventory);
        assert.equal(arrived.total(), 3);
      },
    },
    {
      value: "instances of any other class",
      arrives: "plain objects of their own enumerable properties (of a heir of `Map`: a `Map`)",
      make: () => new Plain(),
      check(arrived: object) {
        assert.deepStrictEqual(arrived, { x: 1 });
      },
    },
    {
      value: "getters, frozen objects, hidden and symbol-keyed properties",
      arrives: "values, not frozen, left out, left out",
      make: () =>
        Object.freeze(Object.defineProperties({ [Symbol("s")]: 1 }, { got: { enumerable: true, get: () => 5 }, hidden: { value: 1 } })),
      check(arrived: object) {
        assert.deepStrictEqual(arrived, { got: 5 });
        assert.ok(!Object.isFrozen(arrived));
      },
    },
  ],
};

export const refused: SurvivalSection = {
  title: "Refused",
  cases: [
    {
      value: "functions (a portable one travels by its name)",
      arrives: "",
      make: () => ({ user: { socket: () => 1 } }),
      refusedAt: "result.user.socket",
    },
    { value: "symbols", arrives: "", make: () => [1, Symbol("s")], refusedAt: "result[1]" },
    { value: "promises and tasks", arrives: "", make: () => ({ "a b": Promise.resolve(1) }), refusedAt: 'result["a b"]' },
    { value: "`WeakMap`, `WeakSet`, `WeakRef`", arrives: "", make: () => new Map([["k", new WeakMap()]]), refusedAt: 'result.get("k")' },
    { value: "generators, iterators", arrives: "", make: () => new Set([1, [1].values()]), refusedAt: "result[1]" },
    {
      value: "sockets, streams and other EventEmitters",
      arrives: "",
      make: () => ({ events: new EventEmitter() }),
      refusedAt: "result.events",
    },
    {
      value: "other objects of the platform (`Intl.*`, `ReadableStream`, `AbortController`, …)",
      arrives: "",
      make: () => [new AbortController()],
      refusedAt: "result[0]",
    },
    {
      value: "what throws when read",
      arrives: "",
      make: () => ({
        get broken() {
          throw new RangeError("no");
        },
      }),
      refusedAt: "result.broken",
    },
    {
      value: "a detached buffer",
      arrives: "",
      make: () => ({ bytes: made(new ArrayBuffer(2), (buffer) => structuredClone(buffer, { transfer: [buffer] })) }),
      refusedAt: "result.bytes",
    },
    {
      value: "`SharedArrayBuffer` to another process",
      arrives: "",
      make: () => ({ list: [new SharedArrayBuffer(1)] }),
      refusedAt: "result.list[0]",
    },
  ],
};
