// The ledger of tasks: which have no outcome yet, where each was started, and which failed with nobody to notice.
import type { ScopedTask } from "../../core/task.ts";
import type { TaskRecorder } from "../../core/task-recorder.ts";
import { Origin, stacksKept } from "../origin.ts";
import type { Flows, Step } from "./flows.ts";

/** A task and where it was started. */
export interface StartedTask {
  readonly task: ScopedTask<unknown>;
  readonly origin: Origin;
  /** What the code that started it had done with locks, if anything. */
  readonly step: Step | undefined;
}

export class TaskLedger implements TaskRecorder {
  /** The tasks that have not settled, the oldest first. */
  readonly live = new Map<ScopedTask<unknown>, StartedTask>();
  /** Told when a task has failed and nobody takes care of that yet. From inside the settlement: take a note, do nothing else. */
  readonly onUnobservedFailure = new Set<(failed: StartedTask) => void>();

  readonly #flows: Flows;

  constructor(flows: Flows) {
    this.#flows = flows;
  }

  opened(task: ScopedTask<unknown>): void {
    this.live.set(task, { task, origin: new Origin(this.live.size < stacksKept), step: this.#flows.fork() });
  }

  settled(task: ScopedTask<unknown>): void {
    const started = this.live.get(task);
    if (started === undefined) return;
    this.live.delete(task);
    if (task.state === "failed" && !task.observed) for (const listener of this.onUnobservedFailure) listener(started);
  }
}
