// The life of one task as a recording keeps it while the task lives: since when it is there, and when it stood parked in an operation of
// brigade. When it began to run, and on which worker, the task itself knows.

import type { Span, SpanEnd } from "../../contract/span.ts";
import { enclosingTask } from "../../core/current-task.ts";
import type { ScopedTask } from "../../core/task.ts";
import { thisWorker } from "../origin.ts";

/** Stretches of one task are kept up to this many; a task that parks more often is drawn as running from there on. */
const pausesKept = 10_000;

/** A stretch in which at least one operation of the task waited. On the scale of `timers.now()`. */
interface Pause {
  readonly fromMs: number;
  toMs: number | undefined;
}

export class Life {
  readonly task: ScopedTask<unknown>;
  readonly #openedMs: number;
  readonly #pauses: Pause[] = [];
  #parked = 0;

  constructor(task: ScopedTask<unknown>, openedMs: number) {
    this.task = task;
    this.#openedMs = openedMs;
  }

  /** An operation of its code waits, beside those that do already. */
  parked(nowMs: number): void {
    if (++this.#parked === 1 && this.#pauses.length < pausesKept) this.#pauses.push({ fromMs: nowMs, toMs: undefined });
  }

  /** One of them waits no longer. */
  left(nowMs: number): void {
    if (--this.#parked > 0) return;
    const last = this.#pauses.at(-1);
    if (last !== undefined) last.toMs ??= nowMs;
  }

  /** Its stretches up to now, in order, on the scale of a trace that began at `originMs`. */
  spans(originMs: number, nowMs: number): Span[] {
    const { task } = this;
    const { queuedMs, runMs, worker = thisWorker() } = task.metrics;
    // A worker times its tasks itself, and may have had this one for a while before it began.
    const startedMs = Math.max(Math.min(this.#openedMs + queuedMs, nowMs), task.settled ? nowMs - runMs : 0);
    const parent = task.parent && enclosingTask(task.parent)?.id;
    const common = { id: task.id, parent, name: task.name, level: task.level, worker };
    const spans: Span[] = [];
    const add = (state: Span["state"], fromMs: number, toMs: number, end?: SpanEnd) =>
      spans.push({ ...common, state, startMs: fromMs - originMs, endMs: toMs - originMs, end });
    const end = endOf(task);
    // What was cancelled in the queue never ran: it waited to its end.
    if (task.state === "waiting" || (startedMs === nowMs && end !== undefined && end !== "succeeded")) {
      add("queued", this.#openedMs, nowMs, end);
      return spans;
    }
    if (startedMs > this.#openedMs) add("queued", this.#openedMs, startedMs);
    let atMs = startedMs;
    for (const { fromMs, toMs = nowMs } of this.#pauses) {
      if (fromMs > atMs) add("running", atMs, fromMs);
      add("parked", Math.max(fromMs, startedMs), toMs);
      atMs = toMs;
    }
    add("running", atMs, nowMs, end);
    return spans;
  }
}

/** How it has ended, if it has. */
function endOf({ state }: ScopedTask<unknown>): SpanEnd | undefined {
  return state === "succeeded" || state === "failed" || state === "cancelled" ? state : undefined;
}
