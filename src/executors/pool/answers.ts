// Answers: what a pool makes of the frames and the ends of its workers.

import { WorkerLostError } from "../../contract/errors.ts";
import type { PortableReference } from "../../contract/portable.ts";
import { timers } from "../../core/timers.ts";
import { copiedBytes } from "../../wire/transfer.ts";
import { type ChannelsOfWorker, channelRoads } from "./channel-roads.ts";
import type {
  CancelFrame,
  CreditFrame,
  FrameFromWorker,
  ItemsFrame,
  ProgressFrame,
  SettledFrame,
  StartedFrame,
  SubmitFrame,
} from "./frames.ts";
import type { WorkerExit } from "./link.ts";
import { NestedSubmissions } from "./nested.ts";
import { Output } from "./output.ts";
import { type Caller, decodeFailure, decodeValue } from "./passage.ts";
import type { PoolWorker, PoolWorkerEvents } from "./pool-worker.ts";
import { pauseBefore, wantsAnotherAttempt } from "./retries.ts";
import type { Roster } from "./roster.ts";
import type { Run } from "./run.ts";
import { EncodedItems } from "./stream/items.ts";

/** What the answers move in their pool. */
export interface AnswersPool {
  readonly roster: Roster;
  dispatch(): void;
  /** Nothing can run here any more. */
  readonly isBroken: boolean;
  /** A run that no worker has begun waits again, where it stood. */
  putBack(run: Run): void;
  /** A run begins anew after a pause. */
  requeue(run: Run, delayMs: number): void;
  /** A worker has nothing more to do, or less; `reference` names the function that it did last. */
  released(worker: PoolWorker, reference?: PortableReference): void;
  /** A worker wants to be replaced. */
  worn(worker: PoolWorker): void;
  /** All that had arrived from a worker has been looked at. */
  drained(worker: PoolWorker): void;
  /** Nothing can run here any more. */
  break(cause: unknown): void;
  /** Something that somebody may wait for has changed. */
  changed(): void;
}

/** Workers that a task may take with it before nothing is tried again. */
const poisonKills = 2;

export class Answers implements PoolWorkerEvents {
  readonly #pool: AnswersPool;
  readonly #stdio: "tag" | "inherit" | "ignore";
  readonly #outputs = new WeakMap<PoolWorker, Output>();
  readonly #nested = new WeakMap<PoolWorker, NestedSubmissions>();
  readonly #channels = new WeakMap<PoolWorker, ChannelsOfWorker>();

  constructor(pool: AnswersPool, stdio: "tag" | "inherit" | "ignore") {
    this.#pool = pool;
    this.#stdio = stdio;
  }

  onFrame(worker: PoolWorker, frame: FrameFromWorker): void {
    if (frame.type === "ready") this.#ready(worker);
    else if (frame.type === "broken") this.#pool.break(decodeFailure(frame.payload));
    else if (frame.type === "output") this.onOutput(worker, frame.stream, frame.text);
    else if (frame.type === "figures") worker.figures = frame;
    else if (frame.type === "worn") this.#pool.worn(worker);
    else if (frame.type === "channels") this.#channelsOf(worker)?.arrived(frame.payload.bytes, frame.payload.attachments ?? []);
    else if (frame.type === "submit" || frame.type === "credit" || frame.type === "cancel") this.#submission(worker, frame);
    else if (frame.type === "abort") worker.relay.abort(frame.handle, decodeFailure(frame.payload));
    else this.#onFrameOfRun(worker, frame);
  }

