// ShortGuard: one inside, and what a death has left is made whole before anybody else is in.
import assert from "node:assert/strict";
import { DeadlockError } from "../../../src/contract/errors.ts";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/short-guard.ts";
import { endAt, everyEnd, type Protocol, scenario } from "../protocol.ts";

const setup = () => ({
  /** The guard, then what it guards: two numbers that are the same. */
  words: new Int32Array(new SharedArrayBuffer(12)),
  dead: new Int32Array(new SharedArrayBuffer(4)),
});
type State = ReturnType<typeof setup>;

export const shortGuard: Protocol = {
  name: "guard",
  file: "memory/short-guard",
  scenarios({ ShortGuard }: typeof Module) {
    const open = ({ words, dead }: State, me: number) =>
      new ShortGuard(words, 0, me, new Obituary(dead), 20, () => Atomics.store(words, 2, Atomics.load(words, 1)));
    const bump = (guard: Module.ShortGuard, { words }: State) => {
      guard.enter();
      assert.equal(Atomics.load(words, 1), Atomics.load(words, 2), "half of a step");
      Atomics.store(words, 1, Atomics.load(words, 1) + 1);
      Atomics.store(words, 2, Atomics.load(words, 2) + 1);
      guard.leave();
    };
    const bumpOnce = (me: number) => (state: State) => bump(open(state, me), state);
    const dyingAt = (me: number, step: number) => (state: State) => {
      const guard = open(state, me);
      endAt(step, () => bump(guard, state));
      new Obituary(state.dead).record(me);
    };
    const nested = (state: State) => {
      const guard = open(state, 1);
      guard.enter();
      assert.throws(() => guard.enter(), DeadlockError);
      guard.leave();
    };
    const count =
      (least: number, most: number) =>
      ({ words }: State) => {
        assert.equal(words[1], words[2]);
        assert.ok((words[1] as number) >= least && (words[1] as number) <= most);
      };
    return [
      scenario("three threads", 2, setup, [bumpOnce(1), bumpOnce(2), bumpOnce(3)], count(3, 3)),
      scenario("inside itself", 2, setup, [nested, bumpOnce(2)], count(1, 1)),
      everyEnd(
        "one ends at any step",
        2,
        11,
        setup,
        (step) => [dyingAt(1, step), bumpOnce(2)],
        (state) => {
          bump(open(state, 9), state);
          count(2, 3)(state);
        },
      ),
      everyEnd(
        "one ends, two find it",
        1,
        11,
        setup,
        (step) => [dyingAt(1, step), bumpOnce(2), bumpOnce(3)],
        (state) => {
          bump(open(state, 9), state);
          count(3, 4)(state);
        },
      ),
      everyEnd(
        "the one that repairs ends too",
        0,
        26,
        setup,
        (step) => [dyingAt(1, 5), dyingAt(2, step)],
        (state) => {
          bump(open(state, 9), state);
          count(1, 3)(state);
        },
      ),
    ];
  },
  mutants: [
    { name: "repairs nothing", from: "this.#rebuild();", to: "" },
    { name: "goes in without the guard after a death", from: "this.#mutex.acquireSync(Number.POSITIVE_INFINITY, true);\n", to: "" },
    {
      name: "goes in beside another",
      from: "if (!this.#mutex.tryAcquire())\n            this.#enterSlow();",
      to: "this.#mutex.tryAcquire();",
    },
    { name: "waits for itself", from: "if (this.#mutex.holder === this.#me) {", to: "if (false) {" },
    { name: "never leaves", from: "this.#mutex.release();", to: "" },
  ],
};
