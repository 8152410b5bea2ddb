// Accounts of an executor: counts of tasks, and who waits for them to change (`drain`, `ready`, `close`).
import { enterOperation, Parked } from "../../core/parked.ts";
import type { ScopedTask } from "../../core/task.ts";

interface Watcher {
  readonly condition: () => boolean;
  readonly parked: Parked<void>;
}

export class Accounts {
  /** Tasks that have not settled. */
  pending = 0;
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  readonly #watchers = new Set<Watcher>();

  opened(): void {
    this.pending++;
  }

  settled(task: ScopedTask<unknown>): void {
    this.pending--;
    if (task.state === "succeeded") this.succeeded++;
    else if (task.state === "failed") this.failed++;
    else this.cancelled++;
    this.changed();
  }

  /** Something that a watcher may wait for has changed. */
  changed(): void {
    for (const watcher of [...this.#watchers]) {
      if (watcher.condition()) {
        this.#watchers.delete(watcher);
        watcher.parked.settle();
      }
    }
  }

  /** Parks the task until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    const scope = enterOperation();
    if (condition()) return;
    const parked = new Parked<void>(scope, undefined, () => this.#watchers.delete(watcher));
    const watcher: Watcher = { condition, parked };
    this.#watchers.add(watcher);
    await parked.promise;
  }
}
