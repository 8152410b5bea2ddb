// SlotRing: every record once, whole and in order; nobody forgotten at either end; kept places; closing; death at every step.
import assert from "node:assert/strict";
import { Obituary } from "../../../src/memory/obituary.ts";
import type * as Module from "../../../src/memory/slot-ring.ts";
import { endAt, everyEnd, type Protocol, scenario } from "../protocol.ts";

const never = Number.POSITIVE_INFINITY;
/** Words of `seen`: records received by mark, then marks of the program. */
const mark = 6;

interface State {
  readonly buffer: SharedArrayBuffer;
  readonly seen: Int32Array<SharedArrayBuffer>;
  readonly dead: Int32Array<SharedArrayBuffer>;
}

/** A record of `length` bytes of one value. */
const record = (value: number, length = 1) => new Uint8Array(length).fill(value);

export const slotRing: Protocol = {
  name: "slots",
  file: "memory/slot-ring",
  scenarios({ SlotRing, DONE, NOT_NOW, CLOSED, NO_ROUNDS }: typeof Module) {
    const shape = (slots: number) => ({ offset: 0, slots, slotBytes: 4, lastBytes: 4 });
    const setup = (slots: number) => (): State => ({
      buffer: new SharedArrayBuffer(SlotRing.size(shape(slots))),
      seen: new Int32Array(new SharedArrayBuffer(32)),
      dead: new Int32Array(new SharedArrayBuffer(4)),
    });
    const open = ({ buffer, dead }: State, slots: number, me: number, patience = 4, lookMs = never) =>
      new SlotRing({ ...shape(slots), buffer }, me, new Obituary(dead), patience, lookMs);
    /** A ring in which so many records have passed through before. */
    const used = (slots: number, times: number) => () => {
      const state = setup(slots)();
      const ring = open(state, slots, 9);
      for (let time = 0; time < times; time++) {
        assert.equal(ring.offer(record(0), NO_ROUNDS), DONE);
        assert.ok(ring.take(false) instanceof Uint8Array);
      }
      return state;
    };
    const filled = (slots: number, values: readonly number[]) => () => {
      const state = setup(slots)();
      for (const value of values) assert.equal(open(state, slots, 9).offer(record(value), NO_ROUNDS), DONE);
      return state;
    };
    const sendAll =
      (slots: number, me: number, records: readonly Uint8Array[], patience = 4, lookMs = never) =>
      (state: State) => {
        const ring = open(state, slots, me, patience, lookMs);
        for (const each of records)
          assert.equal(
            ring.waitSync(ring.freed, never, (rounds) => ring.offer(each, rounds)),
            DONE,
          );
      };
    const receive = (ring: Module.SlotRing, state: State): number | undefined => {
      const taken = ring.waitSync(ring.filled, never, () => ring.take(true));
      if (!(taken instanceof Uint8Array)) return undefined;
      const value = taken[0] as number;
      assert.ok(
        taken.every((byte) => byte === value),
        "torn",
      );
      Atomics.add(state.seen, value, 1);
      return value;
    };
    const receiveTimes =
      (slots: number, me: number, times: number, lookMs = never) =>
      (state: State) => {
        const ring = open(state, slots, me, 4, lookMs);
        for (let time = 0; time < times; time++) assert.notEqual(receive(ring, state), undefined);
      };
    /** The order in which one sender sent. */
    const receiveInOrder = (slots: number, me: number, values: readonly number[]) => (state: State) => {
      const ring = open(state, slots, me);
      for (const value of values) assert.equal(receive(ring, state), value);
    };
    const receiveToEnd = (slots: number, me: number) => (state: State) => {
      const ring = open(state, slots, me);
      while (receive(ring, state) !== undefined);
      assert.deepEqual([...(ring.last ?? [])], [7]);
    };
    const close = (slots: number, me: number, after: number) => (state: State) => {
      while (Atomics.load(state.seen, mark) < after);
      const ring = open(state, slots, me);
      ring.close(record(7));
      ring.close(record(8));
      assert.equal(ring.offer(record(1), NO_ROUNDS), CLOSED);
    };
    const sendOrClosed = (slots: number, me: number, value: number) => (state: State) => {
      const ring = open(state, slots, me);
      const outcome = ring.waitSync(ring.freed, never, (rounds) => ring.offer(record(value), rounds));
      if (outcome === DONE) Atomics.add(state.seen, 0, 1);
      else assert.equal(outcome, CLOSED);
    };
    const orExpire = (slots: number, me: number, each: Uint8Array, patience: number) => (state: State) => {
      const ring = open(state, slots, me, patience);
      const outcome = ring.waitSync(ring.freed, 10, (rounds) => ring.offer(each, rounds));
      if (outcome === NOT_NOW) Atomics.add(state.seen, mark, 1);
      else assert.equal(outcome, DONE);
    };
    const keepAndFill = (slots: number, me: number, value: number | undefined) => (state: State) => {
      const ring = open(state, slots, me);
      const place = ring.waitSync(ring.freed, never, (rounds) => ring.keep(rounds));
      assert.ok(place > CLOSED);
      assert.equal(ring.fill(place, value === undefined ? undefined : record(value)), DONE);
    };
    const isEmpty = (slots: number) => (state: State) => {
      const ring = open(state, slots, 9);
      assert.deepEqual([ring.length, ring.take(false)], [0, NOT_NOW]);
      for (let slot = 0; slot < slots; slot++) assert.equal(ring.offer(record(0), NO_ROUNDS), DONE, "a slot is lost");
      assert.equal(ring.offer(record(0), NO_ROUNDS), NOT_NOW);
      assert.equal(ring.length, slots);
    };
    const each = (slots: number, counts: readonly number[]) => (state: State) => {
      assert.deepEqual([...state.seen.subarray(1, 1 + counts.length)], counts);
      isEmpty(slots)(state);
    };
    const dying = (me: number, step: number, act: (ring: Module.SlotRing) => void, slots: number) => (state: State) => {
      if (endAt(step, () => act(open(state, slots, me)))) Atomics.store(state.seen, 0, 1);
      new Obituary(state.dead).record(me);
    };
    /** Goes on alone after a death: what is there must be whole, and the ring of full use. */
    const survive = (slots: number, expected: (died: boolean) => readonly (readonly number[])[]) => (state: State) => {
      const ring = open(state, slots, 9, 4, 20);
      const values: number[] = [];
      for (let taken = ring.take(false); taken instanceof Uint8Array; taken = ring.take(false)) {
        assert.ok(
          taken.every((byte) => byte === taken[0]),
          "torn",
        );
        values.push(taken[0] as number);
      }
      assert.ok(
        expected(state.seen[0] === 1).some((wanted) => wanted.join() === values.join()),
        `received ${values.join()}`,
      );
      isEmpty(slots)(state);
    };
    return [
      scenario(
        "two senders, one receiver, one slot",
        2,
        setup(1),
        [sendAll(1, 1, [record(1)]), sendAll(1, 2, [record(2)]), receiveTimes(1, 3, 2)],
        each(1, [1, 1]),
      ),
      scenario(
        "one sender, two receivers",
        1,
        setup(2),
        [sendAll(2, 1, [record(1), record(2)]), receiveTimes(2, 2, 1), receiveTimes(2, 3, 1)],
        each(2, [1, 1]),
      ),
      scenario(
        "records of several slots, over the end",
        1,
        used(3, 2),
        [sendAll(3, 1, [record(1, 7), record(2, 5)]), sendAll(3, 2, [record(3, 3)]), receiveTimes(3, 3, 3)],
        each(3, [1, 1, 1]),
      ),
      scenario(
        "in order",
        2,
        setup(1),
        [sendAll(1, 1, [record(1), record(2), record(3)]), receiveInOrder(1, 2, [1, 2, 3])],
        each(1, [1, 1, 1]),
      ),
      scenario(
        "two receivers until the end",
        1,
        filled(2, [1, 2]),
        [receiveToEnd(2, 1), receiveToEnd(2, 2), close(2, 3, 0)],
        ({ seen }) => {
          assert.deepEqual([...seen.subarray(1, 3)], [1, 1]);
        },
      ),
      scenario(
        "a close ends those who wait for room",
        2,
        filled(1, [1]),
        [sendOrClosed(1, 1, 2), sendOrClosed(1, 2, 2), close(1, 3, 0)],
        ({ seen }) => {
          assert.equal(seen[0], 0);
        },
      ),
      scenario(
        "a large one that is overdue",
        1,
        filled(2, [1, 2]),
        [sendAll(2, 1, [record(3, 8)], -1), sendAll(2, 2, [record(4)], 9), receiveTimes(2, 3, 4)],
        each(2, [1, 1, 1, 1]),
      ),
      scenario(
        "an overdue one gives up",
        1,
        filled(2, [1, 2]),
        [orExpire(2, 1, record(3, 8), -1), sendAll(2, 2, [record(4)], 9), receiveTimes(2, 3, 3)],
        (state) => {
          const left = state.seen[3] === 0 && state.seen[mark] === 0 ? open(state, 2, 9).take(false) : undefined;
          if (left !== undefined) assert.deepEqual(left, record(3, 8));
          assert.equal((state.seen[1] as number) + (state.seen[2] as number), 2);
        },
      ),
      scenario(
        "room for the overdue one and for who stood back",
        1,
        filled(4, [1, 2, 1]),
        [sendAll(4, 1, [record(3, 8)], -1), sendAll(4, 2, [record(4)], 9), receiveTimes(4, 3, 2)],
        (state) => {
          assert.equal(open(state, 4, 9).length, 3);
        },
      ),
      scenario(
        "who stood back goes on when the overdue one gives up",
        1,
        filled(2, [1]),
        [orExpire(2, 1, record(3, 8), -1), sendAll(2, 2, [record(4)], 9)],
        (state) => {
          assert.deepEqual([open(state, 2, 9).length, state.seen[mark]], [2, 1]);
        },
      ),
      scenario(
        "kept places, used and given back",
        1,
        setup(1),
        [keepAndFill(1, 1, 1), keepAndFill(1, 2, undefined), receiveTimes(1, 3, 1)],
        each(1, [1]),
      ),
      scenario(
        "kept places keep others out",
        1,
        setup(1),
        [keepAndFill(1, 1, 1), sendAll(1, 2, [record(2)]), receiveTimes(1, 3, 2)],
        each(1, [1, 1]),
      ),
      everyEnd(
        "a sender ends",
        0,
        28,
        used(2, 1),
        (step) => [dying(1, step, (ring) => ring.offer(record(1, 8), 0), 2)],
        survive(2, (died) => (died ? [[], [1]] : [[1]])),
      ),
      everyEnd(
        "a receiver ends",
        0,
        28,
        filled(2, [1, 2]),
        (step) => [dying(1, step, (ring) => ring.take(true), 2)],
        survive(2, (died) => (died ? [[1, 2], [2]] : [[2]])),
      ),
      everyEnd(
        "one who keeps a place ends",
        0,
        40,
        setup(2),
        (step) => [dying(1, step, (ring) => ring.fill(ring.keep(0), step % 2 === 0 ? record(1) : undefined), 2)],
        survive(2, () => [[], [1]]),
      ),
      everyEnd(
        "one who keeps the only place ends",
        0,
        24,
        setup(1),
        (step) => [dying(1, step, (ring) => ring.keep(0), 1)],
        (state) => {
          const ring = open(state, 1, 9, 4, 20);
          const place = ring.keep(NO_ROUNDS);
          assert.ok(place > CLOSED);
          assert.equal(ring.fill(place, undefined), DONE);
          isEmpty(1)(state);
        },
      ),
      everyEnd(
        "one who closes ends",
        0,
        20,
        filled(2, [1]),
        (step) => [dying(1, step, (ring) => ring.close(record(7)), 2)],
        (state) => {
          const ring = open(state, 2, 9, 4, 20);
          assert.deepEqual(ring.take(false), record(1));
          assert.deepEqual(ring.take(false), ring.last === undefined ? NOT_NOW : CLOSED);
          if (ring.last !== undefined) assert.deepEqual(ring.last, record(7));
        },
      ),
      everyEnd(
        "a sender ends, and others go on meanwhile",
        1,
        24,
        setup(2),
        (step) => [
          dying(1, step + 1, (ring) => ring.offer(record(1), 0), 2),
          sendAll(2, 2, [record(2)], 4, 20),
          (state) => {
            // For a time only: who looks again and again could be all that ever happens.
            const ring = open(state, 2, 3, 4, 20);
            const taken = ring.waitSync(ring.filled, 40, () => ring.take(true));
            if (taken instanceof Uint8Array) Atomics.add(state.seen, taken[0] as number, 1);
          },
        ],
        (state) => {
          const ring = open(state, 2, 9, 4, 20);
          for (let taken = ring.take(false); taken instanceof Uint8Array; taken = ring.take(false)) {
            state.seen[taken[0] as number] = 1 + (state.seen[taken[0] as number] as number);
          }
          assert.ok(state.seen[2] === 1 && (state.seen[1] as number) <= 1, state.seen.join());
        },
      ),
      everyEnd(
        "an overdue one ends",
        0,
        26,
        filled(2, [1]),
        (step) => [dying(1, step, (ring) => ring.offer(record(3, 8), 9), 2)],
        survive(2, () => [[1]]),
      ),
    ];
  },
  mutants: [
    {
      name: "TAIL before the bytes",
      from: "this.records.write(tail, record);\n        this.#set(tailAt, (tail + this.records.slotsFor(record.length)) % (2 * this.slots));",
      to: "this.#set(tailAt, (tail + this.records.slotsFor(record.length)) % (2 * this.slots));\n        this.records.write(tail, record);",
    },
    {
      name: "sends without the guard",
      from: "#send(rounds, slots, commit) {\n        this.#guard.enter();",
      to: "#send(rounds, slots, commit) {",
    },
    { name: "takes without the guard", from: "take(waits) {\n        this.#guard.enter();", to: "take(waits) {" },
    {
      name: "a slot too many",
      from: "if (this.slots - this.#used() - this.#get(keptAt) >= slots)\n            return true;",
      to: "if (this.slots - this.#used() - this.#get(keptAt) + 1 >= slots)\n            return true;",
    },
    {
      name: "kept places do not count",
      from: "if (this.slots - this.#used() - this.#get(keptAt) >= slots)\n            return true;",
      to: "if (this.slots - this.#used() >= slots)\n            return true;",
    },
    {
      name: "full and empty are the same",
      from: "return (this.#get(tailAt) - this.#get(headAt) + 2 * this.slots) % (2 * this.slots);",
      to: "return (this.#get(tailAt) - this.#get(headAt) + 2 * this.slots) % this.slots;",
    },
    {
      name: "a send tells nobody",
      from: "this.#leave(this.filled);\n        if (sleepers)",
      to: "this.#leave(undefined);\n        if (sleepers)",
    },
    {
      name: "a take tells nobody",
      from: "this.#leave(this.freed);\n        return record;",
      to: "this.#leave(undefined);\n        return record;",
    },
    {
      name: "a kept place is filled in silence",
      from: "this.#leave(sent ? this.filled : this.freed);",
      to: "this.#leave(sent ? undefined : this.freed);",
    },
    {
      name: "a place is given back in silence",
      from: "this.#leave(sent ? this.filled : this.freed);",
      to: "this.#leave(sent ? this.filled : undefined);",
    },
    { name: "a close tells no sender", from: "this.#leave(first ? this.freed : undefined);", to: "this.#leave(undefined);" },
    { name: "a close tells no receiver", from: "const sleepers = first && this.filled.change();", to: "const sleepers = false;" },
    { name: "a later close counts", from: "const first = this.#get(closedAt) === 0;", to: "const first = true;" },
    {
      name: "what is left is lost at the close",
      from: "if (this.#used() === 0) {",
      to: "if (this.#used() === 0 || this.#get(closedAt) !== 0) {",
    },
    {
      name: "sleeps on a word that nobody is told of",
      from: "this.seen = this.filled.await();",
      to: "this.seen = load(this.#words, filledAt);",
    },
    {
      name: "senders sleep on a word that nobody is told of",
      from: "this.seen = this.freed.await();",
      to: "this.seen = load(this.#words, freedAt);",
    },
    { name: "those who stood back are not told", from: "const sleepers = last && this.freed.change();", to: "const sleepers = false;" },
    { name: "one who stood back for ever", from: "if (last)\n            this.#set(overdueAt, 0);", to: "" },
    { name: "gives up and goes on being waited for", from: "if (mine)\n            this.#set(overdueAt, 0);", to: "" },
    { name: "gives up in silence", from: "this.#leave(mine ? this.freed : undefined);", to: "this.#leave(undefined);" },
    { name: "stands back for the dead", from: "if (!this.#obituary.has(thread))\n            return true;", to: "return true;" },
    { name: "keeps places for the dead", from: "if (keeper !== 0 && this.#obituary.has(keeper))", to: "if (false)" },
    {
      name: "believes the number of kept places after a death",
      from: "this.#set(lengthAt, length);\n        this.#countKept();",
      to: "this.#set(lengthAt, length);",
    },
    {
      name: "believes the number of records after a death",
      from: "this.#set(lengthAt, length);\n        this.#countKept();",
      to: "this.#countKept();",
    },
    { name: "counts the slots, not the records", from: "left -= slots;", to: "left -= 1;" },
    { name: "the place is given up after the record is in", from: "this.#keepers[place - CLOSED - 1] = 0;", to: "" },
  ],
};
