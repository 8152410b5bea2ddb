// The shared queue and the choices of selects: what one sends one receives, in order; nobody is forgotten; exactly one case happens; what
// the dead were given comes back.
import assert from "node:assert/strict";
import type * as ChoicesModule from "../../../src/memory/choices.ts";
import { Choices } from "../../../src/memory/choices.ts";
import { Obituary } from "../../../src/memory/obituary.ts";
import { asking, DONE, LEFT, OVER, WAITS } from "../../../src/memory/queue-asking.ts";
import type * as ServingModule from "../../../src/memory/queue-serving.ts";
import { QueueServing } from "../../../src/memory/queue-serving.ts";
import { receiveLineAt, sendLineAt } from "../../../src/memory/queue-store.ts";
import type * as QueueModule from "../../../src/memory/shared-queue.ts";
import { SharedQueue } from "../../../src/memory/shared-queue.ts";
import { type Protocol, type Scenario, scenario } from "../protocol.ts";

const never = Number.POSITIVE_INFINITY;
/** Enough for a header and a few blocks. */
const queueBytes = 4 * (64 + 16 * 7);

/** Word of `seen`: how many are where they should be. */
const mark = 0;
/** From here on, what was received, in order of being noted. */
const notes = 2;

interface Parts {
  readonly Queue: typeof SharedQueue;
  readonly Serving: typeof QueueServing;
  readonly Words: typeof Choices;
}

const setup = (capacity: number, queues = 1) => {
  const state = {
    buffers: Array.from({ length: queues }, () => new SharedArrayBuffer(queueBytes)),
    choices: new Int32Array(new SharedArrayBuffer(12)),
    seen: new Int32Array(new SharedArrayBuffer(4 * 8)),
    dead: new Int32Array(new SharedArrayBuffer(4)),
  };
  for (const buffer of state.buffers) {
    const words = new Int32Array(buffer);
    words[2] = capacity;
  }
  return state;
};
type State = ReturnType<typeof setup>;

const value = (n: number) => ({ bytes: new Uint8Array([n]), attachment: 0, thread: 0 });

