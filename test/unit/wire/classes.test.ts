import assert from "node:assert/strict";
import { test } from "node:test";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import { cloneValue, decode, encode, serializable } from "../../../src/wire/codec.ts";

const clone = <T>(value: T): T => cloneValue(value, { root: "result" }) as T;

test("serializable returns the class and works as a decorator", () => {
  class Point {
    x = 1;
  }
  assert.equal(serializable(Point, { name: "classes.Point" }), Point);
  class Decorated {
    y = 2;
  }
  // What a compiler makes of `@serializable class Decorated`.
  const context = { kind: "class", name: "Decorated", addInitializer() {}, metadata: {} };
  assert.equal(serializable(Decorated, context as object), Decorated);
  assert.ok(clone(new Point()) instanceof Point);
  assert.ok(clone([new Decorated()])[0] instanceof Decorated);
});

test("bad arguments are TypeErrors", () => {
  const call = serializable as (...args: unknown[]) => unknown;
  for (const bad of [undefined, null, {}, () => 1, "Point"]) assert.throws(() => call(bad), TypeError);
  assert.throws(() => call(class {}), { name: "TypeError", message: /no name/ });
  assert.throws(() => call(class A {}, { encode: 1 }), { name: "TypeError", message: /encode/ });
});

test("a name belongs to one class, unless the class is evaluated again", () => {
  const evaluate = () => {
    class Row {
      id = 1;
    }
    return Row;
  };
  const first = serializable(evaluate(), { name: "classes.Row" });
  const second = serializable(evaluate(), { name: "classes.Row" });
  assert.notEqual(first, second);
  assert.ok(clone(new second()) instanceof second);
  assert.ok(clone(new first()) instanceof second, "old instances arrive as the new class");
  class Other {}
  assert.throws(() => serializable(Other, { name: "classes.Row" }), { name: "TypeError", message: /classes\.Row/ });
  serializable(second, { name: "classes.Row" });
});

test("encode and decode work alone", () => {
  class Temperature {
    readonly #kelvin: number;
    constructor(kelvin: number) {
      this.#kelvin = kelvin;
    }
    get kelvin(): number {
      return this.#kelvin;
    }
  }
  class EncodeOnly {
    a = 1;
    b = 2;
  }
  class DecodeOnly {
    a = 1;
    made = "";
  }
  serializable(Temperature, { name: "classes.Temperature", encode: (t) => t.kelvin, decode: (kelvin: number) => new Temperature(kelvin) });
  serializable(EncodeOnly, { name: "classes.EncodeOnly", encode: ({ a }) => ({ a }) });
  serializable(DecodeOnly, {
    name: "classes.DecodeOnly",
    decode: (data: object) => Object.assign(new DecodeOnly(), data, { made: "here" }),
  });
  const shared = new Temperature(7);
  const arrived = clone({ list: [shared, shared], keyed: new Map([[shared, "k"]]), set: new Set([shared]) });
  assert.equal(arrived.list[0]?.kelvin, 7);
  assert.equal(arrived.list[0], arrived.list[1]);
  assert.equal(arrived.keyed.get(arrived.list[0] as Temperature), "k");
  assert.ok(arrived.set.has(arrived.list[0] as Temperature));
  assert.deepStrictEqual(Object.entries(clone(new EncodeOnly())), [["a", 1]]);
  assert.equal(clone(new DecodeOnly()).made, "here");
  assert.equal(clone(shared).kelvin, 7, "as the root");
});

test("nested instances: data of a class holds instances of classes", () => {
  class Node2 {
    value: unknown;
    next: unknown;
    constructor(value: unknown, next: unknown) {
      this.value = value;
      this.next = next;
    }
  }
  serializable(Node2, {
    name: "classes.Node",
    encode: (n): [unknown, unknown] => [n.value, n.next],
    decode: ([value, next]: [unknown, unknown]) => new Node2(value, next),
  });
  let list: Node2 | undefined;
  for (let index = 0; index < 10_000; index++) list = new Node2(index, list);
  let length = 0;
  for (let at = clone(list); at instanceof Node2; at = at.next as Node2) length++;
  assert.equal(length, 10_000);
  const cyclic = new Node2(1, undefined);
  cyclic.next = { back: cyclic };
  assert.throws(
    () => encode({ cyclic }, { root: "result" }),
    (error) => error instanceof NotSerializableError && error.path === "result.cyclic[1].back",
  );
});

test("cycles through a class without hooks arrive", () => {
  class Tree {
    children: Tree[] = [];
    parent: Tree | undefined;
  }
  serializable(Tree, { name: "classes.Tree" });
  const root = new Tree();
  root.children.push(Object.assign(new Tree(), { parent: root }));
  const arrived = clone(root);
  assert.equal(arrived.children[0]?.parent, arrived);
  assert.ok(arrived.children[0] instanceof Tree);
});

test("setters of the class are not called, read-only members are set", () => {
  let calls = 0;
  class Guarded {
    constructor() {
      Object.defineProperty(this, "value", { value: 1, enumerable: true });
    }
    set value(_: number) {
      calls++;
    }
  }
  serializable(Guarded, { name: "classes.Guarded" });
  assert.deepStrictEqual(Object.entries(clone(new Guarded())), [["value", 1]]);
  assert.equal(calls, 0);
});

test("hooks that throw: path and cause", () => {
  const thrown = new Error("hook");
  class Bad {
    readonly when: "encode" | "decode";
    constructor(when: "encode" | "decode") {
      this.when = when;
    }
  }
  const fail = (): never => {
    throw thrown;
  };
  serializable(Bad, { name: "classes.Bad", encode: (bad) => (bad.when === "encode" ? fail() : 1), decode: fail });
  for (const when of ["encode", "decode"] as const) {
    assert.throws(
      () => cloneValue({ list: [new Bad(when)] }, { root: "result" }),
      (error) => error instanceof NotSerializableError && error.cause === thrown && error.path === "result.list[0]",
    );
  }
});

test("a class that is missing on the other side is named, with the fix", () => {
  class Local {
    a = 1;
  }
  serializable(Local, { name: "classes.Local1" });
  const { bytes } = encode({ x: [new Local()] }, { root: "arguments" });
  const renamed = Uint8Array.from(bytes);
  renamed[Buffer.from(bytes).indexOf("classes.Local1") + 13] = 0x32;
  assert.throws(
    () => decode({ bytes: renamed }, { root: "arguments" }),
    (error) => error instanceof NotSerializableError && error.path === "arguments.x[0]" && /classes\.Local2.*import/.test(error.message),
  );
});
