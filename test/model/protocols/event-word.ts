// EventWord: a set lets all go that wait, cleared at once or not.
import assert from "node:assert/strict";
import type * as Module from "../../../src/memory/event-word.ts";
import { type Protocol, scenario } from "../protocol.ts";

const setup = () => new Int32Array(new SharedArrayBuffer(16));
type Words = ReturnType<typeof setup>;
const went = 1;
const asleep = 2;

export const eventWord: Protocol = {
  name: "event",
  file: "memory/event-word",
  scenarios({ EventWord }: typeof Module) {
    const wait = (words: Words) => {
      assert.ok(new EventWord(words, 0).waitSync(Number.POSITIVE_INFINITY));
      Atomics.add(words, went, 1);
    };
    /** One that has read the word, and so waits, before anything is set. */
    const waitEarly = (words: Words) => {
      const event = new EventWord(words, 0);
      const seen = event.read();
      Atomics.add(words, asleep, 1);
      while (!event.passed(seen)) Atomics.wait(words, 0, seen);
      Atomics.add(words, went, 1);
    };
    const set = (words: Words) => new EventWord(words, 0).set();
    const pulse = (words: Words) => {
      while (Atomics.load(words, asleep) < 2);
      const event = new EventWord(words, 0);
      event.set();
      event.clear();
    };
    const flicker = (words: Words) => {
      const event = new EventWord(words, 0);
      event.set();
      event.clear();
      event.set();
    };
    const timed = (words: Words) => {
      if (new EventWord(words, 0).waitSync(10)) assert.equal(Atomics.load(words, 0), 1);
      else assert.equal(performance.now(), 10);
    };
    /** Nobody sets it a second time, but the first `set` may wake this one only after it has cleared, and waits again. */
    const waitTwice = (words: Words) => {
      const event = new EventWord(words, 0);
      assert.ok(event.waitSync(Number.POSITIVE_INFINITY));
      event.clear();
      assert.equal(event.waitSync(10), false);
    };
    return [
      scenario("woken late", 4, setup, [waitTwice, set], (words) => assert.equal(words[0], 2)),
      scenario("two wait, one sets", 4, setup, [wait, wait, set], (words) => assert.deepEqual([words[0], words[went]], [1, 2])),
      scenario("two set at once", 4, setup, [wait, set, set], (words) => assert.deepEqual([words[0], words[went]], [1, 1])),
      scenario("set and cleared at once", 3, setup, [waitEarly, waitEarly, pulse], (words) =>
        assert.deepEqual([words[0], words[went]], [2, 2]),
      ),
      scenario("set, cleared and set", 4, setup, [wait, wait, flicker], (words) => assert.equal(words[0], 3)),
      scenario("a limit", 4, setup, [timed, set], (words) => assert.equal(words[0], 1)),
    ];
  },
  mutants: [
    {
      name: "takes any wake-up for its own",
      from: "return this.passed(seen);\n        }",
      to: "return this.passed(seen);\n            break;\n        }",
    },
    { name: "wakes one", from: "notify(this.words, this.index);", to: "notify(this.words, this.index, 1);" },
    { name: "wakes nobody", from: "notify(this.words, this.index);", to: ";" },
    { name: "sets what is set", from: "(count & 1) === 0 && ", to: "" },
    {
      name: "clears by taking one away",
      from: "if ((count & 1) === 1)\n            compareExchange(this.words, this.index, count, (count + 1) | 0);",
      to: "if ((count & 1) === 1)\n            compareExchange(this.words, this.index, count, count - 1);",
    },
    { name: "never clears", from: "if ((count & 1) === 1)\n            compareExchange", to: "if (false)\n            compareExchange" },
    { name: "sees only what is set now", from: "(seen & 1) === 1 || this.read() !== seen", to: "this.isSet" },
    {
      name: "sleeps on what it reads late",
      from: "wait(this.words, this.index, seen, left)",
      to: "wait(this.words, this.index, this.read(), left)",
    },
    { name: "takes every end for a set", from: "return this.passed(seen);\n        }", to: "return true;\n        }" },
  ],
};
