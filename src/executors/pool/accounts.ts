// Accounts of an executor: counts of tasks, and who waits for them to change (`drain`, `ready`, `close`).
import { enterOperation } from "../../core/parked.ts";
import { ParkingLot } from "../../core/parking-lot.ts";
import type { ScopedTask } from "../../core/task.ts";

export class Accounts {
  /** Tasks that have not settled. */
  pending = 0;
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  readonly waitingFor = "an executor";
  /** Each with what it waits for. */
  readonly #watchers = new ParkingLot<void, () => boolean>(this);

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
    if (this.#watchers.length === 0) return;
    for (const watcher of this.#watchers) {
      if (!watcher.payload()) continue;
      this.#watchers.remove(watcher);
      watcher.settle();
    }
  }

  /** Parks the task until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    const scope = enterOperation();
    if (!condition()) await this.#watchers.park(scope, undefined, condition).promise;
  }
}
