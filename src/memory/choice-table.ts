// The choices of all threads of the program, in one piece of shared memory that reaches every thread as environment data, as the
// obituary does. A thread takes words by the handful and keeps them for its later selects.
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import { add, allocateWords, type SharedWords } from "./atomics.ts";
import { Choices } from "./choices.ts";

const capacity = 1 << 20;
const handful = 16;
const key = "brigade.choices/1";

let words = getEnvironmentData(key) as SharedWords | undefined;
if (words === undefined) {
  words = allocateWords(capacity);
  setEnvironmentData(key, words as never);
}
const table: SharedWords = words;
const spare: number[] = [];

/** All choices of the program. */
export const choices: Choices = new Choices(table);

/** A choice of this thread, closed. `RangeError` when a million are in use. */
export function takeChoice(): number {
  if (spare.length === 0) {
    // The first handful is no choice: its first word counts.
    const first = add(table, 0, handful) + handful;
    if (first + handful > capacity) throw new RangeError("Too many threads of this program wait in selects over channels between threads.");
    for (let n = handful - 1; n >= 0; n--) spare.push(first + n);
  }
  return spare.pop() as number;
}

/** Gives a choice back: it is closed, and no place mentions it any more. */
export function returnChoice(choice: number): void {
  spare.push(choice);
}
