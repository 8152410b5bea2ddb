// Placement: which worker gets which waiting run.
//
// Three kinds of lines: the common one, one for nested runs (their submitter itself runs on a worker of this pool), and one
// per place of the roster for runs with a key, so that equal keys meet the same worker in order.
//
// Invariants
// - No nested run waits for a worker to come free, since the one that holds a worker may be waiting for it. When none is to be had
//   it goes to its submitter's own worker, or with a key to its key's worker, and whatever has to start before it goes along. A line
//   of its own, because in the common one it would stand behind runs that do wait for a worker.
// - Of two runs with one key and one priority the older is never behind the younger: they are given out oldest first and taken back
//   youngest first, and nobody of theirs begins while a worker that was told to die may still be at one of them.
// - Nobody starves: who is passed over by more urgent ones has a turn for age (ageing.ts).
import type { CancelScope } from "../../core/scope.ts";
import { hasAged, Turns } from "./ageing.ts";
import { isBelowWorker, type Takers, waitsForEver } from "./crosswise.ts";
import { goesBefore, Injector } from "./injector.ts";
import { type Key, KeyedLines } from "./keyed-lines.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { Roster } from "./roster.ts";
import type { Run } from "./run.ts";

/** Runs that a worker is sent ahead before another one is looked at. */
const sentAtOnce = 8;

export class Placement implements Takers {
  readonly #roster: Roster;
  readonly #workerOf: (scope: CancelScope) => PoolWorker | undefined;
  readonly #common = new Injector<Run>();
  readonly #nested = new Injector<Run>();
  readonly #keyed: KeyedLines;
  /** The nested ones among those with a key. */
  readonly #nestedKeyed = new Set<Run>();
  /** Those that wait here below a task that holds a worker of another pool. */
  readonly #crossing = new Set<Run>();
  /** Turns that each place has given out. */
  readonly #turns: readonly Turns[];
  readonly #dispatchLater = () => this.dispatch();

  /** `workerOf` tells on which worker the task of a scope runs. */
  constructor(roster: Roster, workerOf: (scope: CancelScope) => PoolWorker | undefined) {
    this.#roster = roster;
    this.#workerOf = workerOf;
    this.#keyed = new KeyedLines(roster.slots.length);
    this.#turns = roster.slots.map(() => new Turns());
  }

