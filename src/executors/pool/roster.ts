// Roster: the workers of a pool. Fixed slots (so that equal keys keep meeting the same place), one warm spare, dedicated
// workers for spawned tasks, and the condemned: told to die, no longer counted in, but not gone yet.
import type { WorkerStatistics } from "../../contract/executor.ts";
import type { PortableReference } from "../../contract/portable.ts";
import { type Timer, timers } from "../../core/timers.ts";
import { Health } from "./health.ts";
import type { OpenLink, WorkerExit, WorkerSettings } from "./link.ts";
import { PoolWorker, type PoolWorkerEvents } from "./pool-worker.ts";
import type { Run } from "./run.ts";

/** What a roster needs to know. */
export interface RosterOptions {
  readonly name: string;
  readonly size: number;
  readonly open: OpenLink;
  /** What all workers are started with; the name is added. */
  readonly worker: Omit<WorkerSettings, "name">;
  /** In ms. */
  readonly idleTimeout: number;
  /** Tasks that a worker does in its life. */
  readonly maxTasks?: number | undefined;
}

export class Roster {
  readonly #options: RosterOptions;
  readonly #events: PoolWorkerEvents;
  readonly health = new Health();
  /** Workers by place. */
  readonly slots: (PoolWorker | undefined)[];
  readonly dedicated = new Set<PoolWorker>();
  readonly #leaving = new Set<PoolWorker>();
  #spare: PoolWorker | undefined;
  /** Until a spare has died: some modules bear only one import at a time, and one would kill each spare in turn. */
  #loadsAhead = true;
  #named = 0;
  #pause: Timer | undefined;
  readonly #afterPause = new Set<() => void>();
  /** Workers that died or were killed. */
  lost = 0;

  constructor(options: RosterOptions, events: PoolWorkerEvents) {
    this.#options = options;
    this.#events = events;
    this.slots = new Array<PoolWorker | undefined>(options.size).fill(undefined);
  }

  /** Workers that take pooled tasks. */
  get members(): PoolWorker[] {
    return this.slots.filter((worker) => worker !== undefined);
  }

  /** Every worker that is not gone, in whatever role. */
  get all(): PoolWorker[] {
    return [...this.members, ...this.dedicated, ...this.#leaving, ...(this.#spare ? [this.#spare] : [])];
  }

  /** Counts of this moment; `running` is of tasks, abandoned ones included for as long as their worker is there. */
  figures(): { readonly workers: number; readonly idle: number; readonly running: number; readonly lost: number } {
    const { members, lost } = this;
    return {
      workers: members.length + this.dedicated.size,
      idle: members.filter((worker) => worker.state === "ready" && worker.free).length,
      running: this.all.reduce((sum, worker) => sum + worker.runs.size - worker.waiting, 0),
      lost,
    };
  }

  /** Each worker that takes tasks, pooled ones by place, then spawned ones. */
  portraits(): WorkerStatistics[] {
    return [...this.members, ...this.dedicated].map((worker) => ({
      name: worker.name,
      id: worker.link.workerId,
      state: worker.state === "starting" ? "starting" : worker.free ? "idle" : "running",
      settled: worker.served,
      cpuMs: worker.figures?.cpuMs,
      heapBytes: worker.figures?.heapBytes,
      utilization: worker.figures?.utilization,
    }));
  }

  /** A free worker: the one that was busy last, whose caches are warm; the others may become idle enough to end. */
  free(): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    for (const worker of this.slots) {
      if (worker?.free && (best === undefined || worker.idleSinceMs > best.idleSinceMs)) best = worker;
    }
    return best;
  }

  /** How many more runs a worker may be sent ahead now. */
  roomOf(worker: PoolWorker): number {
    return worker.room(this.#options.maxTasks);
  }

  /** The worker that can be sent the most ahead; `undefined` when none can be sent anything. */
  roomiest(isExcluded: (slot: number) => boolean): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    let most = 0;
    for (const worker of this.slots) {
      const room = worker === undefined || isExcluded(worker.slot) ? 0 : this.roomOf(worker);
      if (room > most) [best, most] = [worker, room];
    }
    return best;
  }

