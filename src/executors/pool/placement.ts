// Placement: which worker gets which waiting run.
//
// Three kinds of lines: the common one, one for nested runs (their submitter itself runs on a worker of this pool), and one
// per place of the roster for runs with a key, so that equal keys meet the same worker in order.
//
// Invariant: no nested run waits for a worker to come free, since the one that holds a worker may be waiting for it. When
// none is to be had it goes to its submitter's own worker, or with a key to its key's worker, and whatever has to start
// before it goes along. A line of its own, because in the common one it would stand behind runs that do wait for a worker.
import type { CancelScope } from "../../core/scope.ts";
import { goesBefore, Injector } from "./injector.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { Roster } from "./roster.ts";
import type { Run } from "./run.ts";

/** Runs that a worker is sent ahead before another one is looked at. */
const sentAtOnce = 8;

export class Placement {
  readonly #roster: Roster;
  readonly #workerOf: (scope: CancelScope) => PoolWorker | undefined;
  readonly #common = new Injector<Run>();
  readonly #nested = new Injector<Run>();
  /** Runs with a key, by the place that their key means. */
  readonly #keyed: (Injector<Run> | undefined)[] = [];
  /** The nested ones among those. */
  readonly #nestedKeyed = new Set<Run>();
  readonly #dispatchLater = () => this.dispatch();

  /** `workerOf` tells on which worker the task of a scope runs. */
  constructor(roster: Roster, workerOf: (scope: CancelScope) => PoolWorker | undefined) {
    this.#roster = roster;
    this.#workerOf = workerOf;
  }

  /** Runs that wait. */
  get waiting(): number {
    return this.#keyed.reduce((sum, line) => sum + (line?.length ?? 0), this.#unkeyed);
  }

  /** Those without a key; what was sent ahead and has not been begun waits too. */
  get #unkeyed(): number {
    let waiting = this.#common.length + this.#nested.length;
    for (const worker of this.#roster.slots) if (worker) waiting += worker.waiting;
    return waiting;
  }

  /** Whether `capacity` runs wait beyond those that workers can take at once. */
  isFull(capacity: number): boolean {
    if (capacity === Number.POSITIVE_INFINITY) return false;
    const free = this.#roster.slots.filter((worker) => worker === undefined || worker.free).length;
    return this.#unkeyed >= capacity + free;
  }

  push(run: Run): void {
    this.#lineFor(run).push(run);
    // What waits in a worker must not go before what is more urgent.
    for (const worker of this.#roster.slots) if (worker && worker.ahead.lowest < run.priority) this.#recall(worker, run.priority);
  }

  /** Takes back what a worker was sent ahead and has not begun. */
  recall(worker: PoolWorker): void {
    this.#recall(worker, Number.POSITIVE_INFINITY);
  }

  #recall(worker: PoolWorker, below: number): void {
    for (const run of [...worker.ahead.newest()]) if (run.priority < below && worker.takeBack(run)) this.putBack(run);
  }

  /** A run that was sent to a worker and not started there takes its old place again. */
  putBack(run: Run): void {
    this.#lineFor(run).putBack(run);
  }

  withdraw(run: Run): void {
    run.queue?.withdraw(run);
    this.#nestedKeyed.delete(run);
  }

