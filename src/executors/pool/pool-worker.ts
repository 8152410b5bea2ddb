// One worker as its pool sees it. States: starting → ready → ending → gone; `gone` from anywhere when it dies.
//
// Where its link can take runs back, some are sent ahead: as many as it does in a millisecond, so that it never waits
// for this side and what waits behind a task that turns out long can still be taken back (ahead.ts).
import { type Timer, timers } from "../../core/timers.ts";
import { copiedBytes } from "../../wire/transfer.ts";
import { Ahead } from "./ahead.ts";
import type { FiguresFrame, FrameFromWorker } from "./frames.ts";
import type { Link, OpenLink, WorkerExit, WorkerSettings } from "./link.ts";
import { relayAborts, SignalRelay } from "./passage.ts";
import type { Run } from "./run.ts";
import { RunTable } from "./run-table.ts";

/** What a pool is told of its workers. */
export interface PoolWorkerEvents {
  onFrame(worker: PoolWorker, frame: FrameFromWorker): void;
  onOutput(worker: PoolWorker, stream: "stdout" | "stderr", text: string): void;
  /** A run that was sent ahead has been entered. */
  onStarted(worker: PoolWorker, run: Run): void;
  /** What had arrived from it has been handed over. */
  onDrained(worker: PoolWorker): void;
  onExit(worker: PoolWorker, exit: WorkerExit): void;
  /** It was killed and has not gone in time; its exit may follow. */
  onStuck(worker: PoolWorker): void;
}

/** Time for an orderly end before the kill. */
const endingMs = 2_000;
/** Time for the system to take a killed worker away. */
const killedMs = 500;

export class PoolWorker {
  readonly name: string;
  /** Megabytes of heap; `undefined` when nobody has said. */
  readonly memoryLimit: number | undefined;
  readonly link: Link;
  /** Runs one dedicated task and ends with it. */
  readonly dedicated: boolean;
  /** Place among the pool's workers; -1 for dedicated, spare and condemned ones. */
  slot: number;
  state: "starting" | "ready" | "ending" | "gone" = "starting";
  /** Has said that it is up and its setup has run. */
  wasReady = false;
  /** Was asked to end in good order. */
  asked = false;
  /** Was told to die, or had to be killed: its end is no surprise, but it counts as lost. */
  condemned = false;
  /** Has said that it holds most of its memory limit: it is replaced as soon as it does nothing. */
  worn = false;
  /** Was killed and is still there after the time a system needs: nobody waits for its end any more. */
  stuck = false;
  /** Those of its runs that may wait for their turn. */
  readonly ahead: Ahead;
  /** What was sent and has not been answered. */
  readonly runs = new RunTable();
  /** Signals that came from this worker. */
  readonly relay = new SignalRelay();
  served = 0;
  /** What it has told of itself last. */
  figures: FiguresFrame | undefined;
  idleSinceMs = timers.now();
  idleTimer: Timer | undefined;
  #endTimer: Timer | undefined;
  #killTimer: Timer | undefined;
  readonly #events: PoolWorkerEvents;

  constructor(open: OpenLink, settings: WorkerSettings, slot: number, dedicated: boolean, events: PoolWorkerEvents) {
    this.name = settings.name;
    this.memoryLimit = settings.memoryLimit;
    this.slot = slot;
    this.dedicated = dedicated;
    this.#events = events;
    this.link = open(settings, {
      onFrame: (frame) => events.onFrame(this, frame),
      onOutput: (stream, text) => events.onOutput(this, stream, text),
      onDrained: () => {
        this.ahead.look((run) => events.onStarted(this, run));
        events.onDrained(this);
      },
      onExit: (exit) => {
        for (const timer of [this.#endTimer, this.#killTimer, this.idleTimer]) timers.clear(timer);
        this.state = "gone";
        // Whatever it had begun has died with it.
        this.ahead.look((run) => events.onStarted(this, run), true);
        events.onExit(this, exit);
      },
    });
    this.ahead = new Ahead(this.link.offers);
  }

  /** Takes tasks. */
  get open(): boolean {
    return !this.condemned && (this.state === "starting" || this.state === "ready");
  }

  /** May be given a task now. */
  get free(): boolean {
    return this.runs.size === 0 && this.open;
  }

  /** How many more runs may be sent ahead now; `most` tasks are what a worker may do in its life. */
  room(most = Number.POSITIVE_INFINITY): number {
    return this.state === "ready" && this.open && !this.worn ? Math.min(this.ahead.room, most - this.served - this.runs.size) : 0;
  }

  /** Runs that it holds and has not begun, as far as this side can tell: all that it was sent ahead but one. */
  get waiting(): number {
    return Math.max(0, this.ahead.size - 1);
  }

  /** Those of them whose key ties them to it. */
  get waitingKeyed(): number {
    if (this.ahead.keyed === 0) return 0;
    // One of them it has begun, or is about to.
    const ahead = this.runs.all().filter(({ claim }) => claim !== undefined);
    const current = ahead.find(({ started }) => started) ?? ahead[0];
    const begun = current?.key !== undefined ? 1 : 0;
    return Math.min(this.waiting, this.ahead.keyed - begun);
  }

  /** Takes a run back: true when it has not been begun and never will be here. */
  takeBack(run: Run): boolean {
    if (!this.ahead.takeBack(run)) return false;
    this.runs.delete(run.id);
    run.worker = undefined;
    return true;
  }

  /** Sends a run. One that may wait is begun when the worker does nothing else, any other at once. */
  send(run: Run, mayWait = false): void {
    if (this.idleTimer !== undefined) {
      timers.clear(this.idleTimer);
      this.idleTimer = undefined;
    }
    run.worker = this;
    if (!run.isLight) run.settleMemory();
    run.claim = mayWait && run.isLight ? this.ahead.offer(run) : undefined;
    this.runs.add(run);
    run.task.details.bytesIn += copiedBytes(run.payload);
    this.link.send(run);
    if (run.abortSignals.length > 0) run.task.onEnd(relayAborts(run.abortSignals, this.link));
  }

  /** Asks for an orderly end: `teardown`, then exit; killed when that takes too long. */
  end(): void {
    if (!this.open) return;
    this.state = "ending";
    this.asked = true;
    timers.clear(this.idleTimer);
    this.link.send({ type: "end" });
    this.#endTimer = timers.set(endingMs, () => this.kill());
  }

  /** Ends it by force. Not everything can be ended (a thread in a long native call): what stays is reported as stuck. */
  kill(): void {
    if (this.condemned || this.state === "gone") return;
    this.condemned = true;
    this.link.kill();
    this.#killTimer = timers.set(killedMs, () => {
      this.stuck = true;
      this.#events.onStuck(this);
    });
  }
}
