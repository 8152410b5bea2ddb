// The ledger of locks: who waits for which, who holds which, and which holds a wait stands in the way of.
import type { LockHold, LockRecorder, LockWait, RecordedLock } from "../../core/lock-recorder.ts";
import { Flows, type Step } from "./flows.ts";

/** What is known of one lock. */
export interface LockEntry {
  /** The longest first. */
  readonly holds: Set<LockHold>;
  /** In the order of the line. */
  readonly waits: Set<LockWait>;
}

export class LockLedger implements LockRecorder {
  /** The locks that somebody holds or waits for. */
  readonly locks = new Map<RecordedLock, LockEntry>();
  /** Told of every hold; from inside the operation: take a note, do nothing else. */
  onGranted: ((hold: LockHold) => void) | undefined;
  onReleased: ((hold: LockHold) => void) | undefined;
  /** Told of every wait. */
  onWaiting: (() => void) | undefined;
  readonly flows = new Flows();
  readonly #steps = new WeakMap<LockHold | LockWait, Step>();

  waiting(wait: LockWait): void {
    this.#entry(wait.lock).waits.add(wait);
    this.#steps.set(wait, this.flows.enter());
    this.onWaiting?.();
  }

  granted(hold: LockHold, wait: LockWait | undefined): void {
    const entry = this.#entry(hold.lock);
    entry.holds.add(hold);
    if (wait !== undefined) entry.waits.delete(wait);
    const step = wait === undefined ? this.flows.enter() : this.#steps.get(wait);
    if (step !== undefined) {
      step.hold = hold;
      this.#steps.set(hold, step);
    }
    this.onGranted?.(hold);
  }

  withdrawn(wait: LockWait): void {
    this.#entry(wait.lock).waits.delete(wait);
    this.#end(wait);
    this.#forget(wait.lock);
  }

  released(hold: LockHold): void {
    this.#entry(hold.lock).holds.delete(hold);
    this.#end(hold);
    this.#forget(hold.lock);
    this.onReleased?.(hold);
  }

  /** Where it stands in its flow. */
  stepOf(use: LockHold | LockWait): Step | undefined {
    return this.#steps.get(use);
  }

  #end(use: LockHold | LockWait): void {
    const step = this.#steps.get(use);
    if (step === undefined) return;
    step.hold = undefined;
    step.over = true;
  }

  #entry(lock: RecordedLock): LockEntry {
    let entry = this.locks.get(lock);
    if (entry === undefined) {
      entry = { holds: new Set(), waits: new Set() };
      this.locks.set(lock, entry);
    }
    return entry;
  }

  #forget(lock: RecordedLock): void {
    const entry = this.locks.get(lock);
    if (entry !== undefined && entry.holds.size === 0 && entry.waits.size === 0) this.locks.delete(lock);
  }
}
