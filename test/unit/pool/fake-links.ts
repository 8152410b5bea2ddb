// Workers that exist only as a conversation: a transport that starts nothing. It writes down what the pool sends, and the
// test says when a worker answers, reports or dies. Time is virtual, so every order of events is one that the test wrote.
import assert from "node:assert/strict";
import type { ExecutorStatistics } from "../../../src/contract/executor.ts";
import type { ScopedTask } from "../../../src/core/task.ts";
import { ExecutorFace } from "../../../src/executors/pool/face.ts";
import {
  type CancelFrame,
  type FrameFromWorker,
  type FrameToWorker,
  type RunFrame,
  runRecord,
  type SettledFrame,
} from "../../../src/executors/pool/frames.ts";
import type { Link, LinkEvents, OpenLink, WorkerExit, WorkerSettings } from "../../../src/executors/pool/link.ts";
import { decodeFailure, decodeValue, encodeFailure, encodeValue } from "../../../src/executors/pool/passage.ts";
import { PoolCore } from "../../../src/executors/pool/pool.ts";
import type { PoolOptions } from "../../../src/executors/pool/pool-options.ts";
import type { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";

/** The near side of a worker that the test plays. */
export class FakeWorker implements Link {
  readonly workerId = undefined;
  readonly sharesMemory = true;
  readonly name: string;
  /** What the pool has sent. */
  readonly sent: FrameToWorker[] = [];
  kills = 0;
  flags = 0;
  gone = false;
  readonly #events: LinkEvents;

  constructor(settings: WorkerSettings, events: LinkEvents) {
    this.name = settings.name;
    this.#events = events;
  }

  // ---- the pool's side ----

  send(frame: FrameToWorker): void {
    // A run is its own frame, and moves on: what is written down is what was sent.
    if (!this.gone) this.sent.push(frame.type === "run" ? runRecord(frame) : frame);
  }
  kill(): void {
    this.kills++;
  }
  distrust(): void {
    this.kill();
  }

  raiseFlag(): void {
    this.flags++;
  }

  // ---- the worker's side ----

  /** Everything it was told to run, in order. */
  get runs(): RunFrame[] {
    return this.sent.filter((frame): frame is RunFrame => frame.type === "run");
  }
  /** The arguments of those runs. */
  get calls(): unknown[] {
    return this.runs.map(({ payload }) => (decodeValue(payload) as unknown[])[0]);
  }
  get cancels(): { readonly id: number; readonly error: unknown }[] {
    return this.sent
      .filter((frame): frame is CancelFrame => frame.type === "cancel")
      .map(({ id, payload }) => ({ id, error: decodeFailure(payload) }));
  }
  /** The error of the newest cancel that it was told. */
  get cancelError(): Error {
    const last = this.cancels.at(-1);
    assert.ok(last, `${this.name} was told of no cancel`);
    return last.error as Error;
  }
  get settledFrames(): SettledFrame[] {
    return this.sent.filter((frame): frame is SettledFrame => frame.type === "settled");
  }
  get asked(): boolean {
    return this.sent.some((frame) => frame.type === "end");
  }
  /** The number of its newest run. */
  get lastId(): number {
    const last = this.runs.at(-1);
    assert.ok(last, `${this.name} was sent nothing to run`);
    return last.id;
  }

  says(frame: FrameFromWorker): void {
    assert.equal(this.gone, false, "a link delivers nothing after the exit");
    this.#events.onFrame(frame);
  }
  ready(): this {
    this.says({ type: "ready" });
    return this;
  }
  started(id = this.lastId): this {
    this.says({ type: "started", id });
    return this;
  }
  succeeds(value?: unknown, id = this.lastId): void {
    this.says({ type: "settled", id, state: "succeeded", runMs: 1, payload: encodeValue(value, "result", true).payload });
  }
  fails(error: unknown, id = this.lastId): void {
    this.says({ type: "settled", id, state: "failed", runMs: 1, payload: encodeFailure(error, true) });
  }
  /** Answers as the host does for code that ended by its cancel. */
  yields(id = this.lastId): void {
    this.says({ type: "settled", id, state: "cancelled", runMs: 1, payload: encodeFailure(this.cancels.at(-1)?.error, true) });
  }
  submits(id: number, fields: Partial<Extract<FrameFromWorker, { type: "submit" }>>, ...args: unknown[]): void {
    const payload = encodeValue(args, "arguments", true).payload;
    const call = { executor: "thread", dedicated: false, url: "fake:", fn: "nested", taskName: "nested", handles: false };
    this.says({ type: "submit", id, payload, ...call, ...fields });
  }
  dies(exit: Partial<WorkerExit> = {}): void {
    assert.equal(this.gone, false, "a worker dies once");
    this.gone = true;
    this.#events.onExit({ exitCode: 1, signal: null, stderrTail: "", ...exit });
  }
  /** Ends as asked. */
  leaves(): void {
    assert.equal(this.asked, true, `${this.name} was not asked to end`);
    this.dies({ exitCode: 0 });
  }
}

/** A pool over workers that the test plays. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly core: PoolCore<"thread">;
  readonly pool: ExecutorFace<"thread">;
  /** All workers that were ever started, in order. */
  readonly workers: FakeWorker[];
  /** Worker `place`, from 0; fails when the pool has not started it. */
  worker(place: number): FakeWorker;
  /** Lets everything run that can run now. */
  settle(): Promise<void>;
  statistics(): ExecutorStatistics;
}

