// Detector of tasks that the program ended under: nobody ever asked for their outcome, and now they will never have one.
//
// What cannot be told without false alarms is not told: a task that nobody awaits *yet* is normal while the program runs; one that is
// parked at the end is a background task, or stuck, which is another finding; and a task that somebody holds and awaits is that one's
// business.
import { type CancelScope, rootScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import { timers } from "../../core/timers.ts";
import type { Report } from "../finding.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import type { Origin } from "../origin.ts";
import { nameOfTask, thisWorker } from "../origin.ts";

/** A program that has lost more has one mistake, not many. */
const reportedAtMost = 10;

export class UnawaitedTaskDetector {
  readonly #ledgers: Ledgers;
  readonly #report: Report;
  readonly #reported = new WeakSet<ScopedTask<unknown>>();

  constructor(ledgers: Ledgers, report: Report) {
    this.#ledgers = ledgers;
    this.#report = report;
  }

  /** The event loop has nothing left to do: what they wait for will never happen. */
  atLoopEnd(): void {
    this.#tellAll("The event loop has nothing left to do, so what it waits for will never happen.");
  }

  /** The program was told to end. */
  atExit(): void {
    this.#tellAll("The program ended under it (process.exit, or an uncaught error).");
  }

  #tellAll(why: string): void {
    const excused = this.#withSomethingParked();
    let left = reportedAtMost;
    for (const { task, origin } of this.#ledgers.tasks.live.values()) {
      if (left === 0) return;
      const local = task.level === "serial" || task.level === "coroutine";
      if (!local || task.observed || task.owner !== undefined || excused.has(task) || this.#reported.has(task)) continue;
      this.#reported.add(task);
      left--;
      this.#tell(task, origin, why);
    }
  }

  /** The tasks that are parked, or wait for something below them that is. */
  #withSomethingParked(): Set<CancelScope> {
    const scopes = new Set<CancelScope>([rootScope]);
    for (const { scope } of this.#ledgers.parks.operations.keys()) {
      for (let each = scope; each !== undefined && !scopes.has(each); each = each.parent) scopes.add(each);
    }
    return scopes;
  }

  #tell(task: ScopedTask<unknown>, origin: Origin, why: string): void {
    const name = nameOfTask(task);
    this.#report({
      code: "unawaited-task",
      sinceMs: Math.round(timers.now() - origin.atMs),
      message: `The task ${name} never ended, and nobody ever waited for it. ${why} The stack is where it was started.`,
      fix: "Await the task, or start it in a task group, which waits for its children.",
      stack: origin.stack,
      worker: thisWorker(),
      task: name,
    });
  }
}
