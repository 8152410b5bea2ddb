// FutexMutex: mutual exclusion, no lost wake-up, reservations, expiry, death and repair.
import assert from "node:assert/strict";
import type * as Module from "../../../src/memory/futex-mutex.ts";
import { Obituary } from "../../../src/memory/obituary.ts";
import { type Protocol, scenario } from "../protocol.ts";

/** Nobody looks from time to time: a lost wake-up must show as a deadlock. */
const never = Number.POSITIVE_INFINITY;

const setup = () => ({
  word: new Int32Array(new SharedArrayBuffer(4)),
  /** Plain data: what the lock guards. */
  guarded: new Int32Array(new SharedArrayBuffer(16)),
  dead: new Int32Array(new SharedArrayBuffer(4)),
});
type State = ReturnType<typeof setup>;

export const futexMutex: Protocol = {
  name: "mutex",
  file: "memory/futex-mutex",
  scenarios({ FutexMutex, TAKEN, ORPHANED, EXPIRED }: typeof Module) {
    const mutex = ({ word, dead }: State, me: number, patience = 1, lookMs = never) =>
      new FutexMutex(word, 0, me, new Obituary(dead), patience, lookMs);
    const increment = ({ guarded }: State) => {
      guarded[0] = (guarded[0] as number) + 1;
    };
    const lockOften =
      (me: number, times: number, patience = 1) =>
      (state: State) => {
        const lock = mutex(state, me, patience);
        for (let time = 0; time < times; time++) {
          assert.equal(lock.acquireSync(never, false), TAKEN);
          assert.equal(lock.holder, me);
          increment(state);
          lock.release();
        }
      };
    const tryOnce = (me: number) => (state: State) => {
      const lock = mutex(state, me);
      if (!lock.tryAcquire()) return;
      increment(state);
      Atomics.add(state.guarded, 1, 1);
      lock.release();
    };
    /** Takes it and ends inside; its parent sees that some time later. */
    const die = (me: number) => (state: State) => {
      assert.equal(mutex(state, me).acquireSync(never, false), TAKEN);
      new Obituary(state.dead).record(me);
    };
    /** Sleeps with a limit, so that it looks; after the death it must be told. */
    const orRepair = (me: number) => (state: State) => {
      const lock = mutex(state, me, 1, 20);
      const outcome = lock.acquireSync(never, false);
      if (outcome === ORPHANED) {
        // Another may have repaired it meanwhile; then this is an ordinary acquire.
        assert.equal(lock.acquireSync(never, true), TAKEN);
        Atomics.add(state.guarded, 2, 1);
      } else assert.equal(outcome, TAKEN);
      increment(state);
      lock.release();
    };
    const orExpire = (me: number, patience: number) => (state: State) => {
      const lock = mutex(state, me, patience);
      const outcome = lock.acquireSync(10, false);
      if (outcome === TAKEN) {
        increment(state);
        lock.release();
      } else {
        assert.equal(outcome, EXPIRED);
        assert.equal(performance.now(), 10);
        Atomics.add(state.guarded, 1, 1);
      }
    };
    /** Waits for the one that will die, and leaves when it is told. */
    const orLeave = (me: number, lookMs: number) => (state: State) => {
      while (Atomics.load(state.guarded, 3) === 0);
      assert.equal(mutex(state, me, 1, lookMs).acquireSync(never, false), ORPHANED);
    };
    const dieInSight = (me: number) => (state: State) => {
      assert.equal(mutex(state, me).acquireSync(never, false), TAKEN);
      Atomics.store(state.guarded, 3, 1);
      new Obituary(state.dead).record(me);
    };
    const isFree = ({ word }: State) => assert.equal(word[0], 0);
    return [
      scenario("three threads", 3, setup, [lockOften(1, 1), lockOften(2, 1), lockOften(3, 1)], (state) => {
        assert.equal(state.guarded[0], 3);
        isFree(state);
      }),
      scenario("three threads, at once overdue", 3, setup, [lockOften(1, 2, 0), lockOften(2, 1, 0), lockOften(3, 1, 0)], (state) => {
        assert.equal(state.guarded[0], 4);
        isFree(state);
      }),
      scenario("two threads, three rounds", 4, setup, [lockOften(1, 3, 0), lockOften(2, 3, 0)], (state) => {
        assert.equal(state.guarded[0], 6);
        isFree(state);
      }),
      scenario("two tasks of one thread, and another", 3, setup, [lockOften(1, 1), lockOften(1, 1), lockOften(2, 1)], (state) => {
        assert.equal(state.guarded[0], 3);
        isFree(state);
      }),
      scenario("who only tries", 3, setup, [lockOften(1, 1), tryOnce(2), tryOnce(3)], (state) => {
        assert.equal(state.guarded[0], 1 + (state.guarded[1] as number));
        isFree(state);
      }),
      scenario("limits", 3, setup, [lockOften(1, 1), orExpire(2, 1), lockOften(3, 1)], (state) => {
        assert.equal(state.guarded[0], 3 - (state.guarded[1] as number));
        isFree(state);
      }),
      scenario("an overdue one behind one that is not", 3, setup, [lockOften(1, 1), lockOften(2, 1), lockOften(3, 1, -1)], (state) => {
        assert.equal(state.guarded[0], 3);
        isFree(state);
      }),
      scenario("limits, at once overdue", 3, setup, [lockOften(1, 1, 0), orExpire(2, -1), lockOften(3, 1, 0)], (state) => {
        assert.equal(state.guarded[0], 3 - (state.guarded[1] as number));
        isFree(state);
      }),
      scenario("the holder dies", 2, setup, [die(1), orRepair(2), orRepair(3)], (state) => {
        assert.equal(state.guarded[0], 2);
        const repairs = state.guarded[2] as number;
        // Before the death both may have gone in; after it, nobody got in without being told.
        assert.ok(repairs <= 2);
        if (repairs === 0) assert.equal((state.word[0] as number) & 0x07ff_ffff, 1);
        else isFree(state);
      }),
      scenario("who finds the dead tells all", 2, setup, [dieInSight(1), orLeave(2, 20), orLeave(3, never)], () => {}),
    ];
  },
  mutants: [
    { name: "the woken one does not warn", from: "rounds > 0 ? WAITERS : word & WAITERS", to: "word & WAITERS" },
    { name: "sleeps without WAITERS", from: ": word | WAITERS | (overdue", to: ": word | (overdue" },
    { name: "release wakes nobody", from: "if ((word & WAITERS) !== 0)", to: "if (false)" },
    {
      name: "release forgets the waiters' bit",
      from: "if (compareExchange(this.#words, this.#index, this.#me, 0) !== this.#me)\n            this.#releaseSlow();",
      to: "this.#words[this.#index] = 0;",
    },
    {
      name: "release stores instead of comparing",
      from: "if (compareExchange(this.#words, this.#index, word, word & RESERVED) !== word)\n                continue;",
      to: "this.#words[this.#index] = word & RESERVED;",
    },
    { name: "release drops the reservation's sleepers", from: "(word & RESERVED) === 0 ? 1 : undefined", to: "1" },
    {
      name: "takes without comparing",
      from: "if (next !== word && compareExchange(this.#words, this.#index, word, next) !== word)\n                continue;",
      to: "this.#words[this.#index] = next;",
    },
    { name: "takes a held lock", from: "(holder === 0 || poisoned) &&", to: "(holder === 0 || poisoned || rounds > 1) &&" },
    { name: "ignores the reservation", from: "(overdue || (word & RESERVED) === 0)", to: "!overdue && (word & RESERVED) === 0" },
    { name: "gives up and leaves the reservation", from: "this.giveUp(rounds);", to: "" },
    { name: "gives up and wakes nobody", from: "if (free)\n                notify(this.#words, this.#index);", to: "" },
    { name: "gives up and takes the waiters' bit along", from: ": word & ~RESERVED)", to: ": word & ~(RESERVED | WAITERS))" },
    {
      name: "buries without poison",
      from: "word, POISONED | (word & HOLDER)) === word",
      to: "word, 0) === word",
    },
    {
      name: "buries and wakes nobody",
      from: "if (compareExchange(this.#words, this.#index, word, POISONED | (word & HOLDER)) === word)\n            notify(this.#words, this.#index);",
      to: "compareExchange(this.#words, this.#index, word, POISONED | (word & HOLDER));",
    },
    { name: "buries the living", from: "!poisoned && this.#obituary.has(holder)", to: "!poisoned && rounds > 0" },
    {
      name: "takes what another task of its thread holds",
      from: "return takes ? TAKEN : next;",
      to: "return (next & HOLDER) === this.#me ? TAKEN : next;",
    },
    { name: "takes a poisoned lock", from: "if (poisoned && !repairing)", to: "if (false)" },
  ],
};
