// The choices of all threads of the program, in one piece of shared memory that reaches every thread as environment data, as the
// obituary does. A thread takes words by the handful and keeps them for its later selects.
import { add, allocateWords, type SharedWords } from "./atomics.ts";
import { Choices } from "./choices.ts";

const capacity = 1 << 20;
const handful = 16;
const key = "brigade.choices/1";

const spare: number[] = [];
let table: SharedWords | undefined;
let all: Choices | undefined;

function words(): SharedWords {
  if (table !== undefined) return table;
  // Loaded when it is first wanted, as in this-thread.ts.
  const { getEnvironmentData, setEnvironmentData } = process.getBuiltinModule("node:worker_threads");
  table = getEnvironmentData(key) as SharedWords | undefined;
  if (table === undefined) {
    table = allocateWords(capacity);
    setEnvironmentData(key, table as never);
  }
  return table;
}

/** All choices of the program. */
export function choices(): Choices {
  all ??= new Choices(words());
  return all;
}

/** A choice of this thread, closed. `RangeError` when a million are in use. */
export function takeChoice(): number {
  if (spare.length === 0) {
    // The first handful is no choice: its first word counts.
    const first = add(words(), 0, handful) + handful;
    if (first + handful > capacity) throw new RangeError("Too many threads of this program wait in selects over channels between threads.");
    for (let n = handful - 1; n >= 0; n--) spare.push(first + n);
  }
  return spare.pop() as number;
}

/** Gives a choice back: it is closed, and no place mentions it any more. */
export function returnChoice(choice: number): void {
  spare.push(choice);
}
