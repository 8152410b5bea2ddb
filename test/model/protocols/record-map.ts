// RecordMap: one value for each key, nothing lost, every place of use again; tables that are swept meanwhile; death at every step.
import assert from "node:assert/strict";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/record-map.ts";
import { endAt, everyEnd, type Protocol, scenario } from "../protocol.ts";

const capacity = 2;
const entryBytes = 8;
const seed = 7;
/** Two keys of one hash under that seed, found by search, so that they always stand in each other's way. */
const meeting = [Uint8Array.of(135, 192, 34, 251, 179), Uint8Array.of(130, 94, 204, 26, 1)];

export const recordMap: Protocol = {
  name: "map",
  file: "memory/record-map",
  scenarios({ RecordMap, ABSENT, PUT, FULL, CHANGED }: typeof Module) {
    const setup = () => ({
      buffer: new SharedArrayBuffer(RecordMap.size(capacity, entryBytes)),
      dead: new Int32Array(new SharedArrayBuffer(4)),
    });
    type State = ReturnType<typeof setup>;
    const open = ({ buffer, dead }: State, me: number) =>
      new RecordMap({ buffer, offset: 0, capacity, entryBytes, seed }, me, new Obituary(dead), 20);
    const key = (name: number): Uint8Array => meeting[name - 1] ?? Uint8Array.of(name);
    const nameOf = (bytes: Uint8Array): number => 1 + meeting.findIndex((each) => each[0] === bytes[0]) || (bytes[0] as number);
    const value = (number: number) => Uint8Array.of(number, number);
    const read = (bytes: Uint8Array | undefined): number => {
      if (bytes === undefined) return 0;
      assert.equal(bytes[0], bytes[1], "torn");
      return bytes[0] as number;
    };
    /** A map that so many entries have come into and gone from, which leaves graves; then these. */
    const after =
      (graves: number, entries: Readonly<Record<number, number>> = {}) =>
      () => {
        const state = setup();
        const map = open(state, 9);
        for (let grave = 0; grave < graves; grave++) {
          assert.equal(map.put(key(100 + grave), value(1)), PUT);
          assert.ok(map.delete(key(100 + grave)));
        }
        for (const [name, number] of Object.entries(entries)) assert.equal(map.put(key(Number(name)), value(number)), PUT);
        return state;
      };
    const contents = (map: Module.RecordMap): Record<number, number> =>
      Object.fromEntries(map.entries().map(([name, bytes]) => [nameOf(name), read(bytes)]));
    /** What is there must be one of these, found by every means; and the map must hold as many as ever. */
    const isOneOf = (wanted: readonly Readonly<Record<number, number>>[]) => (state: State) => {
      const map = open(state, 9);
      // The first look repairs what a death has left.
      const found = contents(map);
      assert.ok(
        wanted.some((each) => JSON.stringify(each) === JSON.stringify(found)),
        `found ${JSON.stringify(found)}`,
      );
      const names = Object.keys(found).map(Number);
      assert.equal(map.size, names.length);
      for (const name of names) assert.equal(read(map.get(key(name))?.value), found[name]);
      map.clear();
      assert.deepEqual([map.size, contents(map)], [0, {}]);
      for (let round = 0; round < 6; round++) {
        for (let name = 1; name <= capacity; name++) assert.equal(map.put(key(name), value(name + round)), PUT);
        assert.equal(map.put(key(99), value(1)), FULL);
        assert.deepEqual(contents(map), { 1: 1 + round, 2: 2 + round });
        assert.ok(map.delete(key((round % capacity) + 1)));
      }
    };
    const put = (me: number, name: number, number: number) => (state: State) =>
      assert.equal(open(state, me).put(key(name), value(number)), PUT);
    const remove = (me: number, name: number) => (state: State) => open(state, me).delete(key(name));
    const increment = (me: number, name: number) => (state: State) => {
      const map = open(state, me);
      for (;;) {
        const found = map.get(key(name));
        if (map.put(key(name), value(read(found?.value) + 1), found?.version ?? ABSENT) !== CHANGED) return;
      }
    };
    const incrementInside = (me: number, name: number) => (state: State) =>
      assert.equal(
        open(state, me).putInside(key(name), (bytes) => value(read(bytes) + 1)),
        PUT,
      );
    const look = (me: number, name: number, allowed: readonly number[]) => (state: State) => {
      const map = open(state, me);
      assert.ok(allowed.includes(read(map.get(key(name))?.value)));
      if (!allowed.includes(0)) assert.ok(map.has(key(name)));
    };
    /** One key, taken out and put in again between a look and a put. */
    const replace = (me: number, name: number, number: number) => (state: State) => {
      const map = open(state, me);
      map.delete(key(name));
      map.put(key(name), value(number));
    };
    /** Keys that come and go, more than a table has places. */
    const churn = (map: Module.RecordMap, first: number, count: number) => {
      for (let name = first; name < first + count; name++) {
        assert.equal(map.put(key(name), value(5)), PUT);
        assert.equal(read(map.get(key(name))?.value), 5);
        assert.ok(map.delete(key(name)));
      }
    };
    const dying = (me: number, step: number, act: (map: Module.RecordMap) => void) => (state: State) => {
      endAt(step, () => act(open(state, me)));
      new Obituary(state.dead).record(me);
    };
    return [
      scenario("two keys by two", 2, after(0), [put(1, 1, 5), put(2, 2, 6)], isOneOf([{ 1: 5, 2: 6 }])),
      scenario(
        "one key by two, and who looks",
        1,
        after(0, { 1: 4 }),
        [put(1, 1, 5), put(2, 1, 6), look(3, 1, [4, 5, 6])],
        isOneOf([{ 1: 5 }, { 1: 6 }]),
      ),
      scenario("put and taken out", 2, after(0, { 1: 4 }), [put(1, 1, 5), remove(2, 1)], isOneOf([{}, { 1: 5 }])),
      scenario("no update is lost", 2, after(0), [increment(1, 1), increment(2, 1)], isOneOf([{ 1: 2 }])),
      scenario("no update is lost, one inside", 2, after(0, { 1: 4 }), [increment(1, 1), incrementInside(2, 1)], isOneOf([{ 1: 6 }])),
      scenario(
        "an update of what was replaced meanwhile",
        2,
        after(0, { 1: 4 }),
        [increment(1, 1), replace(2, 1, 4)],
        isOneOf([{ 1: 4 }, { 1: 5 }]),
      ),
      scenario(
        "a table is swept meanwhile",
        1,
        after(5, { 1: 4 }),
        [put(1, 2, 5), look(2, 1, [4, 5]), increment(3, 1)],
        isOneOf([{ 1: 5, 2: 5 }]),
      ),
      everyEnd(
        "one who adds ends",
        0,
        30,
        after(0, { 1: 4 }),
        (step) => [dying(1, step, (map) => map.put(key(2), value(5)))],
        isOneOf([{ 1: 4 }, { 1: 4, 2: 5 }]),
      ),
      everyEnd(
        "one who replaces ends",
        0,
        30,
        after(0, { 1: 4 }),
        (step) => [dying(1, step, (map) => map.put(key(1), value(5)))],
        isOneOf([{ 1: 4 }, { 1: 5 }]),
      ),
      everyEnd(
        "one who takes out ends",
        0,
        30,
        after(0, { 1: 4 }),
        (step) => [dying(1, step, (map) => map.delete(key(1)))],
        isOneOf([{}, { 1: 4 }]),
      ),
      scenario(
        "one of a hash goes, the other is found",
        1,
        after(0, { 1: 4, 2: 5 }),
        [remove(1, 1), look(2, 2, [5, 6]), put(3, 2, 6)],
        isOneOf([{ 2: 6 }]),
      ),
      scenario(
        "keys that come and go",
        0,
        after(0, { 1: 4 }),
        [(state) => churn(open(state, 1), 100, 16), (state) => churn(open(state, 3), 120, 16), look(2, 1, [4])],
        isOneOf([{ 1: 4 }]),
      ),
      everyEnd(
        "one who sweeps ends",
        0,
        320,
        after(2, { 1: 4 }),
        (step) => [dying(1, step, (map) => churn(map, 110, 6))],
        isOneOf([{ 1: 4 }, ...[0, 1, 2, 3, 4, 5].map((each) => ({ 1: 4, [110 + each]: 5 }))]),
      ),
      everyEnd(
        "one who clears ends",
        0,
        60,
        after(1, { 1: 4, 2: 5 }),
        (step) => [dying(1, step, (map) => map.clear())],
        isOneOf([{}, { 1: 4, 2: 5 }]),
      ),
      everyEnd(
        "one ends, and others go on meanwhile",
        1,
        30,
        after(0, { 1: 4 }),
        (step) => [dying(1, step, (map) => map.put(key(1), value(7))), increment(2, 1)],
        isOneOf([{ 1: 5 }, { 1: 7 }, { 1: 8 }]),
      ),
    ];
  },
  mutants: [
    { name: "without the guard", from: "this.#guard.enter();", to: "" },
    { name: "puts what was replaced meanwhile", from: "return CHANGED;", to: "{}" },
    { name: "an entry too many", from: "if (old <= 0 && this.size === this.capacity)", to: "if (old <= 0 && this.size > this.capacity)" },
    { name: "a replaced record is lost", from: "if (old > 0)\n            this.#pool.free(old);", to: "if (old > 0) {}" },
    {
      name: "the place before the record",
      from: "const record = this.#pool.write(key, hash, value);\n        this.#set(place, record);",
      to: "const record = old > 0 ? old : 1; this.#set(place, record); this.#pool.write(key, hash, value);",
    },
    { name: "writes over the value", from: "this.#set(place, record);", to: "this.#set(place, old > 0 ? old : record);" },
    { name: "what is taken out leaves a hole", from: "this.#set(place, GRAVE);", to: "this.#set(place, EMPTY);" },
    { name: "graves end the way", from: "if (grave < 0)\n                    grave = table + at;", to: "return table + at;" },
    { name: "the first of the same hash is it", from: " && this.#pool.isKey(record, key)", to: "" },
    // A wrong count of graves costs sweeps and nothing else.
    { name: "never sweeps", from: "if (old === EMPTY && 4 *", to: "if (false && 4 *" },
    { name: "sweeps and goes on in the old table", from: "place = this.#find(key, hash);\n        }", to: "}" },
    { name: "sweeps in the table in force", from: "const other = 1 - this.#get(tableAt);", to: "const other = this.#get(tableAt);" },
    {
      name: "the other table is in force before it is filled",
      from: "const table = this.#table(other);",
      to: "this.#set(tableAt, other); const table = this.#table(other);",
    },
    { name: "the other table is not emptied", from: "this.#set(table + at, EMPTY);\n", to: ";\n" },
    { name: "believes the size after a death", from: "this.#set(sizeAt, inUse.size);", to: "" },
    { name: "believes the free list after a death", from: "this.#pool.freeAllBut(inUse);", to: "" },
  ],
};
