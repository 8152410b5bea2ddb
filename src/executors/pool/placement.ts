// Placement: which worker gets which waiting run.
//
// Two kinds of lines: the common one, and one per place of the roster for runs with a key, so that equal keys meet the
// same worker in order. A run whose submitter itself runs on a worker of this pool is served by that worker when no other
// is to be had: the submitter may be waiting for it, and then nobody else would ever come free.
import type { CancelScope } from "../../core/scope.ts";
import { goesBefore, Injector } from "./injector.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { Roster } from "./roster.ts";
import type { Run } from "./run.ts";

export class Placement {
  readonly #roster: Roster;
  readonly #workerOf: (scope: CancelScope) => PoolWorker | undefined;
  readonly #common = new Injector<Run>();
  /** Runs with a key, by the place that their key means. */
  readonly #keyed: (Injector<Run> | undefined)[] = [];

  /** `workerOf` tells on which worker the task of a scope runs. */
  constructor(roster: Roster, workerOf: (scope: CancelScope) => PoolWorker | undefined) {
    this.#roster = roster;
    this.#workerOf = workerOf;
  }

  /** Runs that wait. */
  get waiting(): number {
    return this.#keyed.reduce((sum, line) => sum + (line?.length ?? 0), this.#common.length);
  }

  /** Whether `capacity` runs wait beyond those that workers can take at once. */
  isFull(capacity: number): boolean {
    const free = this.#roster.slots.filter((worker) => worker === undefined || worker.free).length;
    return this.#common.length >= capacity + free;
  }

  push(run: Run): void {
    const { key } = run.parts.settings;
    run.queue ??= key === undefined ? this.#common : this.#lineOf(key);
    run.queue.push(run);
  }

  withdraw(run: Run): void {
    run.queue?.withdraw(run);
  }

  /** Takes everything out. */
  drain(): Run[] {
    return [this.#common, ...this.#keyed].flatMap((line) => line?.drain() ?? []);
  }

  /** Gives what waits to workers, starting workers as needed. */
  dispatch(): void {
    this.#keyed.forEach((line, slot) => {
      if (line) this.#dispatchKeyed(line, slot);
    });
    for (let run = this.#common.peek(); run; run = this.#common.peek()) {
      const worker = this.#roster.free() ?? this.#roster.hire() ?? this.#workerOfAncestor(run);
      if (worker === undefined) break;
      this.#common.shift();
      worker.send(run);
    }
    if (this.waiting > 0 && this.#roster.health.pauseMs > 0) this.#roster.afterPause(() => this.dispatch());
  }

  /** A worker of its own for a run; nothing when it has one. */
  placeAlone(run: Run): void {
    if (!run.task.settled && run.worker === undefined) this.#roster.hireDedicated().send(run);
  }

  #dispatchKeyed(line: Injector<Run>, slot: number): void {
    const run = line.peek();
    if (run === undefined) return;
    const worker = this.#roster.slots[slot] ?? this.#roster.hire(slot);
    if (worker === undefined) return;
    // A free worker takes whichever of the two lines is due, so that neither starves the other.
    const rival = this.#common.peek();
    const due = rival === undefined || goesBefore(run, rival) || this.#roster.slots.some((each) => each !== worker && each?.free);
    if (!(worker.free && due) && worker !== this.#workerOfAncestor(run)) return;
    line.shift();
    worker.send(run);
  }

  /** The worker of this pool on which the submitter of a run itself runs. */
  #workerOfAncestor(run: Run): PoolWorker | undefined {
    for (let scope = run.task.parent; scope; scope = scope.parent) {
      const worker = this.#workerOf(scope);
      if (worker && (worker.state === "ready" || worker.state === "starting")) return worker;
    }
    return undefined;
  }

  #lineOf(key: string | number): Injector<Run> {
    let hash = 0;
    for (const character of String(key)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    const slot = hash % this.#roster.slots.length;
    this.#keyed[slot] ??= new Injector<Run>();
    return this.#keyed[slot];
  }
}
