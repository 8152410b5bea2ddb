// ChangeWord under a guard: nobody sleeps through a change, and a change that nobody waits for wakes nobody.
import assert from "node:assert/strict";
import type * as Module from "../../../src/memory/change-word.ts";
import { FutexMutex } from "../../../src/memory/futex-mutex.ts";
import { Obituary } from "../../../src/memory/obituary.ts";
import { type Protocol, scenario } from "../protocol.ts";

const never = Number.POSITIVE_INFINITY;
/** Words: the guard, the word under test, how much there is, sleeps that were announced, wakes. */
const word = 1;
const amount = 2;
const wakes = 4;

const setup = () => new Int32Array(new SharedArrayBuffer(20));
type Words = ReturnType<typeof setup>;

export const changeWord: Protocol = {
  name: "change",
  file: "memory/change-word",
  scenarios({ ChangeWord }: typeof Module) {
    const guard = (words: Words, me: number) => new FutexMutex(words, 0, me, new Obituary(new Int32Array(1) as never), 4, never);
    const take = (me: number) => (words: Words) => {
      const [lock, change] = [guard(words, me), new ChangeWord(words, word)];
      for (;;) {
        lock.acquireSync(never, false);
        const some = (words[amount] as number) > 0;
        if (some) words[amount] = (words[amount] as number) - 1;
        const seen = some ? 0 : change.await();
        lock.release();
        if (some) return;
        change.sleepSync(seen, never);
      }
    };
    const give = (me: number, times: number) => (words: Words) => {
      const [lock, change] = [guard(words, me), new ChangeWord(words, word)];
      for (let time = 0; time < times; time++) {
        lock.acquireSync(never, false);
        words[amount] = (words[amount] as number) + 1;
        const sleepers = change.change();
        lock.release();
        if (sleepers) change.wake();
      }
    };
    /** Counts the changes that had somebody to wake, when nobody slept. */
    const giveUnseen = (words: Words) => {
      const change = new ChangeWord(words, word);
      change.await();
      assert.ok(change.change());
      for (let time = 0; time < 2; time++) if (change.change()) Atomics.add(words, wakes, 1);
    };
    return [
      scenario("one waits", 4, setup, [take(1), give(2, 1)], (words) => assert.equal(words[amount], 0)),
      scenario("two wait, two come", 2, setup, [take(1), take(2), give(3, 2)], (words) => assert.equal(words[amount], 0)),
      scenario("two wait, two give", 1, setup, [take(1), take(2), give(3, 1), give(4, 1)], (words) => assert.equal(words[amount], 0)),
      scenario("nobody waits", 0, setup, [giveUnseen], (words) => assert.deepEqual([words[wakes], words[word]], [0, 6])),
    ];
  },
  mutants: [
    { name: "does not say that it sleeps", from: "store(this.words, this.index, word);\n        return word;", to: "return word;" },
    {
      name: "leaves the sleeper's bit",
      from: "store(this.words, this.index, ((word | ASLEEP) + 1) | 0);",
      to: "store(this.words, this.index, (word + 2) | 0);",
    },
    {
      name: "takes the bit and does not count",
      from: "store(this.words, this.index, ((word | ASLEEP) + 1) | 0);",
      to: "store(this.words, this.index, word & ~ASLEEP);",
    },
    { name: "wakes one", from: "notify(this.words, this.index);", to: "notify(this.words, this.index, 1);" },
    { name: "wakes nobody", from: "notify(this.words, this.index);", to: "" },
    { name: "has nobody to wake", from: "return (word & ASLEEP) !== 0;", to: "return false;" },
  ],
};
