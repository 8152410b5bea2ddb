// Host: the worker's side of a pool. It takes run frames, calls the functions they name inside tasks of their own, and
// answers each exactly once. The same on every level that has workers; the level gives the link.

import { NotSerializableError, TimeoutError } from "../../contract/errors.ts";
import type { AnyFunction } from "../../contract/portable.ts";
import { checkpointSync, setSyncPoll } from "../../core/checkpoint.ts";
import { captureContext } from "../../core/context.ts";
import { enterNow } from "../../core/local-run.ts";
import { type CancelCause, cancelledBy, rootScope } from "../../core/scope.ts";
import { ScopedTask } from "../../core/task.ts";
import type { TaskDriver } from "../../core/task-driver.ts";
import { setTaskIdPrefix } from "../../core/task-id.ts";
import { becomeNamed } from "../../core/this-worker.ts";
import { timers } from "../../core/timers.ts";
import { loadedFunction, loadFunction } from "../../wire/load-function.ts";
import { PartAbsent } from "../../wire/part-absent.ts";
import { type ChannelsOfHost, whenChannelsAreKnown } from "./channel-roads.ts";
import { CpuTime } from "./cpu-time.ts";
import { Fifo } from "./fifo.ts";
import { Figures } from "./figures.ts";
import type { FrameToWorker, LoadFrame, RunFrame, SettledFrame } from "./frames.ts";
import { enterCall } from "./incoming-call.ts";
import type { FarStart } from "./link.ts";
import { decodeFailure, decodeValue, encodeFailure, encodeValue, goesUp, relayAborts, SignalRelay } from "./passage.ts";
import type { RemoteSide } from "./remote.ts";
import { Allowance, type Credit } from "./stream/credit.ts";
import { BatchOutlet, flushHeld } from "./stream/outlet.ts";
import { produce } from "./stream/producer.ts";
import { Wear } from "./wear.ts";
import { onWorkAtImport } from "./work-at-import.ts";

/** An expiry is the submitter's to notice; the worker notices it alone only when the submitter is busy for this long. */
const expirySlackMs = 50;
const resolved = Promise.resolve();
/** Longest stretch of tasks in a row without a turn of the event loop. */
const sliceMs = 8;

/** The ticket of a task here. */
class Entered {
  readonly frame: RunFrame;
  readonly cpuBeforeMs: number | undefined;

  constructor(frame: RunFrame, cpuBeforeMs: number | undefined) {
    this.frame = frame;
    this.cpuBeforeMs = cpuBeforeMs;
  }
}

export class Host implements TaskDriver, RemoteSide {
  readonly #start: FarStart;
  #loadParts: (() => Promise<unknown>) | undefined;
  readonly link: FarStart["link"];
  readonly relay = new SignalRelay();
  #channels: ChannelsOfHost | undefined;
  readonly submitted: RemoteSide["submitted"] = new Map();
  readonly postponed: RunFrame[] = [];
  /** Sent ahead: they wait until nothing else runs here, and may be taken back until then. */
  readonly #ahead = new Fifo<RunFrame>();
  #advancing = false;
  /** The first of them could not be claimed, until something new comes. */
  #claimsStalled = false;
  /** Tasks are entered in this context, wherever the one before has ended. */
  readonly #home = captureContext();
  readonly #advanceSoon = () => this.#home.runInAsyncScope(() => this.#advance());
  readonly #tasks = new Map<number, ScopedTask<unknown>>();
  /** What the streams among them may send. */
  readonly #allowances = new Map<number, Allowance>();
  /** Modules that tasks wait for. */
  readonly #loading = new Map<number, string>();
  /** Modules that start work when they are imported. */
  readonly #refused = new Map<string, unknown>();
  /** Run frames are held back until `setup` has run. */
  #ready = false;
  /** A module to load once `setup` has run. */
  #loadsWhenReady: LoadFrame | undefined;
  /** Frames are being read while the event loop stands still: no code may be entered now. */
  #polling = false;
  #ending = false;
  readonly #cpu: CpuTime;
  readonly #figures: Figures;
  readonly #wear: Wear | undefined;
  /** It is to be seen whether this worker is worn, before the next task is begun; if it is, the pool takes them back. */
  #looksDue = false;

