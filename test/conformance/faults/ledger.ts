// The ledger of a fault: every task that it submitted, and how it ended. A task is lost when it does not settle, settles
// twice, or settles one way for its promise and another for `onDone`.
import assert from "node:assert/strict";
import type { Outcome, Task } from "../../../src/runtime/index.ts";
import { until } from "../ground.ts";

/** What a fault came to. */
export interface Tally {
  readonly submitted: number;
  readonly settled: number;
  readonly abandoned: number;
  readonly lost: number;
}

interface Entry {
  readonly task: Task<unknown>;
  readonly expected: Expected;
  readonly promised: string[];
  readonly done: string[];
}

/** The code of the error, the name of an error that is not brigade's, `value`, or anything at all. */
export type Expected = string | readonly string[] | undefined;

/** No fault takes longer to come to an end, whatever else the machine does. */
const patienceMs = 10_000;

export class Ledger {
  readonly #entries: Entry[] = [];

  /** Enters a task; it shall end as expected. */
  watch<T>(task: Task<T>, expected?: Expected): Task<T> {
    const entry: Entry = { task, expected, promised: [], done: [] };
    this.#entries.push(entry);
    task.then(
      () => entry.promised.push("value"),
      (error: unknown) => entry.promised.push(labelOf(error)),
    );
    task.onDone((outcome: Outcome<T>) => entry.done.push(outcome.state === "succeeded" ? "value" : labelOf(outcome.error)));
    return task;
  }

  /** Waits for the end of every task and counts. Throws when one ended otherwise than expected. */
  async close(): Promise<Tally> {
    const over = ({ promised, done }: Entry) => promised.length > 0 && done.length > 0;
    await until(() => this.#entries.every(over), "every task settles", patienceMs).catch(() => {});
    // A second settlement would come in the turns after the first.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    const once = ({ promised, done }: Entry) => promised.length === 1 && done.length === 1 && promised[0] === done[0];
    const kept = this.#entries.filter(once);
    const tally = {
      submitted: this.#entries.length,
      settled: kept.length,
      abandoned: this.#entries.filter(({ task }) => task.abandoned).length,
      lost: this.#entries.length - kept.length,
    };
    for (const { task, expected, promised } of kept) {
      if (expected === undefined) continue;
      const ends = typeof expected === "string" ? [expected] : expected;
      assert.ok(ends.includes(promised[0] ?? ""), `${task.name} ended with ${promised[0]}, expected ${ends.join(" or ")}`);
    }
    return tally;
  }
}

/** What identifies an end: the code of the error, else its name, else what it is. Reading it never throws. */
function labelOf(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return typeof error;
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    return typeof code === "string" ? code : typeof name === "string" ? name : "object";
  } catch {
    return "unreadable";
  }
}
