// TurnCondition: a notify wakes exactly one who waited, the longest first; one that leaves or dies passes it on.
import assert from "node:assert/strict";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/turn-condition.ts";
import { type Protocol, scenario } from "../protocol.ts";

const never = Number.POSITIVE_INFINITY;
const setup = () => ({
  words: new Int32Array(new SharedArrayBuffer(4 * 28)),
  /** How many stand in line; how many were notified. */
  seen: new Int32Array(new SharedArrayBuffer(8)),
  dead: new Int32Array(new SharedArrayBuffer(4)),
});
type State = ReturnType<typeof setup>;

export const turnCondition: Protocol = {
  name: "condition",
  file: "memory/turn-condition",
  scenarios({ TurnCondition }: typeof Module) {
    const open = ({ words, dead }: State, me: number, lookMs = never) => new TurnCondition(words, 0, 3, me, new Obituary(dead), lookMs);
    const until = (state: State, inLine: number) => {
      while (Atomics.load(state.seen, 0) < inLine);
    };
    const wait =
      (me: number, limitMs = never, after = 0, lookMs = never) =>
      (state: State) => {
        until(state, after);
        const condition = open(state, me, lookMs);
        const place = condition.begin();
        assert.ok(place > 0);
        Atomics.add(state.seen, 0, 1);
        condition.line.sleepSync(place, performance.now() + limitMs);
        const served = condition.finish(place, true);
        assert.ok(served || limitMs < never);
        if (served) Atomics.add(state.seen, 1, 1);
      };
    /** The first in line goes although it was notified, as a cancelled task does. */
    const cancelled = (me: number) => (state: State) => {
      const condition = open(state, me);
      const place = condition.begin();
      Atomics.add(state.seen, 0, 1);
      condition.finish(place, false);
    };
    const die = (me: number) => (state: State) => {
      open(state, me).begin();
      Atomics.add(state.seen, 0, 1);
      new Obituary(state.dead).record(me);
    };
    const dieUnserved = (me: number) => (state: State) => {
      open(state, me).begin();
      new Obituary(state.dead).record(me);
      Atomics.add(state.seen, 0, 1);
    };
    const notify = (count: number, times: number, inLine: number) => (state: State) => {
      until(state, inLine);
      for (let time = 0; time < times; time++) open(state, 9).notify(count);
    };
    const notified = (count: number) => (state: State) => assert.equal(state.seen[1], count);
    return [
      scenario("two wait, both are notified", 1, setup, [wait(1), wait(2), notify(1, 2, 2)], notified(2)),
      scenario("two wait, notified at once", 1, setup, [wait(1), wait(2), notify(never, 1, 2)], notified(2)),
      scenario("one notify wakes one", 1, setup, [wait(1, 10), wait(2, 10), notify(1, 1, 2)], (state) =>
        assert.ok((state.seen[1] as number) <= 1),
      ),
      scenario("a cancelled one passes it on", 2, setup, [cancelled(1), wait(2, never, 1), notify(1, 1, 2)], notified(1)),
      scenario("a cancel notifies nobody", 2, setup, [cancelled(1), wait(2, 10)], notified(0)),
      scenario("nobody notifies the dead", 1, setup, [dieUnserved(1), wait(2, never, 1), notify(1, 1, 2)], notified(1)),
      scenario("one that dies passes it on", 2, setup, [die(1), wait(2, never, 1, 20), notify(1, 1, 2)], notified(1)),
    ];
  },
  mutants: [
    { name: "notifies nobody", from: "line.settle(place, SERVED);", to: "" },
    { name: "notifies one too many", from: "place !== 0 && left > 0", to: "place !== 0 && left >= 0" },
    { name: "notifies one at most", from: "left--;", to: "left = 0;" },
    { name: "a cancelled one keeps it", from: "if (served && !wants)\n            this.#serve(1);", to: "" },
    { name: "passes on what was wanted", from: "if (served && !wants)", to: "if (served)" },
    { name: "passes on what was not got", from: "if (served && !wants)", to: "if (!wants)" },
    { name: "one that dies keeps it", from: "if (served)\n                this.#serve(1);", to: "" },
    { name: "the dead are notified", from: "if (line.obituary.has(line.threadOf(place))) {", to: "if (false) {" },
    { name: "leaves without the guard", from: "finish(place, wants) {\n        this.line.enter();", to: "finish(place, wants) {" },
    { name: "keeps its place", from: "this.line.free(place);\n        if (served && !wants)", to: "if (served && !wants)" },
  ],
};
