// RecordMap against a Map: any mix of steps, with keys that meet in one place, and so many deletions that tables are swept.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Obituary } from "../../../src/memory/obituary.ts";
import { ABSENT, CHANGED, FULL, PUT, RecordMap } from "../../../src/memory/record-map.ts";

const fresh = (capacity: number, entryBytes: number, seed: number): RecordMap =>
  new RecordMap(
    { buffer: new SharedArrayBuffer(RecordMap.size(capacity, entryBytes) + 8), offset: 8, capacity, entryBytes, seed },
    1,
    new Obituary(new Int32Array(new SharedArrayBuffer(4))),
  );

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

test("a map of records against a Map", () => {
  const name = fc.integer({ min: 0, max: 20 }).map((number) => `k${number}`);
  const step = fc.oneof(
    fc.record({ put: name, value: fc.string({ maxLength: 3 }) }),
    fc.record({ update: name, stale: fc.boolean() }),
    fc.record({ remove: name }),
    fc.constant("clear" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 16 }), fc.integer(), (steps, capacity, seed) => {
      const map = fresh(capacity, 16, seed);
      const model = new Map<string, string>();
      for (const each of steps) {
        if (each === "clear") {
          map.clear();
          model.clear();
        } else if ("remove" in each) assert.equal(map.delete(bytes(each.remove)), model.delete(each.remove));
        else {
          const key = "put" in each ? each.put : each.update;
          const fits = model.has(key) || model.size < capacity;
          const before = map.get(bytes(key));
          assert.equal(before && text(before.value), model.get(key));
          assert.equal(map.has(bytes(key)), model.has(key));
          const value = "put" in each ? each.value : "u";
          const stale = "stale" in each && each.stale;
          const version = stale ? -1 : (before?.version ?? ABSENT);
          const outcome = map.put(bytes(key), bytes(value), "put" in each ? undefined : version);
          assert.equal(outcome, stale ? CHANGED : fits ? PUT : FULL);
          if (outcome === PUT) model.set(key, value);
        }
        assert.equal(map.size, model.size);
      }
      const entries = map.entries().map(([key, value]) => [text(key), text(value)] as const);
      assert.deepEqual(new Map(entries), model);
    }),
    { numRuns: 500 },
  );
});

test("what is made inside sees the value, and a throw in it leaves the map open and as it was", () => {
  const map = fresh(2, 16, 1);
  assert.equal(
    map.putInside(bytes("a"), (before) => bytes(String(before))),
    PUT,
  );
  assert.throws(
    () =>
      map.putInside(bytes("a"), () => {
        throw new Error("no");
      }),
    /no/,
  );
  assert.equal(text(map.get(bytes("a"))?.value as Uint8Array), "undefined");
  assert.throws(() => map.putInside(bytes("a"), () => map.get(bytes("a"))?.value as Uint8Array), { name: "DeadlockError" });
  assert.equal(map.size, 1);
});
