// Detector of failures that nobody notices: a task failed, and when the tick was over nobody had asked for its outcome. The platform raises
// `unhandledRejection` for it, at a time and with a stack that say what failed, but not which task it was and who should have awaited it.

import { messageOf } from "../../contract/errors.ts";
import type { Report } from "../finding.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import type { StartedTask } from "../ledgers/tasks.ts";
import { nameOfTask, thisWorker } from "../origin.ts";

export class LostFailureDetector {
  readonly #ledgers: Ledgers;
  readonly #report: Report;
  #failed: StartedTask[] = [];
  readonly #note = (failed: StartedTask) => {
    // Whoever awaits the task in this tick, or as late as the platform allows, has noticed.
    if (this.#failed.push(failed) === 1) setImmediate(() => this.flush()).unref();
  };

  constructor(ledgers: Ledgers, report: Report) {
    this.#ledgers = ledgers;
    this.#report = report;
  }

  start(): void {
    this.#ledgers.tasks.onUnobservedFailure.add(this.#note);
  }

  stop(): void {
    this.flush();
    this.#ledgers.tasks.onUnobservedFailure.delete(this.#note);
  }

  /** Reports what is lost by now; also called when the program ends, which may be because of it. */
  flush(): void {
    const failed = this.#failed;
    this.#failed = [];
    for (const each of failed) if (!each.task.observed) this.#tell(each);
  }

  #tell({ task, origin }: StartedTask): void {
    const { outcome } = task;
    if (outcome?.state !== "failed") return;
    const name = nameOfTask(task);
    const what = messageOf(outcome.error);
    this.#report({
      code: "lost-failure",
      error: outcome.error,
      message: `The task ${name} failed and nobody noticed${what === undefined ? "." : `: ${what.replace(/\.$/, "")}.`} The stack is where it was started.`,
      fix: "Await the task, add a catch, or start it in a task group, which waits for its children and fails with them.",
      stack: origin.stack,
      worker: thisWorker(),
      task: name,
    });
  }
}
