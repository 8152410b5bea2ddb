// Nested submissions: work that a task in a worker submits to an executor of this side. Each becomes a task here, a child
// of the task that submitted it, so that cancellation flows down; its answer goes back to the worker.
import { NotPortableError, UnsupportedError, WorkerLostError } from "../../contract/errors.ts";
import type { AnyFunction } from "../../contract/portable.ts";
import { runInScope, runOutside } from "../../core/context.ts";
import { cancelledBy, rootScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import { loadFunction } from "../../wire/load-function.ts";
import type { Payload } from "../../wire/plain.ts";
import { alsoServe, isBlocked } from "./blocking-join.ts";
import type { ExecutorCore, ForwardingCore } from "./core.ts";
import { coreOf } from "./face.ts";
import type { CreditFrame, SettledFrame, SubmitFrame } from "./frames.ts";
import { enterCall } from "./incoming-call.ts";
import { decodeValue, encodeFailure, encodeValue, executorNamed, type Outgoing } from "./passage.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { TaskSettings } from "./settings.ts";
import { NestedStream } from "./stream/nested.ts";

export class NestedSubmissions {
  readonly #worker: PoolWorker;
  readonly #tasks = new Map<number, ScopedTask<unknown>>();
  readonly #streams = new Map<number, NestedStream>();

  constructor(worker: PoolWorker) {
    this.#worker = worker;
  }

  submit(frame: SubmitFrame): void {
    const core = coreOf(executorNamed(frame.executor));
    if (core === undefined) {
      this.#refuse(
        frame,
        new NotPortableError(`The executor ${frame.executor} is not known where the task ${frame.taskName} was submitted to.`),
      );
      return;
    }
    if (isBlocked() && !(isForwarding(core) && core.servedBlocked)) {
      const message = `${core.name} cannot run the task ${frame.taskName} now: the thread that serves it is blocked in joinSync. Await there instead.`;
      this.#refuse(frame, new UnsupportedError(message, "joinSync"));
      return;
    }
    if (isForwarding(core)) alsoServe(core);
    this.#worker.relay.hold(frame.signals);
    let outgoing: Pick<Outgoing, "payload" | "signals"> | undefined;
    try {
      if (isForwarding(core)) outgoing = this.#outgoing(frame, core);
    } catch (error) {
      this.#worker.relay.release(frame.signals);
      this.#refuse(frame, error);
      return;
    }
    const parent = frame.parent === undefined ? undefined : this.#worker.runs.get(frame.parent)?.task;
    const settings = settingsOf(frame);
    // What was forwarded has been answered already when its task settles.
    let answered = false;
    const forward = (settled: SettledFrame) => {
      answered = true;
      this.#answer(frame, this.#answerFor(settled));
    };
    // An item that cannot go to this worker: it is told at once, since the cancel that follows would not say why.
    const refuseItem = (error: unknown) => {
      if (!answered) this.#refuse(frame, error);
      answered = true;
      task.cancel(error);
    };
    const stream = frame.stream === undefined ? undefined : new NestedStream(this.#worker, frame.id, frame.stream, refuseItem);
    const base = { settings, dedicated: frame.dedicated, many: frame.many, stream };
    const task = runInScope(parent ?? rootScope, () =>
      isForwarding(core) && outgoing
        ? core.submit(
            { ...base, fn: undefined, args: [] },
            {
              ...outgoing,
              reference: { url: frame.url, name: frame.fn },
              locals: frame.locals,
              forward,
              report: (value) => this.#report(frame, value),
              origin: { worker: this.#worker, number: frame.id },
            },
          )
        : core.submit({ ...base, many: undefined, fn: () => this.#callHere(frame), args: [] }),
    );
    this.#tasks.set(frame.id, task);
    if (stream) this.#streams.set(frame.id, stream);
    if (!isForwarding(core)) void this.#relayReports(frame, task);
    task.whenSettled(() => {
      this.#tasks.delete(frame.id);
      this.#streams.delete(frame.id);
      this.#worker.relay.release(frame.signals);
      if (!answered) this.#answer(frame, this.#encodeOutcome(task));
    });
  }

  #report({ id }: SubmitFrame, value: unknown): void {
    const { link } = this.#worker;
    let payload: Payload;
    try {
      payload = encodeValue(value, "progress", link.sharesMemory).payload;
    } catch {
      // Shared memory of a thread, on its way to a process: the report is missed, the task goes on.
      return;
    }
    link.send({ type: "progress", id, payload });
  }

  /** The reports of a task of this thread's own executors. */
  async #relayReports(frame: SubmitFrame, task: ScopedTask<unknown>): Promise<void> {
    for await (const value of task.progress) this.#report(frame, value);
  }

  /** The worker has read items of a stream that it submitted. */
  granted({ id, items, bytes }: CreditFrame): void {
    this.#streams.get(id)?.granted({ items, bytes });
  }

  /** The worker cancels something it submitted. */
  cancel(id: number, reason: unknown): void {
    const task = this.#tasks.get(id);
    task?.cancelWith(cancelledBy(reason, `The task ${task.name}`));
  }

  /** The worker is gone: nobody waits for the answers any more. */
  abandonAll(): void {
    const error = new WorkerLostError(`The worker ${this.#worker.name}, which submitted it, is gone.`, { worker: this.#worker.name });
    for (const task of [...this.#tasks.values()]) task.cancel(error);
  }

  /** What goes on to another worker: the bytes as they came, unless names in them mean something on this link only, or shared
   *  memory would leave the process. Throws `NotSerializableError`. */
  #outgoing({ handles, payload }: SubmitFrame, core: ForwardingCore): Pick<Outgoing, "payload" | "signals"> {
    if (!handles && (core.sharesMemory || !payload.attachments?.length || payload.stays))
      return { payload: movable(payload, core), signals: [] };
    return encodeValue(decodeValue(payload, this.#worker.relay), "arguments", core.sharesMemory);
  }

  /** For executors of this thread: the function is found here and its arguments are decoded here, and
   *  the worker's task-locals are in force, not those with which its own task was submitted. */
  async #callHere(frame: SubmitFrame): Promise<unknown> {
    const fn = (await loadFunction({ url: frame.url, name: frame.fn })) as AnyFunction;
    const { payload, locals, many } = frame;
    return enterCall(fn, { values: decodeValue(payload, this.#worker.relay) as unknown[], locals, many });
  }

  /** An answer as it came, unless it holds memory that cannot leave the process. */
  #answerFor(settled: SettledFrame): SettledFrame {
    const { sharesMemory } = this.#worker.link;
    if (sharesMemory || !settled.payload.attachments?.length || settled.payload.stays) return settled;
    try {
      return { ...settled, payload: encodeValue(decodeValue(settled.payload), "result", sharesMemory).payload };
    } catch (error) {
      return { ...settled, state: "failed", payload: encodeFailure(error, sharesMemory) };
    }
  }

  #refuse(frame: SubmitFrame, error: unknown): void {
    this.#answer(frame, { state: "failed", payload: encodeFailure(error, this.#worker.link.sharesMemory) });
  }

  #encodeOutcome(task: ScopedTask<unknown>): Pick<SettledFrame, "state" | "payload"> {
    const { sharesMemory } = this.#worker.link;
    const { outcome } = task;
    if (outcome?.state === "succeeded") {
      try {
        return { state: "succeeded", payload: encodeValue(outcome.value, "result", sharesMemory).payload };
      } catch (error) {
        return { state: "failed", payload: encodeFailure(error, sharesMemory) };
      }
    }
    return { state: outcome?.state ?? "failed", payload: encodeFailure(outcome?.error, sharesMemory) };
  }

  #answer(frame: SubmitFrame, { state, payload, runMs = 0, cpuMs }: Pick<SettledFrame, "state" | "payload"> & Partial<SettledFrame>): void {
    runOutside(() => this.#worker.link.send({ type: "settled", id: frame.id, state, runMs, cpuMs, payload }));
  }
}

/** What has come from a process and goes on to a thread is moved there like everything else that lies beside bytes. */
function movable(payload: Payload, { sharesMemory }: ForwardingCore): Payload {
  return sharesMemory && payload.stays ? { ...payload, stays: undefined } : payload;
}

function isForwarding(core: ExecutorCore): core is ForwardingCore {
  return "servedBlocked" in core;
}

function settingsOf(frame: SubmitFrame): TaskSettings {
  return {
    signals: [],
    name: frame.taskName,
    deadline: frame.remainingMs,
    timeout: frame.timeoutMs,
    priority: frame.priority,
    key: frame.key,
    grace: frame.graceMs,
    retry: frame.retries === undefined ? undefined : { retries: frame.retries },
    daemon: frame.daemon,
  };
}