  /** Gives what waits to workers, starting workers as needed. */
  dispatch(): void {
    this.#keyed.forEach((line, slot) => {
      if (line) this.#dispatchKeyed(line, slot);
    });
    for (let run = this.#first(); run; run = this.#first()) {
      const worker = this.#roster.free() ?? this.#roster.hire();
      if (worker === undefined) break;
      run.queue?.shift();
      worker.send(run, run.queue !== this.#nested);
    }
    this.#placeNested();
    this.#sendAhead();
    this.#steal();
    if (this.waiting > 0 && this.#roster.health.pauseMs > 0) this.#roster.afterPause(this.#dispatchLater);
  }

  /** Everybody is busy: those whose tasks are short get more than one. */
  #sendAhead(): void {
    for (let run = this.#common.peek(); run?.isLight; run = this.#common.peek()) {
      // A worker whose key is waited for has to come free.
      const worker = this.#roster.roomiest((slot) => (this.#keyed[slot]?.length ?? 0) > 0);
      if (worker === undefined) return;
      // Several to one before the next is looked for.
      for (let left = Math.min(sentAtOnce, this.#roster.roomOf(worker)); left > 0 && run?.repeatable; left--) {
        this.#common.shift();
        worker.send(run, true);
        run = this.#common.peek();
      }
    }
  }

  /** Nothing waits here, but somebody is idle while others have more than they can do at once: half of that moves. */
  #steal(): void {
    if (this.#common.length > 0) return;
    for (let thief = this.#roster.free(); thief; thief = this.#roster.free()) {
      const victim = this.#roster.slots.reduce(
        (most, worker) => ((worker?.waiting ?? 0) > (most?.waiting ?? 0) ? worker : most),
        undefined,
      );
      if (victim === undefined) return;
      const half = Math.ceil(victim.waiting / 2);
      const loot: Run[] = [];
      for (const run of victim.ahead.newest()) {
        if (loot.length === half) break;
        if (run.queue === this.#common && victim.takeBack(run)) loot.push(run);
      }
      if (loot.length === 0) return;
      // The oldest first.
      for (const run of loot.reverse()) thief.send(run, true);
    }
  }

  /** A worker of its own for a run; nothing when it has one, or waits for its next attempt. */
  placeAlone(run: Run): void {
    if (!run.task.settled && run.worker === undefined && run.retryTimer === undefined) this.#roster.hireDedicated().send(run);
  }

  /** The run without a key whose turn it is. */
  #first(): Run | undefined {
    const [common, nested] = [this.#common.peek(), this.#nested.peek()];
    return common === undefined || (nested !== undefined && goesBefore(nested, common)) ? nested : common;
  }

  /** Nobody is free: the nested go where their submitters run. */
  #placeNested(): void {
    for (let run = this.#nested.shift(); run; run = this.#nested.shift()) {
      const worker = this.#workerOfAncestor(run);
      if (worker) worker.send(run);
      else {
        // Nobody who holds a worker waits for it any more.
        run.queue = this.#common;
        run.queue.putBack(run);
      }
    }
  }

  #dispatchKeyed(line: Injector<Run>, slot: number): void {
    for (let run = line.peek(); run; run = line.peek()) {
      const worker = this.#roster.slots[slot] ?? this.#roster.hire(slot);
      if (worker === undefined) return;
      // A free worker takes whichever line is due, so that neither starves the other.
      const rival = this.#first();
      const due = rival === undefined || goesBefore(run, rival) || this.#roster.slots.some((each) => each !== worker && each?.free);
      if (!(worker.free && due) && !this.#holdsNested(line)) return;
      line.shift();
      this.#nestedKeyed.delete(run);
      worker.send(run, worker.free);
    }
  }

  #holdsNested(line: Injector<Run>): boolean {
    for (const run of this.#nestedKeyed) if (run.queue === line && this.#workerOfAncestor(run)) return true;
    return false;
  }

  /** The worker of this pool on which the submitter of a run itself runs. */
  #workerOfAncestor(run: Run): PoolWorker | undefined {
    for (let scope = run.task.parent; scope; scope = scope.parent) {
      const worker = this.#workerOf(scope);
      if (worker?.open) return worker;
    }
    return undefined;
  }

  /** The line that a run is about to join. */
  #lineFor(run: Run): Injector<Run> {
    const { key } = run.settings;
    const nested = this.#workerOfAncestor(run) !== undefined;
    if (key !== undefined) {
      run.queue = this.#lineOf(key);
      if (nested) this.#nestedKeyed.add(run);
    } else run.queue = nested ? this.#nested : this.#common;
    return run.queue;
  }

  #lineOf(key: string | number): Injector<Run> {
    let hash = 0;
    for (const character of String(key)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    const slot = hash % this.#roster.slots.length;
    this.#keyed[slot] ??= new Injector<Run>();
    return this.#keyed[slot];
  }
}