function scenariosOf({ Queue, Serving, Words }: Parts): readonly Scenario[] {
  const choicesOf = ({ choices }: State) => new Words(choices);
  const open = (state: State, me: number, which = 0, lookMs = never) =>
    new Queue(state.buffers[which] as SharedArrayBuffer, me, new Obituary(state.dead), choicesOf(state), lookMs, Serving);
  const until = (state: State, count: number) => {
    while (Atomics.load(state.seen, mark) < count);
  };
  const here = (state: State) => Atomics.add(state.seen, mark, 1);
  const note = (state: State, queue: SharedQueue) => {
    Atomics.store(state.seen, notes + Atomics.add(state.seen, 1, 1), queue.taken.bytes[0] as number);
  };
  const noted = (state: State) => [...state.seen].slice(notes, notes + (state.seen[1] as number));

  const sendAll =
    (me: number, values: readonly number[], limitMs = never) =>
    (state: State) => {
      const queue = open(state, me);
      for (const n of values) {
        const place = queue.send(value(n), asking, true);
        if (place === DONE) continue;
        queue.sleepSync(place, performance.now() + limitMs, () => {});
        const outcome = queue.finish(place);
        assert.ok(outcome === DONE || limitMs < never);
      }
    };
  const receiveAll =
    (me: number, count: number, limitMs = never, lookMs = never) =>
    (state: State) => {
      const queue = open(state, me, 0, lookMs);
      for (let n = 0; n < count; n++) {
        let outcome = queue.receive(asking, true);
        if (outcome > 0) {
          queue.sleepSync(outcome, performance.now() + limitMs, () => {});
          outcome = queue.finish(outcome);
        }
        assert.ok(outcome === DONE || limitMs < never);
        if (outcome === DONE) note(state, queue);
      }
    };
  const trySend = (me: number, n: number, which: number) => (state: State) => {
    if (open(state, me, which).send(value(n), asking, false) === DONE) Atomics.add(state.seen, mark, 1);
  };
  const close = (me: number) => (state: State) => void open(state, me).close(undefined);
  const receiveToEnd = (me: number) => (state: State) => {
    const queue = open(state, me);
    for (;;) {
      let outcome = queue.receive(asking, true);
      if (outcome > 0) {
        queue.sleepSync(outcome, never, () => {});
        outcome = queue.finish(outcome);
      }
      if (outcome === OVER) return;
      note(state, queue);
    }
  };
  const isEmpty = (state: State, which = 0) => {
    const queue = open(state, 9, which);
    assert.deepEqual([queue.counts.buffered, queue.waiting], [0, { senders: 0, receivers: 0 }]);
    // Not even one that nobody may serve.
    assert.deepEqual([queue.store.get(sendLineAt), queue.store.get(receiveLineAt)], [0, 0]);
  };

  /** As the select of a thread does it (`channels/shared/choice.ts`), with a spin where that sleeps. */
  const choose =
    (me: number, word: number, cases: readonly { readonly which: number; readonly sends?: number }[], gives?: (state: State) => boolean) =>
    (state: State) => {
      const choices = choicesOf(state);
      const queues = cases.map(({ which }) => open(state, me, which));
      choices.hold(word);
      const places = cases.map(({ sends }, n) => {
        const who = { ...asking, choice: word, which: n + 1 };
        return sends === undefined ? (queues[n] as SharedQueue).await(who) : (queues[n] as SharedQueue).offer(value(sends), who);
      });
      const ended = (n: number) => {
        choices.close(word);
        for (const [other, queue] of queues.entries()) if (other !== n) assert.equal(queue.finish(places[other] as number), LEFT);
        if (n >= 0 && cases[n]?.sends === undefined) note(state, queues[n] as SharedQueue);
      };
      for (;;) {
        do {
          for (const [n, queue] of queues.entries()) {
            if (queue.look(places[n] as number, word) === WAITS) continue;
            ended(n);
            return;
          }
        } while (!choices.open(word));
        while (choices.isOpen(word) && !choices.isReminded(word)) if (gives?.(state)) break;
        if (choices.hold(word)) {
          if (!gives?.(state)) continue;
          ended(-1);
          return;
        }
        const n = cases.findIndex((_, each) => choices.isWonBy(word, each + 1));
        assert.equal((queues[n] as SharedQueue).finish(places[n] as number), DONE);
        ended(n);
        return;
      }
    };

  return [
    scenario(
      "from hand to hand",
      2,
      () => setup(0),
      [sendAll(1, [5]), receiveAll(2, 1)],
      (state) => {
        assert.deepEqual(noted(state), [5]);
        isEmpty(state);
      },
    ),
    scenario(
      "three through a buffer of two",
      1,
      () => setup(2),
      [sendAll(1, [1, 2, 3]), receiveAll(2, 3)],
      (state) => {
        assert.deepEqual(noted(state), [1, 2, 3]);
        isEmpty(state);
      },
    ),
    scenario(
      "two senders, one receiver",
      1,
      () => setup(0),
      [sendAll(1, [1]), sendAll(2, [2]), receiveAll(3, 2)],
      (state) => {
        assert.deepEqual(noted(state).sort(), [1, 2]);
        isEmpty(state);
      },
    ),
    scenario(
      "room for who waits",
      1,
      () => setup(1),
      [sendAll(1, [1, 2]), receiveAll(2, 1)],
      (state) => {
        assert.deepEqual(noted(state), [1]);
        assert.equal(open(state, 9).counts.buffered, 1);
      },
    ),
    scenario(
      "a receiver that gives up swallows nothing",
      2,
      () => setup(1),
      [receiveAll(1, 1, 10), sendAll(2, [7])],
      (state) => {
        assert.equal(noted(state).length + open(state, 9).counts.buffered, 1);
      },
    ),
    scenario(
      "a sender that gives up has sent or has not",
      1,
      () => setup(0),
      [sendAll(1, [7], 10), receiveAll(2, 1, 10)],
      (state) => {
        assert.ok(noted(state).length <= 1);
        isEmpty(state);
      },
    ),
    scenario(
      "closing",
      1,
      () => setup(1),
      [receiveToEnd(1), close(2)],
      (state) => isEmpty(state),
    ),
    scenario(
      "one of two cases happens",
      1,
      () => setup(1, 2),
      [choose(1, 1, [{ which: 0 }, { which: 1 }]), trySend(2, 1, 0), trySend(3, 2, 1)],
      (state) => {
        assert.equal(state.seen[mark], 2);
        assert.equal(noted(state).length, 1);
        assert.equal(open(state, 9, 0).counts.buffered + open(state, 9, 1).counts.buffered, 1);
      },
    ),
    scenario(
      "select meets select",
      1,
      () => setup(0),
      [choose(1, 1, [{ which: 0, sends: 5 }]), choose(2, 2, [{ which: 0 }])],
      (state) => {
        assert.deepEqual(noted(state), [5]);
        isEmpty(state);
      },
    ),
    scenario(
      "a select that is served here meets one who sends",
      2,
      () => setup(1),
      [choose(1, 1, [{ which: 0 }], (state) => Atomics.load(state.seen, mark) > 0), trySend(2, 5, 0)],
      (state) => {
        assert.equal(noted(state).length + open(state, 9).counts.buffered, 1);
        assert.deepEqual(open(state, 9).waiting, { senders: 0, receivers: 0 });
      },
    ),
    scenario(
      "what one that died was given comes back",
      1,
      () => setup(1),
      [
        (state) => {
          const queue = open(state, 1);
          queue.attach();
          queue.receive(asking, true);
          here(state);
          until(state, 2);
          new Obituary(state.dead).record(1);
          here(state);
        },
        (state) => {
          until(state, 1);
          open(state, 2).send(value(5), asking, false);
          here(state);
          until(state, 3);
          const queue = open(state, 2);
          queue.lookForDead();
          assert.equal(queue.receive(asking, false), DONE);
        },
      ],
      (state) => isEmpty(state),
    ),
    scenario(
      "nobody serves the dead",
      1,
      () => setup(0),
      [
        (state) => {
          const queue = open(state, 1);
          queue.attach();
          queue.receive(asking, true);
          new Obituary(state.dead).record(1);
          here(state);
        },
        (state) => {
          until(state, 1);
          assert.equal(open(state, 2).send(value(5), asking, false), WAITS);
          isEmpty(state);
        },
      ],
      () => {},
    ),
  ];
}

