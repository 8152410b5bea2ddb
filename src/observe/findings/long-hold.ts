// Detector of locks that are held too long. Holds come in the order of time, so the one that is due next stands first: one timer for each
// limit that somebody asked for, whatever is held.
//
// Only locks that exclude: a mutex, a readers-writer lock, a semaphore of one permit. The permits of others are there to be held for as
// long as work lasts.
import type { LockHold } from "../../core/lock-recorder.ts";
import { type Timer, timers } from "../../core/timers.ts";
import type { Report } from "../finding.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import { taskAround, thisWorker } from "../origin.ts";
import { programFrames } from "../stack.ts";

/** What has not been held for a certain time yet. */
class Limit {
  readonly limitMs: number;
  /** In the order in which they fall due. */
  readonly #young = new Set<LockHold>();
  readonly #onDue: (hold: LockHold) => void;
  #timer: Timer | undefined;

  constructor(limitMs: number, onDue: (hold: LockHold) => void) {
    this.limitMs = limitMs;
    this.#onDue = onDue;
  }

  add(hold: LockHold): void {
    this.#young.add(hold);
    if (this.#young.size === 1) this.#arm();
  }

  remove(hold: LockHold): void {
    // The timer may ring for nobody then: cheaper than setting it again for every release.
    this.#young.delete(hold);
    if (this.#young.size === 0) this.close();
  }

  close(): void {
    timers.clear(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const [first] = this.#young;
    if (first === undefined || this.#timer !== undefined) return;
    this.#timer = timers.set(first.sinceMs + this.limitMs - timers.now(), () => {
      this.#timer = undefined;
      for (const hold of this.#young) {
        if (timers.now() - hold.sinceMs < this.limitMs) break;
        this.#young.delete(hold);
        this.#onDue(hold);
      }
      this.#arm();
    });
  }
}

export class LongHoldDetector {
  readonly #ledgers: Ledgers;
  readonly #report: (finding: Parameters<Report>[0], limitMs: number) => void;
  /** Holds of deadlocks that were reported: their long time has a cause with a name. */
  readonly #explained: WeakSet<LockHold>;
  #limits: Limit[] = [];

  constructor(ledgers: Ledgers, explained: WeakSet<LockHold>, report: (finding: Parameters<Report>[0], limitMs: number) => void) {
    this.#ledgers = ledgers;
    this.#explained = explained;
    this.#report = report;
  }

  /** Reports each hold once when it has lasted one of these times. */
  watch(limitsMs: readonly number[]): void {
    const kept = this.#limits.filter(({ limitMs }) => limitsMs.includes(limitMs));
    for (const limit of this.#limits) if (!kept.includes(limit)) limit.close();
    this.#limits = limitsMs.map((limitMs) => kept.find((limit) => limit.limitMs === limitMs) ?? this.#open(limitMs));
    const { locks } = this.#ledgers;
    const active = this.#limits.length > 0;
    locks.onGranted = active ? (hold) => this.#add(hold, this.#limits) : undefined;
    locks.onReleased = active ? (hold) => this.#remove(hold) : undefined;
  }

  #open(limitMs: number): Limit {
    // Told from a microtask: timers may fire inside an operation that blocks, where no code of the program may run.
    const limit = new Limit(limitMs, (hold) => {
      const heldMs = Math.round(timers.now() - hold.sinceMs);
      queueMicrotask(() => this.#tell(hold, heldMs, limitMs));
    });
    const holds = [...this.#ledgers.locks.locks.values()].flatMap((entry) => [...entry.holds]);
    for (const hold of holds.sort((a, b) => a.sinceMs - b.sinceMs)) this.#add(hold, [limit]);
    return limit;
  }

  #add(hold: LockHold, limits: readonly Limit[]): void {
    const { kind, capacity } = hold.lock;
    if (kind === "mutex" || kind === "rwlock" || (kind === "semaphore" && capacity === 1)) for (const limit of limits) limit.add(hold);
  }

  #remove(hold: LockHold): void {
    for (const limit of this.#limits) limit.remove(hold);
  }

  #tell(hold: LockHold, heldMs: number, limitMs: number): void {
    if (this.#explained.has(hold)) return;
    const task = taskAround(hold.scope);
    const waiting = this.#ledgers.locks.locks.get(hold.lock)?.waits.size ?? 0;
    this.#report(
      {
        code: "lock-held-too-long",
        lock: hold.lock.waitingFor,
        heldMs,
        message:
          `${task ?? "Code outside any task"} has held ${hold.lock.waitingFor} for ${heldMs} ms` +
          (waiting === 0 ? "." : `, and ${waiting} ${waiting === 1 ? "other waits" : "others wait"} for it.`),
        fix: "Do the slow part before acquiring or after releasing, and hold the lock only for what has to be one step.",
        stack: programFrames(hold.stack),
        worker: thisWorker(),
        task,
      },
      limitMs,
    );
  }
}
