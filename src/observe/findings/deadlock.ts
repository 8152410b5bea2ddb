// Detector of deadlocks: a way round in the wait-for graph (`wait-graph.ts`) that lasts. Guards are capabilities, so the graph can only
// suspect: somebody outside may hold the guard that would end it. That is why this is a finding and never an error, and why a cycle has
// to be there for a while, look after look: branches that take turns are through by then.
import type { LockHold, LockWait } from "../../core/lock-recorder.ts";
import type { ParkedOperation } from "../../core/park-recorder.ts";
import type { CancelScope } from "../../core/scope.ts";
import { type Timer, timers } from "../../core/timers.ts";
import type { Report } from "../finding.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import { taskAround, thisWorker } from "../origin.ts";
import { programFrames } from "../stack.ts";
import { findCycles, type Party } from "./wait-graph.ts";

/** Between two looks. */
const lookMs = 200;
/** A cycle that has been seen for so long is no coincidence. */
const patienceMs = 600;
/** Of one flow that waits for what it holds itself. It may have left the release to a timer, which nobody sees, to hold a lock for some
 *  time. */
const patienceWithOneMs = 10_000;

export class DeadlockDetector {
  readonly #ledgers: Ledgers;
  readonly #report: Report;
  /** Holds that are part of a deadlock that was reported. */
  readonly deadlocked = new WeakSet<LockHold>();
  readonly #reported = new WeakSet<LockWait>();
  /** The scopes in which waits of reported deadlocks are parked, by lock. */
  readonly #stuck = new WeakMap<object, WeakSet<CancelScope>>();
  /** Waits that were part of a cycle at the last look, and since when. */
  #suspects = new Map<LockWait, number>();
  #timer: Timer | undefined;
  #running = false;

  constructor(ledgers: Ledgers, report: Report) {
    this.#ledgers = ledgers;
    this.#report = report;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#ledgers.locks.onWaiting = () => this.#lookLater();
    this.#lookLater();
  }

  stop(): void {
    this.#running = false;
    this.#ledgers.locks.onWaiting = undefined;
    timers.clear(this.#timer);
    this.#timer = undefined;
  }

  /** Whether an operation is a wait of a deadlock that was reported. */
  explains({ home, scope }: ParkedOperation): boolean {
    return scope !== undefined && (this.#stuck.get(home)?.has(scope) ?? false);
  }

  /** The event loop has nothing left to do: nobody outside will help, so what is stuck now has lasted long enough. */
  atLoopEnd(): void {
    if (!this.#running) return;
    for (const cycle of this.#cycles()) this.#tell(cycle);
  }

  #lookLater(): void {
    this.#timer ??= timers.set(lookMs, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  #look(): void {
    const now = timers.now();
    const cycles = this.#cycles();
    const before = this.#suspects;
    this.#suspects = new Map(cycles.flat().map(({ wait }) => [wait, before.get(wait) ?? now]));
    for (const cycle of cycles) {
      const patience = cycle.length === 1 ? patienceWithOneMs : patienceMs;
      const lasts = cycle.every(({ wait }) => now - (this.#suspects.get(wait) ?? now) >= patience);
      // Told from a microtask: timers may fire inside an operation that blocks, where no code of the program may run.
      if (lasts) queueMicrotask(() => this.#tell(cycle));
    }
    for (const { waits } of this.#ledgers.locks.locks.values()) {
      if (waits.size === 0) continue;
      this.#lookLater();
      return;
    }
  }

  #cycles(): Party[][] {
    return findCycles(this.#ledgers).filter((cycle) => !cycle.some(({ wait }) => this.#reported.has(wait)));
  }

  #tell(cycle: readonly Party[]): void {
    for (const { wait, hold } of cycle) {
      this.#reported.add(wait);
      this.deadlocked.add(hold);
      this.#stuck.set(wait.lock, (this.#stuck.get(wait.lock) ?? new WeakSet()).add(wait.scope));
    }
    const lines = cycle.map(describe);
    const [first] = cycle;
    if (first === undefined) return;
    this.#report({
      code: "deadlock",
      cycle: lines,
      message:
        cycle.length === 1
          ? `A deadlock: ${lines[0]}, which it will never get.`
          : `A deadlock: ${cycle.length} flows of work wait for each other and can never go on: ${lines.join("; ")}.`,
      fix:
        cycle.length === 1
          ? "Use what is held already, or release it before asking again. Inside mutex.with(fn) this is an error at once."
          : "Acquire the locks in the same order everywhere, or give one of the waits a timeout.",
      stack: cycle.flatMap(stacksOf).join("\n"),
      worker: thisWorker(),
      task: taskAround(first.wait.scope),
    });
  }
}

function describe({ wait, hold }: Party): string {
  const wanted = wait.lock === hold.lock ? "more of it" : wait.lock.waitingFor;
  const [holder, waiter] = [who(hold.scope), who(wait.scope)];
  const waits = holder === waiter ? `waits for ${wanted}` : `waits for ${waiter}, which waits for ${wanted}`;
  return `${holder} holds ${hold.lock.waitingFor} and ${waits}`;
}

function stacksOf({ wait, hold }: Party): string[] {
  return [
    `${who(wait.scope)} waits for ${wait.lock.waitingFor}:`,
    programFrames(wait.stack),
    `${who(hold.scope)} took ${hold.lock.waitingFor}:`,
    programFrames(hold.stack),
  ];
}

function who(scope: CancelScope): string {
  return taskAround(scope) ?? "code outside any task";
}
