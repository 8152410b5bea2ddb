// The injector against a naive list: order, withdrawal, putting back, memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { goesBefore, Injector, type Queued } from "../../../src/executors/pool/injector.ts";

class Entry implements Queued {
  readonly id: number;
  readonly priority: number;
  arrival = 0;
  queued = false;
  readonly task = { metrics: { queuedMs: 0 } };
  constructor(id: number, priority = 0) {
    this.id = id;
    this.priority = priority;
  }
}

type Step =
  | { readonly do: "push"; readonly priority: number }
  | { readonly do: "shift" | "peek" | "drain" }
  | { readonly do: "withdraw"; readonly which: number }
  | { readonly do: "putBack"; readonly which: number };

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("push"), priority: fc.integer({ min: -2, max: 2 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("shift") }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("withdraw"), which: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("putBack"), which: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("peek", "drain") }) },
  ) as fc.Arbitrary<Step>,
  { maxLength: 120 },
);

test("model: what comes out is what a sorted list gives, by priority and then by arrival", () => {
  fc.assert(
    fc.property(steps, (program) => {
      const injector = new Injector<Entry>();
      let list: Entry[] = [];
      const made: Entry[] = [];
      const taken = new Set<Entry>();
      const sort = () => {
        list = list.toSorted((a, b) => b.priority - a.priority || a.arrival - b.arrival);
      };
      for (const step of program) {
        if (step.do === "push") {
          const entry = new Entry(made.length, step.priority);
          made.push(entry);
          injector.push(entry);
          list.push(entry);
          sort();
        } else if (step.do === "shift") {
          const entry = injector.shift();
          assert.equal(entry, list.shift());
          if (entry) taken.add(entry);
        } else if (step.do === "peek") assert.equal(injector.peek(), list[0]);
        else if (step.do === "drain") {
          assert.deepEqual(injector.drain(), list);
          for (const entry of list) taken.add(entry);
          list = [];
        } else if (step.do === "putBack") {
          // Only what was taken out goes back, to where it stood.
          const entry = made[step.which];
          if (entry === undefined || !taken.delete(entry)) continue;
          injector.putBack(entry);
          list.push(entry);
          sort();
        } else if (step.do === "withdraw") {
          const entry = made[step.which];
          if (entry === undefined) continue;
          const waiting = list.includes(entry);
          assert.equal(injector.withdraw(entry), waiting);
          list = list.filter((each) => each !== entry);
        }
        assert.equal(injector.length, list.length);
      }
      assert.deepEqual(injector.drain(), list);
      assert.deepEqual([injector.length, injector.peek(), injector.shift()], [0, undefined, undefined]);
    }),
    { numRuns: 400 },
  );
});

test("goesBefore agrees with the order, across injectors too", () => {
  const [one, other] = [new Injector<Entry>(), new Injector<Entry>()];
  const [first, second, urgent] = [new Entry(1), new Entry(2), new Entry(3, 1)];
  one.push(first);
  other.push(second);
  one.push(urgent);
  assert.deepEqual([goesBefore(first, second), goesBefore(second, first), goesBefore(urgent, first)], [true, false, true]);
});

test("long lines stay in order while they are compacted", () => {
  const injector = new Injector<Entry>();
  const count = 10_000;
  for (let id = 0; id < count; id++) injector.push(new Entry(id));
  for (let id = 0; id < count; id++) assert.equal(injector.shift()?.id, id);
  assert.equal(injector.length, 0);
});

test("what is withdrawn behind a first entry that waits long is not kept in memory", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const injector = new Injector<Entry>();
  const head = new Entry(0);
  injector.push(head);
  const refs: WeakRef<Entry>[] = [];
  const fill = () => {
    for (let id = 1; id <= 20_000; id++) {
      const entry = new Entry(id);
      injector.push(entry);
      injector.withdraw(entry);
      refs.push(new WeakRef(entry));
    }
  };
  fill();
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    gc();
    const alive = refs.filter((ref) => ref.deref() !== undefined).length;
    // Sweeps come when most of a line is dead, and not for fewer than about a thousand.
    assert.equal(alive <= 2_100, true, `${alive} of 20000 are still there`);
    assert.equal(injector.length, 1);
    assert.equal(injector.shift(), head);
  });
});
