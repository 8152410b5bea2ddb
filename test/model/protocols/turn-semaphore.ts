// TurnSemaphore: never more than the permits, nobody forgotten, nobody overtaken, expiry, death and repair.
import assert from "node:assert/strict";
import { EXPIRED, TAKEN } from "../../../src/memory/futex-mutex.ts";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/turn-semaphore.ts";
import { hostAt } from "../../../src/memory/waiting-line.ts";
import { type Protocol, scenario } from "../protocol.ts";

const never = Number.POSITIVE_INFINITY;
const places = 6;
/** Words of `seen`: permits in use, the order of those served, marks. */
const inUse = 0;
const order = 1;
const mark = 2;

const setup = () => ({
  words: new Int32Array(new SharedArrayBuffer(4 * 40)),
  seen: new Int32Array(new SharedArrayBuffer(16)),
  dead: new Int32Array(new SharedArrayBuffer(4)),
});
type State = ReturnType<typeof setup>;

export const turnSemaphore: Protocol = {
  name: "semaphore",
  file: "memory/turn-semaphore",
  scenarios({ TurnSemaphore, TAKEN_TO_REPAIR }: typeof Module) {
    const open = ({ words, dead }: State, me: number, permits: number, lookMs = never) =>
      new TurnSemaphore(words, 0, places, permits, me, new Obituary(dead), lookMs);
    const use = (state: State, wanted: number, permits: number) => {
      assert.ok(Atomics.add(state.seen, inUse, wanted) + wanted <= permits, "more than there are");
      Atomics.sub(state.seen, inUse, wanted);
    };
    const takeOnce = (me: number, wanted: number, permits: number) => (state: State) => {
      const semaphore = open(state, me, permits);
      assert.equal(semaphore.takeSync(wanted, never, false), TAKEN);
      use(state, wanted, permits);
      semaphore.release(wanted);
    };
    const orExpire = (me: number, wanted: number, permits: number) => (state: State) => {
      const semaphore = open(state, me, permits);
      const outcome = semaphore.takeSync(wanted, 10, false);
      if (outcome !== TAKEN) {
        assert.equal(outcome, EXPIRED);
        return;
      }
      use(state, wanted, permits);
      semaphore.release(wanted);
    };
    const tryOnce = (me: number, wanted: number, permits: number) => (state: State) => {
      const semaphore = open(state, me, permits);
      if (semaphore.tryTake(wanted) !== TAKEN) return;
      use(state, wanted, permits);
      semaphore.release(wanted);
    };
    const die = (me: number, permits: number) => (state: State) => {
      const semaphore = open(state, me, permits);
      assert.equal(semaphore.takeSync(1, never, false), TAKEN);
      Atomics.store(state.seen, mark, 1);
      new Obituary(state.dead).record(me);
    };
    const orRepair = (me: number, permits: number) => (state: State) => {
      while (Atomics.load(state.seen, mark) === 0);
      const semaphore = open(state, me, permits, 20);
      if (semaphore.takeSync(permits, never, false) === TAKEN) {
        // The other has repaired it by now.
        assert.equal(Atomics.load(state.seen, mark), 2);
        semaphore.release(permits);
        return;
      }
      const outcome = semaphore.takeSync(permits, never, true);
      if (outcome === TAKEN_TO_REPAIR) {
        Atomics.store(state.seen, mark, 2);
        semaphore.endRepair();
      } else {
        assert.equal(outcome, TAKEN);
        semaphore.release(permits);
      }
    };
    /** Waits in line and ends there. */
    const dieInLine = (me: number, permits: number) => (state: State) => {
      const semaphore = open(state, me, permits);
      const place = semaphore.begin(permits, false);
      if (place === TAKEN) semaphore.release(permits);
      else new Obituary(state.dead).record(me);
    };
    const until = (state: State, value: number) => {
      while (Atomics.load(state.seen, mark) < value);
    };
    /** Holds permits until the others are where they should be. */
    const holdUntil = (me: number, wanted: number, permits: number, value: number) => (state: State) => {
      const semaphore = open(state, me, permits);
      assert.equal(semaphore.takeSync(wanted, never, false), TAKEN);
      Atomics.add(state.seen, mark, 1);
      until(state, value);
      semaphore.release(wanted);
    };
    /** Both are served by one release: they meet inside. */
    const meet = (me: number) => (state: State) => {
      until(state, 1);
      const semaphore = open(state, me, 2);
      assert.equal(semaphore.takeSync(1, never, false), TAKEN);
      Atomics.add(state.seen, mark, 1);
      until(state, 3);
      semaphore.release(1);
    };
    /** Stands in line in front of `pass` until its time is over. */
    const block = (state: State) => {
      until(state, 1);
      const semaphore = open(state, 2, 2);
      const place = semaphore.begin(2, false);
      assert.ok(place > 0);
      Atomics.add(state.seen, mark, 1);
      semaphore.line.sleepSync(place, performance.now() + 10);
      assert.equal(semaphore.finish(place), EXPIRED);
    };
    const pass = (state: State) => {
      until(state, 2);
      const semaphore = open(state, 3, 2);
      assert.equal(semaphore.takeSync(1, never, false), TAKEN);
      Atomics.add(state.seen, mark, 1);
      semaphore.release(1);
    };
    const dieUnserved = (state: State) => {
      until(state, 1);
      assert.ok(open(state, 1, 2).begin(2, false) > 0);
      new Obituary(state.dead).record(1);
      Atomics.add(state.seen, mark, 1);
    };
    const repairSlowly = (state: State) => {
      until(state, 1);
      const semaphore = open(state, 2, 1);
      semaphore.look();
      // `die` marks before it dies.
      if (semaphore.begin(1, true) !== TAKEN_TO_REPAIR) {
        Atomics.store(state.seen, mark, 9);
        return;
      }
      Atomics.add(state.seen, mark, 1);
      until(state, 3);
      semaphore.endRepair();
    };
    const waitForRepair = (state: State) => {
      until(state, 2);
      if (Atomics.load(state.seen, mark) === 9) return;
      const semaphore = open(state, 3, 1);
      const place = semaphore.begin(1, false);
      Atomics.add(state.seen, mark, 1);
      semaphore.line.sleepSync(place, never);
      assert.equal(semaphore.finish(place), TAKEN);
      semaphore.release(1);
    };
    /** Ends in the middle of taking a permit: it is counted, and nobody is noted for it. */
    const dieInside = (me: number, permits: number) => (state: State) => {
      const { line } = open(state, me, permits);
      line.enter();
      line.words[hostAt] = (line.words[hostAt] as number) + 1;
      new Obituary(state.dead).record(me);
    };
    const takeOnceLooking = (me: number, wanted: number, permits: number) => (state: State) => {
      const semaphore = open(state, me, permits, 20);
      assert.equal(semaphore.takeSync(wanted, never, false), TAKEN);
      use(state, wanted, permits);
      semaphore.release(wanted);
    };
    const lookOnce = (me: number, permits: number) => (state: State) => open(state, me, permits).look();
    const isWhole = (permits: number) => (state: State) => {
      assert.equal(open(state, 9, permits).available, permits);
      assert.deepEqual([...open(state, 9, permits).line.inUse()], []);
    };
    /** A large request in line before a small one is served first, though the small one could be. */
    const large = (state: State) => {
      const semaphore = open(state, 2, 2);
      const place = semaphore.begin(2, false);
      Atomics.store(state.seen, mark, 1);
      if (place !== TAKEN) {
        semaphore.line.sleepSync(place, never);
        assert.equal(semaphore.finish(place), TAKEN);
      }
      assert.equal(Atomics.add(state.seen, order, 1), 0, "overtaken");
      semaphore.release(2);
    };
    const small = (state: State) => {
      while (Atomics.load(state.seen, mark) === 0);
      const semaphore = open(state, 3, 2);
      assert.equal(semaphore.takeSync(1, never, false), TAKEN);
      Atomics.add(state.seen, order, 1);
      semaphore.release(1);
    };
    return [
      scenario("one permit, three threads", 2, setup, [takeOnce(1, 1, 1), takeOnce(2, 1, 1), takeOnce(3, 1, 1)], isWhole(1)),
      scenario("weights of three", 2, setup, [takeOnce(1, 2, 3), takeOnce(2, 2, 3), takeOnce(3, 1, 3)], isWhole(3)),
      scenario("a large request is not overtaken", 1, setup, [takeOnce(1, 1, 2), large, small], isWhole(2)),
      scenario("limits", 2, setup, [takeOnce(1, 1, 2), orExpire(2, 2, 2), takeOnce(3, 1, 2)], isWhole(2)),
      scenario("who only tries", 2, setup, [takeOnce(1, 1, 2), tryOnce(2, 2, 2), tryOnce(3, 1, 2)], isWhole(2)),
      scenario("one release serves two", 1, setup, [holdUntil(1, 2, 2, 1), meet(2), meet(3)], isWhole(2)),
      scenario("who leaves lets the next by", 1, setup, [holdUntil(1, 1, 2, 3), block, pass], isWhole(2)),
      scenario("nobody serves the dead", 2, setup, [dieUnserved, holdUntil(2, 1, 2, 2)], (state) => {
        open(state, 9, 2).look();
        isWhole(2)(state);
      }),
      scenario("waiting for a repair", 1, setup, [die(1, 1), repairSlowly, waitForRepair], () => {}),
      scenario("a holder dies", 2, setup, [die(1, 2), orRepair(2, 2)], isWhole(2)),
      scenario("a holder dies, two repair", 0, setup, [die(1, 1), orRepair(2, 1), orRepair(3, 1)], isWhole(1)),
      scenario("one dies inside the guard", 2, setup, [dieInside(1, 1), takeOnceLooking(2, 1, 1), takeOnceLooking(3, 1, 1)], (state) => {
        open(state, 9, 1).look();
        isWhole(1)(state);
      }),
      scenario("one in line dies", 2, setup, [dieInLine(1, 2), takeOnce(2, 1, 2), lookOnce(3, 2)], (state) => {
        const semaphore = open(state, 9, 2);
        semaphore.look();
        // It may have been served while it lived: then it is a holder that died.
        if (semaphore.tryTake(2) === TAKEN) semaphore.release(2);
        else assert.equal(semaphore.begin(2, true), TAKEN_TO_REPAIR);
        if (semaphore.available === 0) semaphore.endRepair();
        isWhole(2)(state);
      }),
    ];
  },
  mutants: [
    { name: "overtakes the line", from: "this.line.first === 0 && ", to: "" },
    {
      name: "one permit too many",
      from: "this.#get(takenAt) + permits <= this.permits",
      to: "this.#get(takenAt) + permits <= this.permits + 1",
    },
    { name: "serves more than there is", from: "if (this.#get(takenAt) + permits > this.permits)", to: "if (false)" },
    { name: "serves one where it could serve two", from: "place = line.first) {", to: "place = 0) {" },
    {
      name: "a release serves nobody",
      from: "this.#set(takenAt, this.#get(takenAt) - permits);\n        this.#serve();",
      to: "this.#set(takenAt, this.#get(takenAt) - permits);",
    },
    { name: "a release forgets who held", from: "this.line.hold(this.line.me, -permits);", to: "" },
    { name: "who leaves lets nobody by", from: "if (state === WAITING)\n            this.#serve();", to: "" },
    { name: "who leaves keeps the place", from: "this.line.free(place);", to: "" },
    {
      name: "an expiry loses what was given",
      from: "if (state === SERVED)\n            return TAKEN;",
      to: "if (state === SERVED) return EXPIRED;",
    },
    { name: "does not note the holder", from: "this.line.hold(thread, permits);", to: "" },
    { name: "notes the one who serves", from: "this.#take(permits, line.threadOf(place));", to: "this.#take(permits, this.line.me);" },
    { name: "believes what a death inside has left", from: "this.#set(takenAt, taken);", to: "" },
    { name: "takes without the guard", from: "begin(permits, repairing) {\n        this.line.enter();", to: "begin(permits, repairing) {" },
    { name: "the lost are forgotten", from: "this.#set(lostAt, this.#get(lostAt) + permits);", to: "" },
    { name: "the lost count twice", from: "this.#set(takenAt, this.#get(takenAt) - permits);\n            }", to: "}" },
    { name: "a poisoned line is not told", from: "while (line.first !== 0)\n                line.settle(line.first, DISMISSED);", to: "" },
    { name: "the poison does not count", from: "get #poisoned() {\n        return ", to: "get #poisoned() {\n        return false && " },
    { name: "the repair never ends", from: "this.#set(repairerAt, 0);\n        this.#set(lostAt, 0);", to: "this.#set(repairerAt, 0);" },
    { name: "the repair ends in silence", from: "this.#set(lostAt, 0);\n        this.#serve();", to: "this.#set(lostAt, 0);" },
    { name: "the dead in line are served", from: "if (line.obituary.has(line.threadOf(place))) {", to: "if (false) {" },
    { name: "a look serves nobody", from: "line.free(place);\n        }\n        this.#serve();", to: "line.free(place);\n        }" },
  ],
};
