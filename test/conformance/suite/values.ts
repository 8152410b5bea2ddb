import assert from "node:assert/strict";
import { NotSerializableError } from "../../../src/runtime/index.ts";
import type { Case, Subject } from "../case.ts";
import { assertError, failureOf } from "../ground.ts";
import {
  apply,
  bytes,
  depthOf,
  double,
  echo,
  fill,
  giveAway,
  giveTwice,
  keptList,
  later,
  leftOver,
  lengthOf,
  midpoint,
  nestedArrays,
  Point,
  polluted,
  show,
  spoil,
} from "../tasks.ts";
import { giveUnclonable, unclonables } from "../tasks-faults.ts";

const cyclic = (): unknown => {
  const node: { name: string; self?: unknown; list: unknown[]; map: Map<unknown, unknown> } = { name: "node", list: [], map: new Map() };
  node.self = node;
  node.list.push(node, node.list);
  node.map.set(node, node.map);
  return node;
};
const proto = (): unknown => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "plain": 1}');
const sparse = (): unknown => {
  const list: unknown[] = [1];
  list[2] = 3;
  list.length = 6;
  return Object.assign(list, { extra: "property" });
};

/** Values of every kind that travels, made afresh. */
export const values: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  booleans: () => [true, false],
  numbers: () => [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, 2 ** 31, -(2 ** 31)],
  bigints: () => [0n, -1n, 2n ** 64n, -(2n ** 200n)],
  strings: () => ["", "grüße", "\u{1F600}", "\ud800", "\udc00 lone", "\0", "a".repeat(70_000)],
  objects: () => ({ a: { b: { c: [1, { d: undefined }] } }, "odd key": 1, 7: "seven" }),
  "null-prototype objects": () => Object.assign(Object.create(null), { bare: true }),
  "__proto__ keys": proto,
  "sparse arrays": sparse,
  Map: () =>
    new Map<unknown, unknown>([
      ["k", 1],
      [{ key: true }, new Map([[1, 2]])],
      [Number.NaN, "nan"],
    ]),
  Set: () => new Set<unknown>([1, "a", new Set([2])]),
  Date: () => [new Date(0), new Date(Number.NaN)],
  RegExp: () => [/a+/giu, /[\]/]/],
  URL: () => [new URL("https://example.org/a?b=c#d"), new URLSearchParams("a=1&a=2")],
  boxed: () => [Object(1), Object("text"), Object(true), Object(1n)],
  ArrayBuffer: () => new Uint8Array([1, 2, 3]).buffer,
  "typed arrays": () => [
    new Uint8Array([1, 255]),
    new Int16Array([-1]),
    new Float32Array([1.5]),
    new Float64Array([Math.PI, -0]),
    new BigInt64Array([-5n]),
    new Uint8ClampedArray([300]),
    new DataView(new Uint8Array([9, 8, 7]).buffer, 1, 2),
    Buffer.from("buffer"),
  ],
  errors: () => [Object.assign(new RangeError("as a value", { cause: 1 }), { code: "E" })],
  cycles: cyclic,
};

const roundTrips = Object.entries(values).map(
  ([name, make]): Case => ({
    name: `${name} come back the same`,
    async run({ shared }) {
      const value = make();
      const text = show(value);
      assert.equal(await shared.run(show, value), text, "it arrives the same");
      for (const fn of [echo, later]) {
        const back = await shared.run(fn, value);
        assert.equal(show(back), text, "it comes back the same");
        // The comparison of Node 20 takes two invalid dates for different.
        if (name !== "Date") assert.deepStrictEqual(back, value);
      }
    },
  }),
);