  #onFrameOfRun(worker: PoolWorker, frame: StartedFrame | ProgressFrame | ItemsFrame | SettledFrame): void {
    const run = worker.runs.get(frame.id);
    if (run === undefined) return;
    // What it says of a run with a claim can come before a look at the claims.
    if (!run.started && (run.claim !== undefined || frame.type === "started"))
      this.onStarted(worker, run, frame.type === "settled" ? timers.recentMs - frame.runMs : undefined);
    if (frame.type === "started") return;
    if (frame.type === "progress") this.#progressed(worker, run, frame);
    else if (frame.type === "items") run.inlet?.arrived(new EncodedItems(frame, worker.relay));
    else this.#settled(worker, run, frame);
  }

  #submission(worker: PoolWorker, frame: SubmitFrame | CreditFrame | CancelFrame): void {
    const nested = this.#nestedOf(worker);
    if (frame.type === "submit") nested.submit(frame);
    else if (frame.type === "credit") nested.granted(frame);
    else nested.cancel(frame.id, decodeFailure(frame.payload));
  }

  onDrained(worker: PoolWorker): void {
    channelRoads()?.flush();
    this.#pool.drained(worker);
  }

  onOutput(worker: PoolWorker, stream: "stdout" | "stderr", text: string): void {
    let output = this.#outputs.get(worker);
    if (output === undefined) {
      output = new Output(this.#stdio, worker.name);
      this.#outputs.set(worker, output);
    }
    output.write(stream, text);
  }

  onExit(worker: PoolWorker, exit: WorkerExit): void {
    this.#outputs.get(worker)?.end();
    const { wasReady } = worker;
    const broke = this.#pool.roster.gone(worker, exit);
    this.#nested.get(worker)?.abandonAll();
    this.#channels.get(worker)?.ended();
    if (broke) this.#pool.break(exit.error ?? new WorkerLostError(startFailure(worker, exit), { worker: worker.name, ...exit }));
    for (const run of worker.runs.all()) {
      worker.runs.delete(run.id);
      this.#lost(worker, run, exit, wasReady);
    }
    this.#pool.dispatch();
    this.#pool.changed();
  }

  /** A killed worker that is still there: what was cancelled on it is abandoned, its neighbours count as lost. */
  onStuck(worker: PoolWorker): void {
    for (const run of worker.runs.all()) {
      if (run.task.error) run.task.abandon();
      else
        run.task.fail(
          new WorkerLostError(`The worker ${worker.name} was stopped because of another task.`, {
            worker: worker.name,
            attempt: run.attempt,
          }),
        );
    }
    // Those with the keys of its runs have waited for its end.
    this.#pool.dispatch();
    this.#pool.changed();
  }

  #ready(worker: PoolWorker): void {
    worker.wasReady = true;
    if (worker.state === "starting") worker.state = "ready";
    this.#pool.roster.health.started();
    if (worker.free) this.#pool.roster.becameIdle(worker);
    this.#pool.dispatch();
    this.#pool.changed();
  }

  #progressed(worker: PoolWorker, run: Run, frame: ProgressFrame): void {
    let value: unknown;
    try {
      value = decodeValue(frame.payload, worker.relay);
    } catch {
      // A class of the caller refused its own data. A report may be missed, a task may not fail for it, nor this program.
      return;
    }
    run.task.report(value);
  }

  /** `atMs`: when, if not now. */
  onStarted(worker: PoolWorker, run: Run, atMs?: number): void {
    run.started = true;
    if (run.task.settled) return;
    run.task.started(worker.name, atMs);
    const { timeout } = run.settings;
    if (timeout !== undefined) run.task.limitRunning(timeout);
  }

  #settled(worker: PoolWorker, run: Run, frame: SettledFrame): void {
    worker.runs.delete(run.id);
    worker.served++;
    worker.ahead.answered(run);
    // How long a stream takes is up to its reader.
    if (run.inlet === undefined) worker.ahead.measured(frame.runMs);
    const { task, forwarded } = run;
    const { details } = task;
    details.bytesOut += copiedBytes(frame.payload);
    details.workerRunMs = frame.runMs;
    details.cpuMs = frame.cpuMs;
    if (!task.settled) this.#finish(worker, run, frame, forwarded?.forward);
    this.#pool.released(worker, run.reference);
  }

  #finish(worker: PoolWorker, run: Run, frame: SettledFrame, forward: ((frame: SettledFrame) => void) | undefined): void {
    const { task } = run;
    // An expiry that the worker noticed first is this side's expiry too.
    if (frame.state === "cancelled" && task.error === undefined) timers.runDue();
    if (task.settled) return;
    if (forward && (frame.state === "succeeded" || (frame.state === "failed" && run.settings.retry === undefined))) {
      forward(frame);
      task.observe();
      if (frame.state === "succeeded") task.succeed(undefined);
      else task.fail(decodeFailure(frame.payload));
      return;
    }
    if (frame.state === "succeeded") {
      let value: unknown;
      try {
        value = decodeValue(frame.payload, worker.relay);
      } catch (error) {
        this.#failed(run, error);
        return;
      }
      task.succeed(value);
    } else if (frame.state === "cancelled" && task.error) task.fail(task.error);
    else this.#failed(run, decodeFailure(frame.payload, callerOf(run)));
  }

  /** The worker died with this run on it. */
  #lost(worker: PoolWorker, run: Run, exit: WorkerExit, wasReady: boolean): void {
    const { task } = run;
    if (task.settled) return;
    if (task.error) task.fail(task.error);
    else if (!run.started && ((run.queue && run.repeatable) || this.#pool.isBroken)) this.#pool.putBack(run);
    else {
      run.kills++;
      const end = { worker: worker.name, signal: exit.signal, exitCode: exit.exitCode, stderrTail: exit.stderrTail, attempt: run.attempt };
      const message = wasReady || run.started ? lostMessage(worker, run, exit) : startFailure(worker, exit);
      this.#failed(run, new WorkerLostError(message, end, exit.error === undefined ? undefined : { cause: exit.error }));
    }
  }

  /** A failure that retries may mend. */
  #failed(run: Run, error: unknown): void {
    const { task } = run;
    const { retry } = run.settings;
    let again: boolean;
    try {
      again = wantsAnotherAttempt(retry, error, run.attempt);
    } catch (thrown) {
      task.fail(thrown);
      return;
    }
    if (again && run.kills < poisonKills && run.repeatable && task.error === undefined) {
      const pauseMs = pauseBefore(run.attempt, retry?.backoff);
      run.attempt++;
      task.waitAgain();
      this.#pool.requeue(run, pauseMs);
    } else task.fail(error);
  }

  #channelsOf(worker: PoolWorker): ChannelsOfWorker | undefined {
    let channels = this.#channels.get(worker);
    if (channels === undefined) {
      channels = channelRoads()?.downwards(worker.link, (error) => worker.link.distrust(error));
      if (channels !== undefined) this.#channels.set(worker, channels);
    }
    return channels;
  }

  #nestedOf(worker: PoolWorker): NestedSubmissions {
    let nested = this.#nested.get(worker);
    if (nested === undefined) {
      nested = new NestedSubmissions(worker);
      this.#nested.set(worker, nested);
    }
    return nested;
  }
}