export function fakeLinks(): { readonly workers: FakeWorker[]; readonly open: OpenLink } {
  const workers: FakeWorker[] = [];
  return {
    workers,
    open: (settings, events) => {
      const worker = new FakeWorker(settings, events);
      workers.push(worker);
      return worker;
    },
  };
}

export function makePool(options: Partial<PoolOptions>, open: OpenLink): PoolCore<"thread"> {
  return new PoolCore("thread", {
    name: "fake",
    size: 1,
    queue: undefined,
    maxTasks: undefined,
    stdio: "ignore",
    idleTimeout: Number.POSITIVE_INFINITY,
    sharesMemory: true,
    servedBlocked: true,
    worker: {},
    open,
    ...options,
  });
}

/** Runs a test in virtual time on a pool of fake workers. Then the pool is closed and its workers die: whatever the test left
 *  undone, every task must have settled by that, and nothing may be counted any more. */
export async function onStage(options: Partial<PoolOptions>, play: (stage: Stage) => Promise<void>): Promise<void> {
  await withVirtualClock(async (clock) => {
    const { workers, open } = fakeLinks();
    const core = makePool(options, open);
    const pool = new ExecutorFace(() => core);
    const stage: Stage = {
      clock,
      core,
      pool,
      workers,
      worker(place) {
        const worker = workers[place];
        assert.ok(worker, `there is no worker ${place}, only ${workers.length}`);
        return worker;
      },
      settle: () => clock.advance(0),
      statistics: () => core.statistics(),
    };
    try {
      await play(stage);
    } finally {
      await end(stage);
    }
  });
}

async function end({ pool, workers, clock, statistics }: Stage): Promise<void> {
  const closing = pool.close();
  await clock.advance(0);
  for (const worker of workers) if (!worker.gone) worker.dies();
  await clock.advance(0);
  await closing;
  const { running, waiting, idle } = statistics();
  assert.deepEqual({ running, waiting, idle, gone: workers.every(({ gone }) => gone) }, { running: 0, waiting: 0, idle: 0, gone: true });
}

/** State and value or error of a task, in one comparable line. */
export function fate(task: unknown): string {
  const { state, outcome, abandoned } = task as ScopedTask<unknown>;
  const end = outcome === undefined ? "" : outcome.state === "succeeded" ? ` ${String(outcome.value)}` : ` ${nameOf(outcome.error)}`;
  return `${state}${end}${abandoned ? " (abandoned)" : ""}`;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

/** The error a task ended with. */
export function errorOf(task: unknown): unknown {
  const { outcome } = task as ScopedTask<unknown>;
  assert.ok(outcome && outcome.state !== "succeeded", "the task has not failed");
  return outcome.error;
}
