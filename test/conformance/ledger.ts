// Ledger: follows tasks to their ends and keeps accounts. A task is lost when it does not settle, or settles in a way that is
// not one way: several outcomes, an outcome without a settled promise, a state that is none of the three last ones.
import type { Task } from "../../src/runtime/index.ts";

/** What became of the tasks of one fault on one level. */
export interface Account {
  readonly settled: number;
  /** Of the settled ones. */
  readonly abandoned: number;
  readonly lost: number;
  /** Time from the fault to the first outcome, where a fault is about that. */
  readonly detectedMs?: number | undefined;
}

interface Entry {
  readonly task: Task<unknown>;
  outcomes: number;
  settlements: number;
}

export class Ledger {
  readonly #entries: Entry[] = [];

  /** Follows a task from now on; returns it. */
  follow<T>(task: Task<T>): Task<T> {
    const entry: Entry = { task, outcomes: 0, settlements: 0 };
    this.#entries.push(entry);
    task.onDone(() => {
      entry.outcomes++;
    });
    const count = () => {
      entry.settlements++;
    };
    task.then(count, count);
    return task;
  }

  /** The account, once everything has settled or `ms` have passed. */
  async close(ms: number): Promise<Account> {
    const end = performance.now() + ms;
    while (this.#entries.some(({ settlements, outcomes }) => settlements === 0 || outcomes === 0) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // A second settlement would come soon after the first.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const lost = this.#entries.filter((entry) => !settledOnce(entry)).length;
    return { settled: this.#entries.length - lost, abandoned: this.#entries.filter(({ task }) => task.abandoned).length, lost };
  }
}

function settledOnce({ task, outcomes, settlements }: Entry): boolean {
  return outcomes === 1 && settlements === 1 && ["succeeded", "failed", "cancelled"].includes(task.state);
}