function callerOf(run: Run): Caller | undefined {
  const stack = run.caller?.stack;
  if (stack === undefined) return undefined;
  const { name, level } = run.task;
  const frames = stack.split("\n").slice(1);
  // The executor's own frames say nothing about the caller.
  const read = frames.findIndex((frame) => frame.includes("StreamIterator.next"));
  const first = read >= 0 ? read + 1 : frames.findIndex((frame) => !/#submit|ExecutorFace|MapResults/.test(frame));
  return {
    stack: ["", ...frames.slice(Math.max(0, first))].join("\n"),
    crossing: `task "${name}" (${level} ${run.worker?.name ?? "worker"})`,
  };
}

function howItEnded({ memoryLimit }: PoolWorker, exit: WorkerExit): string {
  const { exitCode, signal, error } = exit;
  if (ranOutOfMemory(exit)) {
    return memoryLimit === undefined
      ? "out of memory: its values were more than the runtime's heap takes; see the option memoryLimit"
      : `out of memory: its values were more than memoryLimit, ${memoryLimit} MB`;
  }
  if (error instanceof Error && error.message !== "") return error.message.replace(/\.$/, "");
  if (signal) return `killed by ${signal}`;
  return exitCode === null ? "no exit code" : `exit code ${exitCode}`;
}

/** A thread is ended with an error of its own, a process aborts and says why. */
function ranOutOfMemory({ exitCode, signal, error, stderrTail }: WorkerExit): boolean {
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY") return true;
  return error === undefined && (signal !== null || exitCode !== 0) && /^FATAL ERROR: .*out of memory/m.test(stderrTail);
}

function lostMessage(worker: PoolWorker, run: Run, exit: WorkerExit): string {
  const poisoned = run.kills >= poisonKills ? ` It has now taken ${run.kills} workers with it and is not tried again.` : "";
  return `The worker ${worker.name} died under the task ${run.task.name} (${howItEnded(worker, exit)}).${poisoned}`;
}

function startFailure(worker: PoolWorker, exit: WorkerExit): string {
  return `The worker ${worker.name} died before it was ready (${howItEnded(worker, exit)}).`;
}
