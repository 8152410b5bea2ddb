// Detector of operations that nothing can end: the event loop has nothing left to do, and they are still parked. There is nothing to guess
// here: without a timer, a socket or a task that could run, nobody is left who might send, release or cancel.
import type { RecordedLock } from "../../core/lock-recorder.ts";
import type { ParkedOperation } from "../../core/park-recorder.ts";
import { timers } from "../../core/timers.ts";
import type { Report, StuckOperation } from "../finding.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import type { Origin } from "../origin.ts";
import { taskAround, thisWorker } from "../origin.ts";
import { describeFrame, guiltyFrame, programFrames } from "../stack.ts";

/** The message names so many; the finding has them all. */
const named = 5;

export class StuckAtExitDetector {
  readonly #ledgers: Ledgers;
  readonly #report: Report;
  readonly #reported = new WeakSet<ParkedOperation>();
  /** Brigade's own, such as the reading of findings; or part of a finding that says more. */
  readonly #isExcused: (operation: ParkedOperation) => boolean;

  constructor(ledgers: Ledgers, isExcused: (operation: ParkedOperation) => boolean, report: Report) {
    this.#ledgers = ledgers;
    this.#isExcused = isExcused;
    this.#report = report;
  }

  atLoopEnd(): void {
    const waiting: StuckOperation[] = [];
    const lines: string[] = [];
    for (const [operation, origin] of this.#ledgers.parks.operations) {
      if (this.#isExcused(operation) || this.#reported.has(operation)) continue;
      this.#reported.add(operation);
      const each = stuck(operation, origin);
      waiting.push(each);
      if (waiting.length <= named) lines.push(describe(each) + this.#holderOf(operation));
    }
    const [first] = waiting;
    if (first === undefined) return;
    if (waiting.length > named) lines.push(`and ${waiting.length - named} more`);
    this.#report({
      code: "stuck-at-exit",
      waiting,
      message: `The program has nothing left to do, but ${waiting.length === 1 ? "one operation still waits" : `${waiting.length} operations still wait`}: ${lines.join("; ")}.`,
      fix: "Close the channel, release the lock or end the task that they wait for; or let them end by a signal, a timeout or a deadline.",
      stack: waiting.length === 1 ? first.stack : waiting.map((each) => `${describe(each)}:\n${each.stack}`).join("\n"),
      worker: thisWorker(),
      task: first.task,
    });
  }

  /** Of a lock: who has it, and since where. */
  #holderOf({ home }: ParkedOperation): string {
    const [hold] = this.#ledgers.locks.locks.get(home as unknown as RecordedLock)?.holds ?? [];
    const frame = hold && guiltyFrame(programFrames(hold.stack));
    return hold === undefined || frame === undefined
      ? ""
      : `, which ${taskAround(hold.scope) ?? "code outside any task"} took in ${describeFrame(frame)}`;
  }
}

function stuck(operation: ParkedOperation, origin: Origin): StuckOperation {
  return {
    task: taskAround(operation.scope),
    waitingFor: operation.home.waitingFor,
    sinceMs: Math.round(timers.now() - origin.atMs),
    stack: origin.stack,
  };
}

function describe({ task, waitingFor, stack }: StuckOperation): string {
  const frame = guiltyFrame(stack);
  const where = frame === undefined ? "" : ` in ${describeFrame(frame)}`;
  return `${task ?? "code outside any task"} waits for ${waitingFor}${where}`;
}
