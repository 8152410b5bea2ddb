// VersionCell: a load gives one version, whole, and never an older one than before; updates are not lost; death at every step.
import assert from "node:assert/strict";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/version-cell.ts";
import { endAt, everyEnd, type Protocol, scenario } from "../protocol.ts";

const longest = 8;

export const versionCell: Protocol = {
  name: "cell",
  file: "memory/version-cell",
  scenarios({ VersionCell }: typeof Module) {
    const setup = () => ({
      words: new Int32Array(new SharedArrayBuffer(4 * VersionCell.size(longest))),
      dead: new Int32Array(new SharedArrayBuffer(4)),
    });
    type State = ReturnType<typeof setup>;
    const open = ({ words, dead }: State, me: number, patience?: number) =>
      new VersionCell(words, 0, longest, me, new Obituary(dead), patience, 20);
    /** As long as its number makes it, so that lengths differ too. */
    const value = (number: number) => new Uint8Array(4 + (number % 5)).fill(number);
    const ready = () => {
      const state = setup();
      open(state, 9).store(value(1));
      return state;
    };
    const whole = (bytes: Uint8Array): number => {
      const number = bytes[0] as number;
      assert.deepEqual(bytes, value(number), "torn");
      return number;
    };
    const storeAll = (me: number, numbers: readonly number[]) => (state: State) => {
      const cell = open(state, me);
      for (const number of numbers) cell.store(value(number));
    };
    const loadTimes = (me: number, times: number, patience?: number) => (state: State) => {
      const cell = open(state, me, patience);
      let newest = 0;
      for (let time = 0; time < times; time++) {
        const number = whole(cell.load().bytes);
        assert.ok(number >= newest, "older than before");
        newest = number;
      }
    };
    const increment = (me: number) => (state: State) => {
      const cell = open(state, me);
      for (;;) {
        const { number, bytes } = cell.load();
        if (cell.store(value(whole(bytes) + 1), number)) return;
      }
    };
    /** Each value is given to one of those who exchange, or is left. */
    const exchange = (me: number, number: number) => (state: State) => {
      const before = whole(open(state, me).exchange(value(number)));
      Atomics.or(state.dead, 0, 1 << (before + 8));
    };
    const dying = (me: number, step: number) => (state: State) => {
      const cell = open(state, me);
      endAt(step, () => cell.store(value(2)));
      new Obituary(state.dead).record(me);
    };
    const ends = (numbers: readonly number[]) => (state: State) => {
      const cell = open(state, 9);
      assert.ok(numbers.includes(whole(cell.load().bytes)));
      cell.store(value(9));
      assert.equal(whole(cell.load().bytes), 9);
    };
    return [
      scenario("a load beside four stores", 3, ready, [storeAll(1, [2, 3, 4, 5]), loadTimes(2, 1)], ends([5])),
      scenario("loads beside stores of two", 2, ready, [storeAll(1, [2, 2]), storeAll(3, [2, 2]), loadTimes(2, 1)], ends([2])),
      scenario("never an older one", 2, ready, [storeAll(1, [2, 3, 4, 5]), loadTimes(2, 3)], ends([5])),
      scenario("a load that keeps the writers out", 2, ready, [storeAll(1, [2, 3, 4, 5]), loadTimes(2, 1, 0)], ends([5])),
      scenario("no update is lost", 2, ready, [increment(1), increment(2)], ends([3])),
      scenario("no update is lost among three", 1, ready, [increment(1), increment(2), increment(3)], ends([4])),
      scenario("exchanges", 2, ready, [exchange(1, 2), exchange(2, 3)], (state) => {
        const left = whole(open(state, 9).load().bytes);
        assert.equal((state.dead[0] as number) | (1 << (left + 8)), 0b1110 << 8);
      }),
      everyEnd("a writer ends", 1, 12, ready, (step) => [dying(1, step), loadTimes(2, 1)], ends([1, 2])),
      everyEnd("a writer ends, another goes on", 1, 12, ready, (step) => [dying(1, step), storeAll(2, [3])], ends([2, 3])),
    ];
  },
  mutants: [
    {
      name: "VERSION before the bytes",
      from: "store(this.#words, at, bytes.length);",
      to: "store(this.#words, this.#base + versionAt, number); store(this.#words, at, bytes.length);",
    },
    { name: "does not look again", from: "if (((load(this.#words, this.#base + versionAt) - number) | 0) < buffers - 1)", to: "if (true)" },
    { name: "looks again one store too late", from: "< buffers - 1)", to: "< buffers)" },
    { name: "one buffer", from: "(number & (buffers - 1)) * this.#size", to: "0" },
    { name: "two buffers by turns", from: "(number & (buffers - 1)) * this.#size", to: "(number & 1) * this.#size" },
    { name: "stores what nobody has asked for", from: "expected === undefined || expected === number", to: "true" },
    { name: "stores without the guard", from: "store(bytes, expected) {\n        this.#guard.enter();", to: "store(bytes, expected) {" },
    { name: "exchanges without the guard", from: "exchange(bytes) {\n        this.#guard.enter();", to: "exchange(bytes) {" },
    {
      name: "the last load lets the writers in",
      from: "this.#guard.enter();\n        const version = this.#newest();",
      to: "const version = this.#newest();",
    },
    { name: "writes the buffer of today", from: "this.#write((number + 1) | 0, bytes);", to: "this.#write(number, bytes);" },
    { name: "the length comes last", from: "store(this.#words, at, bytes.length);", to: "" },
  ],
};