  /** `loadParts` loads what a worker starts without, for the first task that is given something of it. */
  constructor(start: FarStart, loadParts?: () => Promise<unknown>) {
    this.#start = start;
    this.#loadParts = loadParts;
    this.#cpu = new CpuTime(start.level);
    this.#figures = new Figures(start.level);
    if (start.memoryLimit !== undefined) this.#wear = new Wear(start.memoryLimit);
    this.link = start.link;
    setTaskIdPrefix(`${start.name}:`);
    becomeNamed(start.name);
    onWorkAtImport((url, error) => this.#refuse(url, error));
    setSyncPoll(() => {
      flushHeld();
      this.#channels?.flush();
      if (this.link.flagged()) this.#poll();
    });
    const { wait } = start.link;
    this.link = {
      ...boundLink(start.link),
      ...(wait ? { wait: (timeoutMs: number) => this.#blocked(() => wait.call(start.link, timeoutMs)) } : {}),
    };
    whenChannelsAreKnown((roads) => {
      this.#channels = roads.upwards(this.link);
    });
  }

  /** Runs `setup`, then begins to serve. Rejects when `setup` fails, after the other side was told. */
  async serve(): Promise<void> {
    this.#start.link.receive((frame) => this.#onFrame(frame));
    const { setup } = this.#start;
    if (setup) {
      try {
        await ((await loadFunction(setup)) as () => unknown)();
      } catch (error) {
        this.#start.link.send({ type: "broken", payload: encodeFailure(error, this.link.sharesMemory) });
        await this.#start.link.flush();
        process.exit(1);
      }
    }
    this.#start.link.send({ type: "ready" });
    this.#ready = true;
    if (this.#loadsWhenReady) void loadAhead(this.#loadsWhenReady);
    this.#enterPostponed();
  }

  runNumber(task: ScopedTask<unknown> | undefined): number | undefined {
    return task?.driver === this ? (task.ticket as Entered).frame.id : undefined;
  }

  #poll(): void {
    this.#blocked(() => this.#start.link.poll());
  }

  /** Reads frames without entering code; what arrived to be run is entered on the next turn. */
  #blocked(read: () => void): void {
    const outer = this.#polling;
    this.#polling = true;
    try {
      read();
    } finally {
      this.#polling = outer;
    }
    if (outer) return;
    if (this.postponed.length > 0) setImmediate(() => this.#enterPostponed());
    if (this.#hasTurn) setImmediate(this.#advanceSoon);
  }

  /** A module started work when it was imported: whoever waits for it, and whoever comes later, is told. */
  #refuse(url: string, error: unknown): void {
    this.#refused.set(url, error);
    for (const [id, loading] of this.#loading) if (loading === url) this.#tasks.get(id)?.fail(error);
  }

  #enterPostponed(): void {
    if (!this.#ready) return;
    for (const frame of this.postponed.splice(0)) this.#enter(frame);
    this.#advance();
  }

  #onFrame(frame: FrameToWorker): void {
    switch (frame.type) {
      case "run":
        this.relay.hold(frame.signals);
        if (frame.claim !== undefined) {
          this.#ahead.push(frame);
          this.#claimsStalled = false;
          this.#advance();
        } else if (this.#ready && !this.#polling) this.#enter(frame);
        else this.postponed.push(frame);
        break;
      case "cancel":
        this.#cancel(frame.id, decodeFailure(frame.payload) as CancelCause);
        break;
      case "settled":
        this.submitted.get(frame.id)?.settled(frame);
        break;
      case "progress":
        this.submitted.get(frame.id)?.progressed(frame);
        break;
      case "items":
        this.submitted.get(frame.id)?.arrived(frame);
        break;
      case "credit":
        this.#allowances.get(frame.id)?.grant(frame);
        break;
      case "abort":
        this.relay.abort(frame.handle, decodeFailure(frame.payload));
        break;
      case "channels":
        this.#channels?.arrived(frame.payload.bytes, frame.payload.attachments ?? []);
        break;
      case "load":
        if (this.#ready) void loadAhead(frame);
        else this.#loadsWhenReady = frame;
        break;
      case "claims":
        this.#claimsStalled = false;
        this.#advance();
        break;
      case "worn":
        this.#looked();
        break;
      case "end":
        void this.#end();
    }
  }

  /** Whether the next of those that wait may be begun. */
  get #hasTurn(): boolean {
    return this.#ahead.length > 0 && this.#tasks.size === 0 && this.#ready && !this.#polling && !this.#claimsStalled && !this.#looksDue;
  }

  /** Begins those that wait for their turn, one after the other, for as long as each ends at once. */
  #advance(): void {
    if (this.#advancing || !this.#hasTurn) return;
    this.#advancing = true;
    const end = timers.now() + sliceMs;
    try {
      do {
        const frame = this.#ahead.at(0) as RunFrame;
        const isMine = this.link.claim?.(frame.claim as number);
        if (isMine === undefined) {
          this.#claimsStalled = true;
          break;
        }
        this.#ahead.shift();
        if (isMine) this.#enter(frame);
        else this.relay.release(frame.signals);
        // A task that was entered has read the clock.
      } while (this.#hasTurn && timers.recentMs < end);
    } finally {
      this.#advancing = false;
      if (this.#hasTurn) setImmediate(this.#advanceSoon);
    }
  }

  #enter(frame: RunFrame): void {
    if (frame.claim === undefined) this.link.send({ type: "started", id: frame.id });
    const task = new ScopedTask<unknown>(this, this.#start.level, frame.taskName, rootScope, undefined);
    // Its failure is the submitter's to notice.
    task.observe();
    task.ticket = new Entered(frame, this.#cpu.before());
    this.#tasks.set(frame.id, task);
    if (frame.remainingMs !== undefined) {
      task.expireAfter(frame.remainingMs + expirySlackMs, `The task ${frame.taskName} did not end before its deadline.`);
    }
    if (frame.timeoutMs !== undefined) task.limitRunning(frame.timeoutMs + expirySlackMs);
    enterNow(task);
    if (frame.claim !== undefined && this.link.claimsUnseen && this.#tasks.has(frame.id)) this.link.send({ type: "started", id: frame.id });
  }

  call(task: ScopedTask<unknown>): unknown {
    const { frame } = task.ticket as Entered;
    const reference = { url: frame.url, name: frame.fn };
    const refused = this.#refused.get(frame.url);
    if (refused) throw refused;
    const loaded = loadedFunction(reference);
    if (loaded) return this.#callLoaded(frame, loaded as AnyFunction);
    this.#loading.set(frame.id, frame.url);
    return loadFunction(reference).then((fn) => {
      return this.#callLoaded(frame, fn as AnyFunction);
    });
  }

  /** Decodes only now: the module may define the classes of the values. */
  #callLoaded(frame: RunFrame, fn: AnyFunction): unknown {
    const { id, payload, locals, many, stream } = frame;
    // A cancel may have come in behind the run, or while the module was loading: then it did not happen.
    checkpointSync();
    let values: unknown[];
    try {
      values = decodeValue(payload, this.relay) as unknown[];
    } catch (error) {
      const load = this.#loadParts;
      if (load === undefined || !(error instanceof NotSerializableError && error.cause instanceof PartAbsent)) throw error;
      return load().then(() => {
        this.#loadParts = undefined;
        return this.#callLoaded(frame, fn);
      });
    }
    const take = stream && ((source: unknown) => this.#produce(id, source, stream));
    return enterCall(fn, { values, locals, many }, take);
  }

  #produce(id: number, source: unknown, first: Credit): Promise<void> {
    const allowance = new Allowance(first);
    this.#allowances.set(id, allowance);
    return produce(source, new BatchOutlet(this.link, id), allowance);
  }

  #answer(task: ScopedTask<unknown>): void {
    const { frame, cpuBeforeMs } = task.ticket as Entered;
    this.#tasks.delete(frame.id);
    this.#allowances.delete(frame.id);
    this.#loading.delete(frame.id);
    this.relay.release(frame.signals);
    const { outcome, runMs } = task;
    const { sharesMemory } = this.link;
    const cpuMs = this.#cpu.since(cpuBeforeMs, runMs);
    let state: SettledFrame["state"] = "succeeded";
    let payload: SettledFrame["payload"];
    if (outcome?.state === "succeeded") {
      try {
        const outgoing = goesUp(encodeValue(outcome.value, "result", sharesMemory));
        // For good: nobody says when the receiver has forgotten a signal.
        if (outgoing.signals.length > 0) relayAborts(outgoing.signals, this.link);
        payload = outgoing.payload;
      } catch (error) {
        state = "failed";
        payload = encodeFailure(error, sharesMemory);
      }
    } else {
      const error = outcome?.error;
      state = error !== undefined && error === task.error ? "cancelled" : "failed";
      payload = encodeFailure(error, sharesMemory);
    }
    // Before the answer: whoever has that may ask.
    this.#channels?.flush();
    const figures = this.#figures.due();
    if (figures) this.link.send(figures);
    this.link.send({ type: "settled", id: frame.id, state, runMs, cpuMs, payload });
    if (this.#wear) this.#watchWear(this.#wear);
  }

  /** In a turn of its own: the value of the task that has ended is still in somebody's hands here. */
  #watchWear(wear: Wear): void {
    if (this.#looksDue || this.#tasks.size > 0 || !wear.suspects()) return;
    this.#looksDue = true;
    setImmediate(() => {
      // What a task that has begun meanwhile holds is no wear; its end is another occasion.
      if (this.#tasks.size === 0 && !this.#ending && wear.look()) this.link.send({ type: "worn" });
      else this.#looked();
    });
  }

  #looked(): void {
    this.#looksDue = false;
    if (this.#hasTurn) this.#advanceSoon();
  }

  #cancel(id: number, error: CancelCause): void {
    const task = this.#tasks.get(id);
    if (task) task.cancelWith(error instanceof TimeoutError ? error : cancelledBy(error, `The task ${task.name}`));
    else this.#withdraw(id, error);
  }

  /** A task that has not been entered: it never will be. */
  #withdraw(id: number, error: CancelCause): void {
    const place = this.postponed.findIndex((frame) => frame.id === id);
    if (place < 0) return;
    this.relay.release(this.postponed.splice(place, 1)[0]?.signals);
    this.link.send({ type: "settled", id, state: "cancelled", runMs: 0, payload: encodeFailure(error, this.link.sharesMemory) });
  }

  async #end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const { teardown } = this.#start;
    try {
      if (teardown) await ((await loadFunction(teardown)) as () => unknown)();
    } finally {
      await this.#start.link.flush();
      process.exit(0);
    }
  }

  // ---- the driver of the worker's tasks: the submitter cancels and kills, so there is nothing to decide here ----

  withdraw(): boolean {
    return true;
  }
  onCancelling(): void {}

  onSettled(task: ScopedTask<unknown>): void {
    this.#answer(task);
    // In a step of its own: this one belongs to the task that has ended.
    if (!this.#advancing && this.#hasTurn) void resolved.then(this.#advanceSoon);
  }

  get worker(): string {
    return this.#start.name;
  }

  idOf(task: ScopedTask<unknown>): string {
    return `${this.#start.taskIdPrefix}${(task.ticket as Entered).frame.taskNumber}`;
  }

  onReport(task: ScopedTask<unknown>, value: unknown): void {
    const { payload } = goesUp(encodeValue(value, "progress", this.link.sharesMemory));
    this.link.send({ type: "progress", id: (task.ticket as Entered).frame.id, payload });
  }
}

/** What is wrong with the module is told to the task that wants it. */
async function loadAhead({ url, fn }: LoadFrame): Promise<void> {
  try {
    await loadFunction({ url, name: fn });
  } catch {
    // It tries again.
  }
}

function boundLink(link: FarStart["link"]): FarStart["link"] {
  return {
    sharesMemory: link.sharesMemory,
    send: (frame) => link.send(frame),
    receive: (onFrame) => link.receive(onFrame),
    claim: (number) => (link.claim ? link.claim(number) : true),
    claimsUnseen: link.claimsUnseen,
    flagged: () => link.flagged(),
    poll: () => link.poll(),
    flush: () => link.flush(),
  };
}
