// TurnBarrier: nobody goes on before all have come, everybody after; leaving, breaking, death.
import assert from "node:assert/strict";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/turn-barrier.ts";
import { type Protocol, scenario } from "../protocol.ts";

const never = Number.POSITIVE_INFINITY;
const setup = () => ({
  words: new Int32Array(new SharedArrayBuffer(4 * 40)),
  /** By round: how many have come. Then the sum of the indexes, and a mark. */
  seen: new Int32Array(new SharedArrayBuffer(16)),
  dead: new Int32Array(new SharedArrayBuffer(4)),
});
type State = ReturnType<typeof setup>;
const indexes = 2;
const mark = 3;

export const turnBarrier: Protocol = {
  name: "barrier",
  file: "memory/turn-barrier",
  scenarios({ TurnBarrier, BROKEN, LEFT }: typeof Module) {
    const open = ({ words, dead }: State, me: number, parties: number, lookMs = never) =>
      new TurnBarrier(words, 0, parties, me, new Obituary(dead), lookMs);
    const wait = (state: State, me: number, parties: number, endMs = never, lookMs = never): number => {
      const barrier = open(state, me, parties, lookMs);
      const place = barrier.begin();
      if (place <= 0) return place === 0 ? parties - 1 : place;
      barrier.line.sleepSync(place, endMs);
      return barrier.finish(place);
    };
    const meet =
      (me: number, parties: number, rounds = 1) =>
      (state: State) => {
        for (let round = 0; round < rounds; round++) {
          Atomics.add(state.seen, round, 1);
          const index = wait(state, me, parties);
          assert.ok(index >= 0);
          assert.equal(Atomics.load(state.seen, round), parties, "went on too soon");
          Atomics.add(state.seen, indexes, index);
        }
      };
    const leave = (me: number, parties: number) => (state: State) => {
      const index = wait(state, me, parties, 10);
      // It left, and whoever came with it waits for another.
      if (index === LEFT) assert.ok(wait(state, me, parties) >= 0);
    };
    const orBreak =
      (me: number, parties: number, lookMs = never) =>
      (state: State) =>
        assert.equal(wait(state, me, parties, never, lookMs), BROKEN);
    const abort = (state: State) => open(state, 9, 3).break(true);
    const die = (me: number, parties: number) => (state: State) => {
      open(state, me, parties).begin();
      new Obituary(state.dead).record(me);
      Atomics.store(state.seen, mark, 1);
    };
    const afterDeath = (me: number, parties: number) => (state: State) => {
      while (Atomics.load(state.seen, mark) === 0);
      assert.equal(wait(state, me, parties, never, 20), BROKEN);
    };
    const summed = (sum: number) => (state: State) => assert.equal(state.seen[indexes], sum);
    return [
      scenario("three meet", 1, setup, [meet(1, 3), meet(2, 3), meet(3, 3)], summed(3)),
      scenario("two meet twice", 2, setup, [meet(1, 2, 2), meet(2, 2, 2)], summed(2)),
      scenario("one leaves and comes again", 2, setup, [leave(1, 2), leave(2, 2)], (state) =>
        assert.equal(open(state, 9, 2).line.length, 0),
      ),
      scenario("broken for all", 1, setup, [orBreak(1, 3), orBreak(2, 3), abort], (state) => assert.ok(open(state, 9, 3).broken)),
      scenario("a party dies", 2, setup, [die(1, 3), afterDeath(2, 3)], (state) => {
        const barrier = open(state, 9, 3);
        barrier.look();
        assert.deepEqual([barrier.broken, ...barrier.line.inUse()], [true]);
      }),
    ];
  },
  mutants: [
    { name: "goes on one too soon", from: "line.length === this.#parties - 1", to: "line.length === this.#parties - 2" },
    { name: "goes on one too late", from: "line.length === this.#parties - 1", to: "line.length === this.#parties" },
    { name: "lets one go", from: "line.first !== 0; index++", to: "index < 1; index++" },
    { name: "all have one index", from: "line.settle(line.first, SERVED, index);", to: "line.settle(line.first, SERVED, 0);" },
    { name: "who left is still counted", from: "line.free(place);\n        line.leave();", to: "line.leave();" },
    { name: "breaks in silence", from: "this.#dismissAll();\n        this.line.words", to: "this.line.words" },
    { name: "is not broken for who comes later", from: "if (this.broken)", to: "if (false)" },
    { name: "a death breaks nothing", from: "this.#dismissAll();\n            line.words[line.base + brokenAt] = 1;", to: "" },
    { name: "the dead stay in line", from: "line.free(place);\n            if (!waited)", to: "if (!waited)" },
    { name: "arrives without the guard", from: "line.enter();\n        let outcome;", to: "let outcome;" },
  ],
};