export const valueCases: Subject = {
  name: "values",
  cases: [
    ...roundTrips,
    {
      name: "a result is a copy: what the caller does to it does not reach the worker",
      needs: ["copies"],
      async run(ground) {
        const executor = ground.open({ size: 1 });
        (await executor.run(keptList)).push("changed");
        assert.deepEqual(await executor.run(keptList), ["as it was"]);
      },
    },
    {
      name: "an object met twice is met twice",
      async run({ shared }) {
        const one = { one: 1 };
        const back = (await shared.run(echo, [one, { again: one }])) as [object, { again: object }];
        assert.strictEqual(back[0], back[1].again);
      },
    },
    {
      name: "__proto__ keys change no prototype",
      async run({ shared }) {
        const plain = JSON.parse('{"__proto__": {"polluted": "yes"}, "a": 1}') as object;
        assert.deepEqual(await shared.run(polluted, { plain }), { ownKeys: ["__proto__", "a"], prototype: true, global: "clean" });
        assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      },
    },
    {
      name: "registered classes arrive and come back as themselves",
      async run({ shared }) {
        assert.deepEqual(await shared.run(lengthOf, new Point(3, 4)), [true, 5]);
        const middle = await shared.run(midpoint, new Point(0, 0), new Point(2, 4));
        assert.ok(middle instanceof Point);
        assert.deepEqual([middle.x, middle.y, middle.length], [1, 2, Math.hypot(1, 2)]);
      },
    },
    {
      name: "an instance of an unregistered class arrives as its own properties",
      needs: ["copies"],
      async run({ shared }) {
        class Unregistered {
          readonly a = 1;
          get b(): number {
            return 2;
          }
        }
        const back = await shared.run(echo, new Unregistered());
        assert.deepStrictEqual(back, { a: 1 });
      },
    },
    {
      name: "what the worker changes stays there, and what changes after the submission stays here",
      needs: ["copies"],
      async run({ shared }) {
        const list: unknown[] = ["mine"];
        assert.equal(await shared.run(spoil, list), 2);
        assert.deepEqual(list, ["mine"]);
        const task = shared.run(show, list);
        list.push("after");
        assert.equal(await task, "[ 'mine' ]");
      },
    },
    {
      name: "a portable function travels as an argument and comes back",
      async run({ shared }) {
        assert.equal(await shared.run(apply, double, 21), 42);
        const back = (await shared.run(echo, double)) as typeof double;
        assert.equal(await back(4), 8);
        assert.equal(await shared.run(apply, back, 5), 10);
      },
    },
    {
      name: "megabytes there and back",
      async run({ shared }) {
        const back = await shared.run(bytes, 8_000_000);
        assert.equal(back.byteLength, 8_000_000);
        assert.equal(back[7_999_999], 7);
        const there = (await shared.run(echo, new Uint8Array(5_000_000).fill(3))) as Uint8Array;
        assert.equal(there.byteLength, 5_000_000);
        assert.equal(there[4_999_999], 3);
        assert.equal(((await shared.run(echo, "ü".repeat(1_000_000))) as string).length, 1_000_000);
      },
    },
    {
      name: "ten thousand levels of nesting",
      async run({ shared }) {
        assert.equal(await shared.run(depthOf, nestedArrays(10_000)), 10_000);
        assert.equal(depthOf(await shared.run(nestedArrays, 10_000)), 10_000);
      },
    },
    {
      name: "transfer takes the buffer from the caller",
      needs: ["copies"],
      async run({ shared }) {
        const buffer = new Uint8Array([1, 2, 3]).buffer;
        const back = await shared.with({ transfer: [buffer] }).run(echo, buffer);
        assert.deepStrictEqual(back, new Uint8Array([1, 2, 3]).buffer);
        assert.equal(buffer.byteLength, 0, "detached here");
      },
    },
    {
      name: "transfer takes the buffer of a result from the task that returns it",
      needs: ["copies"],
      async run({ open }) {
        // One worker, which the second call finds again.
        const executor = open({ size: 1 });
        const back = await executor.run(giveAway, 300_000);
        assert.equal(back.byteLength, 300_000);
        assert.ok(back.every((byte) => byte === 7));
        assert.deepEqual(await executor.run(leftOver), [0, 0], "detached there, views and buffer");
        const error = await failureOf(executor.run(giveTwice));
        assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
      },
    },
    {
      name: "a SharedArrayBuffer is the same memory there",
      needs: ["sharedMemory"],
      async run({ shared }) {
        const words = new Int32Array(new SharedArrayBuffer(8));
        await shared.run(fill, words, 5);
        assert.deepEqual([...words], [5, 5]);
      },
    },
    {
      name: "a SharedArrayBuffer never turns into a copy: it is shared, or refused by its path",
      async run({ shared, level }) {
        const words = new Int32Array(new SharedArrayBuffer(8));
        const task = shared.run(fill, words, 5);
        if (level === "process") {
          const error = await failureOf(task);
          assertError(error, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
          assert.match(error.path, /^arguments\[0\]/);
        } else await task;
        assert.deepEqual([...words], level === "process" ? [0, 0] : [5, 5]);
      },
    },
    {
      name: "what cannot travel is refused by its path",
      needs: ["copies"],
      async run({ shared }) {
        for (const [name, make] of Object.entries(unclonables)) {
          const there = await failureOf(shared.run(echo, { user: make() }));
          assertError(there, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
          assert.match(there.path, /^arguments\[0\]\.user\.deep\[0\]/, name);
          const back = await failureOf(shared.run(giveUnclonable, name));
          assertError(back, NotSerializableError, "ERR_BRIGADE_NOT_SERIALIZABLE");
          assert.match(back.path, /^result\.deep\[0\]/, name);
        }
      },
    },
  ],
};