  /** Whether a worker that was told to die still holds a run like this, and is expected to be gone soon. */
  isLosing(isMeant: (run: Run) => boolean): boolean {
    for (const worker of this.#leaving) if (!worker.stuck) for (const run of worker.runs.all()) if (isMeant(run)) return true;
    return false;
  }

  /** Fills an empty place; `undefined` when there is none, or when starting has to pause after failures. */
  hire(slot = this.slots.indexOf(undefined)): PoolWorker | undefined {
    if (slot < 0 || this.slots[slot] !== undefined || this.health.pauseMs > 0) return undefined;
    const spare = this.#spare;
    if (spare) {
      this.#spare = undefined;
      spare.slot = slot;
    }
    const worker = spare ?? this.#start(slot, false);
    this.slots[slot] = worker;
    return worker;
  }

  /** A worker for one spawned task. */
  hireDedicated(): PoolWorker {
    const worker = this.#start(-1, true);
    this.dedicated.add(worker);
    return worker;
  }

  /** Keeps one started worker in reserve once every place is filled; a pool of one keeps none. It imports the module of `reference`
   *  ahead of its first task. */
  keepSpare(reference?: PortableReference): void {
    if (this.#spare || this.slots.length < 2 || this.slots.includes(undefined) || this.health.pauseMs > 0) return;
    this.#spare = this.#start(-1, false);
    if (reference && this.#loadsAhead) this.#spare.link.send({ type: "load", url: reference.url, fn: reference.name });
  }

  /** Calls back when starting may be tried again; once, however often the same function is given. */
  afterPause(callback: () => void): void {
    this.#afterPause.add(callback);
    this.#pause ??= timers.set(this.health.pauseMs, () => {
      this.#pause = undefined;
      const callbacks = [...this.#afterPause];
      this.#afterPause.clear();
      for (const each of callbacks) each();
    });
  }

  /** A worker has nothing to do from now on. */
  becameIdle(worker: PoolWorker): void {
    worker.idleSinceMs = timers.now();
    if (Number.isFinite(this.#options.idleTimeout)) {
      timers.clear(worker.idleTimer);
      worker.idleTimer = timers.set(this.#options.idleTimeout, () => {
        this.retire(worker);
        // A pool nobody uses keeps nothing, the spare included.
        if (this.members.length === 0 && this.#spare) this.retire(this.#spare);
      });
    }
  }

  /** An orderly end; the place is free at once. */
  retire(worker: PoolWorker): void {
    this.#remove(worker);
    this.#leaving.add(worker);
    worker.end();
  }

  /** An end by force; the place is free at once, for a replacement. */
  condemn(worker: PoolWorker): void {
    this.#remove(worker);
    this.#leaving.add(worker);
    worker.kill();
  }

  /** The worker is gone. Returns whether that broke the pool: too many deaths before a worker was ready, and nobody left who is. While
   *  somebody is, the system may be short of something for a time, and what can still be done is done. */
  gone(worker: PoolWorker, exit: WorkerExit): boolean {
    const orderly = worker.asked && exit.exitCode === 0;
    if (worker === this.#spare && !orderly) this.#loadsAhead = false;
    this.#remove(worker);
    this.#leaving.delete(worker);
    if (!orderly) this.lost++;
    if (worker.wasReady || orderly || worker.condemned) return false;
    return this.health.startFailed() && !this.members.some(({ state }) => state === "ready");
  }

  #remove(worker: PoolWorker): void {
    if (worker.slot >= 0 && this.slots[worker.slot] === worker) this.slots[worker.slot] = undefined;
    worker.slot = -1;
    this.dedicated.delete(worker);
    if (this.#spare === worker) this.#spare = undefined;
  }

  #start(slot: number, dedicated: boolean): PoolWorker {
    const name = `${this.#options.name}-${++this.#named}`;
    return new PoolWorker(this.#options.open, { ...this.#options.worker, name }, slot, dedicated, this.#events);
  }
}