export const sharedQueue: Protocol = {
  name: "queue",
  file: "memory/shared-queue",
  scenarios: ({ SharedQueue: Queue }: typeof QueueModule) => scenariosOf({ Queue, Serving: QueueServing, Words: Choices }),
  mutants: [
    {
      name: "receives without the guard",
      from: "receive(who, waits) {\n        return this.step(() => {",
      to: "receive(who, waits) {\n        return ((step) => step())(() => {",
    },
    {
      name: "a cancel loses what was handed over",
      from: "const value = state === HANDED ? store.get(place + placeValueAt) : 0;",
      to: "const value = 0;",
    },
    {
      name: "stands in line without being listed",
      from: "this.store.append(receiveLineAt, place);\n            // At capacity 0",
      to: "// At capacity 0",
    },
    { name: "an offer is not listed", from: "this.store.append(sendLineAt, place);\n        return place;", to: "return place;" },
    {
      name: "takes a value and admits nobody",
      from: "this.release(this.serving.shift());\n            if (store.get(sendLineAt) !== 0)\n                this.serving.admit();",
      to: "this.release(this.serving.shift());",
    },
    { name: "takes a value and leaves it", from: "this.release(this.serving.shift());", to: "" },
    { name: "takes from a sender and does not tell it", from: "store.settle(sender, SENT);", to: "" },
    { name: "looks, is served, and stays", from: "if (outcome !== WAITS)\n                this.#leave(place, state);", to: "" },
    {
      name: "looks at nothing",
      from: "if (state === RECEIVING)\n                outcome = this.#take",
      to: "if (state === RECEIVING)\n                outcome = WAITS;\n            else if (false)\n                outcome = this.#take",
    },
  ],
};

export const queueServing: Protocol = {
  name: "serving",
  file: "memory/queue-serving",
  scenarios: ({ QueueServing: Serving }: typeof ServingModule) => scenariosOf({ Queue: SharedQueue, Serving, Words: Choices }),
  mutants: [
    { name: "buffers beside one who waits", from: "if (free && this.hand(value, choice, waits))", to: "if (false)" },
    {
      name: "hands over and does not say what",
      from: "store.set(place + placeValueAt, value);\n                store.settle(place, HANDED);",
      to: "store.settle(place, HANDED);",
    },
    {
      name: "hands over and tells nobody",
      from: "store.set(place + placeValueAt, value);\n                store.settle(place, HANDED);",
      to: "store.set(place + placeValueAt, value);",
    },
    { name: "more than there is room for", from: "store.get(bufferedAt) + store.get(reservedAt) < store.get(capacityAt)", to: "true" },
    { name: "wins without asking", from: "return this.choices.win(other, this.store.get(place + caseAt));", to: "return true;" },
    { name: "the newest first", from: "store.append(valuesAt, value);", to: "store.insert(valuesAt, value, 0);" },
    { name: "admits and does not tell", from: "return false;\n        this.store.settle(place, SENT);", to: "return false;" },
    { name: "the dead are served", from: "if (!this.store.isLost(place))\n            return false;", to: "return false;" },
    { name: "what the dead were given is lost", from: "=== place)\n            this.putBack(value);", to: "=== place)\n            ;" },
    { name: "closing lets the receivers wait", from: "this.#sendAway(receiveLineAt, ENDED, 0);", to: "" },
    {
      name: "one who takes back does not count",
      from: "store.insert(valuesAt, value, previous);\n        store.count(bufferedAt, 1);",
      to: "store.insert(valuesAt, value, previous);",
    },
  ],
};

export const choiceWords: Protocol = {
  name: "choices",
  file: "memory/choices",
  scenarios: ({ Choices: Words }: typeof ChoicesModule) =>
    scenariosOf({ Queue: SharedQueue, Serving: QueueServing, Words }).filter(({ name }) => /select|cases/.test(name)),
  mutants: [
    {
      name: "passed over in silence",
      from: "compareExchange(this.#words, choice, word, word | MISSED) === word) {\n                return false;",
      to: "true) {\n                return false;",
    },
    {
      name: "opens although somebody was passed over",
      from: "if (compareExchange(this.#words, choice, HELD, OPEN) === HELD)\n            return true;",
      to: "store(this.#words, choice, OPEN);\n        return true;",
    },
    {
      name: "is won twice",
      from: "if (compareExchange(this.#words, choice, word, WON | (which << caseShift)) === word)\n                    return true;",
      to: "store(this.#words, choice, WON | (which << caseShift));\n                return true;",
    },
    {
      name: "is won while it is held",
      from: "if (state === OPEN) {\n                if",
      to: "if (state === OPEN || state === HELD) {\n                if",
    },
    { name: "holds what was won", from: "if (state === WON)\n                return false;", to: "" },
  ],
};
