// One task on its way through a pool: what has to be sent, where it is, how often it was tried. It is its own frame, so that a tiny task
// costs one object here: a transport reads the fields where it writes them.
import type { PortableReference } from "../../contract/portable.ts";
import type { ScopedTask } from "../../core/task.ts";
import { type Timer, timers } from "../../core/timers.ts";
import type { Payload } from "../../wire/plain.ts";
import type { CallerStack } from "./caller.ts";
import type { ForwardedSubmission, Many, Submission } from "./core.ts";
import type { Takers } from "./crosswise.ts";
import type { RunFrame } from "./frames.ts";
import type { Injector, Queued } from "./injector.ts";
import { signalHandles } from "./passage.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { TaskSettings } from "./settings.ts";
import type { Credit } from "./stream/credit.ts";
import type { StreamInlet } from "./stream/inlet.ts";

let lastRun = 0;

/** What a submission is sent as. */
export interface Call {
  readonly reference: PortableReference;
  readonly payload: Payload;
  readonly signals: readonly AbortSignal[];
  readonly locals: readonly string[] | undefined;
}

export class Run implements Queued, RunFrame {
  readonly id = ++lastRun;
  readonly task: ScopedTask<unknown>;
  readonly reference: PortableReference;
  readonly payload: Payload;
  readonly abortSignals: readonly AbortSignal[];
  readonly locals: readonly string[] | undefined;
  readonly settings: TaskSettings;
  readonly dedicated: boolean;
  readonly many: Many | undefined;
  /** Where what it yields goes, for a generator. */
  readonly inlet: StreamInlet | undefined;
  /** Holds the stack of the submission, formatted only if the task fails. */
  readonly caller: CallerStack | undefined;
  /** For a task submitted by a worker: its answer is handed on as it came, without decoding it here. */
  readonly forwarded: ForwardedSubmission | undefined;
  arrival = 0;
  queued = false;
  /** Where it waits, while it waits. */
  queue: Injector<Run> | undefined = undefined;
  /** Who tells which workers it waits for. */
  takers: Takers | undefined = undefined;
  /** Until the next attempt. */
  retryTimer: Timer | undefined = undefined;
  worker: PoolWorker | undefined = undefined;
  /** Number of the offer under which it was sent ahead; the worker may have claimed it. */
  claim: number | undefined = undefined;
  /** The worker has taken it up: if the worker dies now, the task dies with it. */
  started = false;
  /** Was given its turn because it had waited long: nothing urgent takes that back. */
  aged = false;
  /** Runs on this thread instead, because the queue was full. */
  here = false;
  attempt = 1;
  /** Workers that died under it. */
  kills = 0;
  keepsPayload: true | undefined = undefined;
  /** It was sent, and what lay beside its bytes was moved. */
  #handedOver = false;
  /** Neighbours in the register. */
  next: Run | undefined = undefined;
  previous: Run | undefined = undefined;

  constructor(
    task: ScopedTask<unknown>,
    call: Call,
    { settings, dedicated, many, stream }: Submission,
    caller: CallerStack | undefined,
    forwarded: ForwardedSubmission | undefined,
  ) {
    this.task = task;
    this.reference = call.reference;
    this.payload = call.payload;
    this.abortSignals = call.signals;
    this.locals = call.locals;
    this.settings = settings;
    this.dedicated = dedicated;
    this.many = many;
    this.caller = caller;
    this.forwarded = forwarded;
    this.inlet = stream;
    stream?.connect(({ items, bytes }) => this.worker?.link.send({ type: "credit", id: this.id, items, bytes }));
  }

  get priority(): number {
    return this.settings.priority ?? 0;
  }

  /** Equal keys meet the same worker in order. */
  get key(): string | number | undefined {
    return this.settings.key;
  }

  /** The program does not wait for it. */
  get isDaemon(): boolean {
    return this.dedicated && this.settings.daemon === true;
  }

  /** It can be sent again and again: nothing lies beside its bytes, or nothing that sending takes away. */
  get isLight(): boolean {
    return this.#isBare || this.payload.stays === true;
  }

  get #isBare(): boolean {
    const { attachments } = this.payload;
    return attachments === undefined || attachments.length === 0;
  }

  /** Whether it can be sent a second time: what was moved is gone, and what a generator has yielded would come twice. */
  get repeatable(): boolean {
    if (this.inlet?.begun === true) return false;
    return this.#isBare || (this.payload.resendable === true && !this.#handedOver && !this.here);
  }

  /** Before it is sent to its worker: what lies beside its bytes is moved to one that stands ready, and copied where it may have to be
   *  sent again. */
  settleMemory(): void {
    this.keepsPayload = (this.repeatable && (this.settings.retry !== undefined || this.worker?.state !== "ready")) || undefined;
    this.#handedOver ||= this.keepsPayload === undefined;
  }

  // ---- the rest of the frame ----

  get type(): "run" {
    return "run";
  }

  get url(): string {
    return this.reference.url;
  }

  get fn(): string {
    return this.reference.name;
  }

  get taskNumber(): number {
    return this.task.number;
  }

  get taskName(): string {
    return this.task.name;
  }

  get remainingMs(): number | undefined {
    const { deadlineAtMs } = this.task;
    return deadlineAtMs === Number.POSITIVE_INFINITY ? undefined : deadlineAtMs - timers.now();
  }

  get timeoutMs(): number | undefined {
    const { timeout } = this.settings;
    return timeout === Number.POSITIVE_INFINITY ? undefined : timeout;
  }

  get stream(): Credit | undefined {
    return this.inlet?.first;
  }

  get submission(): number | undefined {
    const origin = this.forwarded?.origin;
    return origin !== undefined && origin.worker === this.worker ? origin.number : undefined;
  }

  get signals(): readonly number[] | undefined {
    return signalHandles(this.abortSignals);
  }
}
