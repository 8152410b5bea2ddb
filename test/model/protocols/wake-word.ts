// WakeWord: nobody sleeps while there is work, whether it blocks or rests in its event loop, and each rest costs one message at most.
import assert from "node:assert/strict";
import type * as Module from "../../../src/memory/wake-word.ts";
import { type Protocol, scenario } from "../protocol.ts";

/** Words beside the wake word: work published, messages sent, messages received. */
const work = 1;
const sent = 2;
const received = 3;
const setup = () => new Int32Array(new SharedArrayBuffer(16));
type Words = ReturnType<typeof setup>;

export const wakeWord: Protocol = {
  name: "wake-word",
  file: "memory/wake-word",
  scenarios({ WakeWord }: typeof Module) {
    const publish = (words: Words) => {
      Atomics.add(words, work, 1);
      if (!new WakeWord(words).wake()) return;
      Atomics.add(words, sent, 1);
      Atomics.notify(words, sent);
    };
    const receive = (words: Words) => {
      const before = Atomics.load(words, received);
      while (Atomics.load(words, sent) === before) Atomics.wait(words, sent, before);
      Atomics.store(words, received, before + 1);
    };
    const block = (wanted: number) => (words: Words) => {
      const word = new WakeWord(words);
      for (;;) {
        word.drowse();
        if (Atomics.load(words, work) >= wanted) break;
        word.sleepSync(Number.POSITIVE_INFINITY);
      }
      word.awake();
    };
    const rest = (wanted: number) => (words: Words) => {
      const word = new WakeWord(words);
      for (;;) {
        word.rest();
        if (Atomics.load(words, work) >= wanted) break;
        receive(words);
      }
      if (!word.leave()) receive(words);
    };
    /** Both ways in turn, as a worker does. */
    const restAndBlock = (words: Words) => {
      rest(1)(words);
      block(2)(words);
    };
    const messages = (words: Words) => assert.equal(words[sent], words[received]);
    return [
      scenario("it blocks", 4, setup, [block(2), publish, publish], messages),
      scenario("it rests", 4, setup, [rest(2), publish, publish], messages),
      scenario("it rests, then blocks", 4, setup, [restAndBlock, publish, publish], messages),
    ];
  },
  mutants: [
    { name: "wakes nobody", from: "return state !== RUN && this.#wakeSlow();", to: "return false;" },
    { name: "does not notify", from: "if (state === FUTEX)\n            notify(this.#words, this.#index);", to: "" },
    {
      name: "every waker sends a message",
      from: "compareExchange(this.#words, this.#index, state, RUN) !== state",
      to: "(store(this.#words, this.#index, RUN), false)",
    },
    {
      name: "wakes without a word",
      from: "compareExchange(this.#words, this.#index, state, RUN) !== state",
      to: "load(this.#words, this.#index) !== state",
    },
    { name: "sends a message to one that blocks", from: "return state === LOOP;", to: "return state === FUTEX;" },
    {
      name: "blocks on whatever is there",
      from: "wait(this.#words, this.#index, FUTEX, timeoutMs)",
      to: "wait(this.#words, this.#index, load(this.#words, this.#index), timeoutMs)",
    },
    {
      name: "says that it rests when it blocks",
      from: "store(this.#words, this.#index, FUTEX);",
      to: "store(this.#words, this.#index, LOOP);",
    },
    { name: "rests without saying so", from: "store(this.#words, this.#index, LOOP);", to: "" },
    {
      name: "leaves without looking for a message",
      from: "compareExchange(this.#words, this.#index, LOOP, RUN) === LOOP",
      to: "(store(this.#words, this.#index, RUN), true)",
    },
  ],
};