  /** Runs that wait; what was sent ahead and has not been begun waits too. */
  get waiting(): number {
    let waiting = this.#common.length + this.#nested.length + this.#keyed.length;
    for (const worker of this.#roster.slots) if (worker) waiting += worker.waiting;
    return waiting;
  }

  /** Whether with one run more, which may have a key, more than `capacity` would wait: beyond those that workers can take at once. */
  isFull(capacity: number, key?: Key): boolean {
    if (capacity === Number.POSITIVE_INFINITY) return false;
    const own = key === undefined ? undefined : this.#keyed.placeOf(key);
    let [free, bound, unbound] = [0, 0, this.#common.length + this.#nested.length + (own === undefined ? 1 : 0)];
    for (const [place, worker] of this.#roster.slots.entries()) {
      const keyed = (this.#keyed.at(place)?.length ?? 0) + (place === own ? 1 : 0);
      const isFree = worker === undefined || worker.free;
      // A free worker takes one: its key's, if there is any.
      if (isFree && keyed === 0) free++;
      bound += isFree && keyed > 0 ? keyed - 1 : keyed;
      if (worker === undefined) continue;
      bound += worker.waitingKeyed;
      unbound += worker.waiting - worker.waitingKeyed;
    }
    return bound + Math.max(0, unbound - free) > capacity;
  }

  push(run: Run): void {
    this.#lineFor(run).push(run);
    // What waits in a worker must not go before what is more urgent.
    const own = run.key === undefined ? undefined : this.#keyed.placeOf(run.key);
    for (const worker of this.#roster.slots) {
      if (worker === undefined || worker.ahead.lowest >= run.priority || (own !== undefined && worker.slot !== own)) continue;
      this.#recall(worker, (each) => each.priority < run.priority && !each.aged);
    }
  }

  /** Takes back what a worker was sent ahead and has not begun. */
  recall(worker: PoolWorker): void {
    this.#recall(worker, () => true);
  }

  /** The youngest first: the worker goes on with the oldest meanwhile, and may have it. */
  #recall(worker: PoolWorker, isMeant: (run: Run) => boolean): void {
    for (const run of [...worker.ahead.newest()]) if (isMeant(run) && worker.takeBack(run)) this.putBack(run);
  }

  /** A run that was sent to a worker and not started there takes its old place again. */
  putBack(run: Run): void {
    this.#lineFor(run).putBack(run);
  }

  withdraw(run: Run): void {
    run.queue?.withdraw(run);
    this.#nestedKeyed.delete(run);
    this.#crossing.delete(run);
  }

  takersOf(run: Run): readonly PoolWorker[] | undefined {
    const workers = run.key === undefined ? this.#roster.slots : [this.#roster.slots[this.#keyed.placeOf(run.key)]];
    return workers.every((worker) => worker !== undefined && !worker.free) ? (workers as readonly PoolWorker[]) : undefined;
  }

  /** Gives what waits to workers, starting workers as needed. */
  dispatch(): void {
    for (const [line, place] of this.#keyed.occupied()) this.#dispatchKeyed(line, place);
    this.#dispatchCommon();
    this.#placeNested();
    this.#sendAhead();
    this.#steal();
    if (this.#crossing.size > 0) this.#placeCrossing();
    if (this.waiting > 0 && this.#roster.health.pauseMs > 0) this.#roster.afterPause(this.#dispatchLater);
  }

  #dispatchKeyed(line: Injector<Run>, place: number): void {
    if (this.#roster.isLosing((run) => run.queue === line)) return;
    const worker = this.#roster.slots[place] ?? this.#roster.hire(place);
    if (worker === undefined) return;
    if (this.#holdsNested(line)) {
      // What it was sent ahead has to begin before the nested one, which begins at once.
      this.#recall(worker, (run) => run.queue === line);
      while (this.#holdsNested(line)) this.#give(worker, line.peek() as Run, false);
    }
    const run = this.#dueOf(place, line);
    if (run === undefined || !worker.free) return;
    // A free worker takes whichever line is due, so that neither starves the other.
    const elsewhere = this.#roster.slots.some((each) => each !== worker && each?.free);
    if (elsewhere || this.#dueAt(place) === run) this.#give(worker, run, true);
  }

  /** Gives the common and the nested runs to workers that are free, or that can be started. */
  #dispatchCommon(): void {
    for (;;) {
      const nested = this.#nested.peek();
      if (nested === undefined && this.#common.length === 0) return;
      const worker = this.#roster.free() ?? this.#roster.hire();
      if (worker === undefined) return;
      const common = this.#dueOf(worker.slot, this.#common);
      if (common !== undefined && (nested === undefined || goesBefore(common, nested))) this.#give(worker, common, true);
      else if (nested !== undefined) this.#give(worker, nested, false);
    }
  }

  /** Everybody is busy: those whose tasks are short get more than one. */
  #sendAhead(): void {
    // A worker that is due to take a run that cannot be sent ahead has to come free.
    const mustComeFree = (place: number) => !this.#maySendAhead(this.#dueAt(place));
    const isExcluded = this.#keyed.length === 0 ? () => false : mustComeFree;
    for (let worker = this.#roster.roomiest(isExcluded); worker; worker = this.#roster.roomiest(isExcluded)) {
      // Several to one before the next is looked for.
      const most = Math.min(sentAtOnce, this.#roster.roomOf(worker));
      let sent = 0;
      for (
        let run = this.#dueAt(worker.slot);
        sent < most && run !== undefined && this.#maySendAhead(run);
        run = this.#dueAt(worker.slot)
      ) {
        this.#give(worker, run, true);
        sent++;
      }
      if (sent === 0) return;
    }
  }

  /** What lies beside its bytes waits here, until a worker stands ready for it; and what a task that holds a worker waits for must not wait in another that is held, where
   *  nobody would look for it. */
  #maySendAhead(run: Run | undefined): boolean {
    return run?.isLight === true && !this.#crossing.has(run);
  }

  /** Nothing waits here, but somebody is idle while others have more than they can do at once: half of that moves. */
  #steal(): void {
    if (this.#common.length > 0) return;
    for (let thief = this.#roster.free(); thief; thief = this.#roster.free()) {
      const loot = this.#loot().filter((run) => run.worker?.takeBack(run));
      if (loot.length === 0) return;
      // The oldest first.
      for (const run of loot.reverse()) thief.send(run, true);
    }
  }

  /** The younger half of what any worker may do, of the one who holds the most of it. What has a key stays. */
  #loot(): readonly Run[] {
    let most: readonly Run[] = [];
    for (const worker of this.#roster.slots) {
      if (worker === undefined || worker.waiting <= most.length) continue;
      const movable = [...worker.ahead.newest()].slice(0, worker.waiting).filter((run) => run.queue === this.#common);
      if (movable.length > most.length) most = movable;
    }
    return most.slice(0, Math.ceil(most.length / 2));
  }

  /** A worker of its own for a run; nothing when it has one, or waits for its next attempt. */
  placeAlone(run: Run): void {
    if (!run.task.settled && run.worker === undefined && run.retryTimer === undefined) this.#roster.hireDedicated().send(run);
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

  /** Where all workers wait for each other, across pools, one more begins on a worker that waits, as nested work does. */
  #placeCrossing(): void {
    // Those that wait for the same workers wait for ever or not together.
    const looked = new Set<number | undefined>();
    for (const run of [...this.#crossing]) {
      const place = run.key === undefined ? undefined : this.#keyed.placeOf(run.key);
      if (looked.has(place)) continue;
      looked.add(place);
      if (waitsForEver(run)) this.#beginCrossing(run);
    }
  }

  #beginCrossing(run: Run): void {
    const { key } = run;
    if (key !== undefined) {
      this.#nestedKeyed.add(run);
      this.#dispatchKeyed(this.#keyed.lineOf(key), this.#keyed.placeOf(key));
      return;
    }
    const [least] = this.#roster.members.filter(({ open }) => open).sort((one, other) => one.runs.size - other.runs.size);
    if (least === undefined) return;
    run.queue?.remove(run);
    this.#crossing.delete(run);
    least.send(run);
  }

  /** Takes a run out of its line and sends it. One that may wait can be sent ahead. */
  #give(worker: PoolWorker, run: Run, mayWait: boolean): void {
    const { queue } = run;
    if (queue !== this.#nested) {
      const keyed = this.#keyed.at(worker.slot);
      const oldest = olderOf(this.#common, keyed);
      if (oldest !== undefined) this.#turns[worker.slot]?.given(run, oldest);
      run.aged = run !== moreUrgentOf(this.#common, keyed) && hasAged(run);
    }
    queue?.take(run);
    this.#nestedKeyed.delete(run);
    // Whoever waits below a worker begins at once: sent with a claim it could still wait for others there.
    const isCrossing = this.#crossing.delete(run);
    worker.send(run, mayWait && !isCrossing);
  }

  /** The run whose turn it is in a place, of anybody's and its key's. */
  #dueAt(place: number): Run | undefined {
    return this.#dueOf(place, this.#common, this.#keyed.at(place));
  }

  #dueOf(place: number, line: Injector<Run>, other?: Injector<Run>): Run | undefined {
    const urgent = moreUrgentOf(line, other);
    const oldest = olderOf(line, other);
    return urgent && oldest && this.#turns[place]?.choose(urgent, oldest);
  }

  #holdsNested(line: Injector<Run>): boolean {
    for (const run of this.#nestedKeyed) if (run.queue === line && isBelowWorker(run.task)) return true;
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
    const nested = this.#workerOfAncestor(run) !== undefined;
    run.takers = this;
    if (!nested && isBelowWorker(run.task)) this.#crossing.add(run);
    if (run.key !== undefined) {
      run.queue = this.#keyed.lineOf(run.key);
      if (nested) this.#nestedKeyed.add(run);
    } else run.queue = nested ? this.#nested : this.#common;
    return run.queue;
  }
}

/** The run that goes before all others of two lines. */
function moreUrgentOf(line: Injector<Run>, other: Injector<Run> | undefined): Run | undefined {
  const [one, two] = [line.peek(), other?.peek()];
  return one === undefined || (two !== undefined && goesBefore(two, one)) ? two : one;
}

/** The run of two lines that came first. */
function olderOf(line: Injector<Run>, other: Injector<Run> | undefined): Run | undefined {
  const [one, two] = [line.oldest(), other?.oldest()];
  return one === undefined || (two !== undefined && two.arrival < one.arrival) ? two : one;
}
