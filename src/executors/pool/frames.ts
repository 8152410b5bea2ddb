// The frames that pass over a link, the same for every transport. A frame is a small plain record (numbers, strings,
// booleans) plus at most one payload; payloads are values for the codec, as bytes or not yet, and opaque here. Protocol: README.md beside.
import type { Encoded } from "../../wire/codec.ts";
import type { Payload } from "../../wire/plain.ts";
import type { Many } from "./core.ts";
import type { Credit } from "./stream/credit.ts";

/** Executors a worker can reach at the side that started it: `thread` and `process` are its default pools, others go by a
 *  name that the side gave them when they travelled as arguments. */
export type ExecutorName = string;

/** Run this function as task `id`. The payload is the list of arguments. Its fields may be getters: a transport that needs a record
 *  makes one (`runRecord`). */
export interface RunFrame {
  readonly type: "run";
  readonly id: number;
  readonly url: string;
  readonly fn: string;
  /** The id of the task without its prefix, which the worker is started with. */
  readonly taskNumber: number;
  readonly taskName: string;
  /** Milliseconds left until the deadline, counted from sending. */
  readonly remainingMs?: number | undefined;
  /** Running time allowed. */
  readonly timeoutMs?: number | undefined;
  /** It waits for its turn behind what the worker runs, and may be taken back until the worker has claimed it by this number.
   *  Without one it is entered at once. */
  readonly claim?: number | undefined;
  /** Several calls in one trip: the payload is a list of items, the result the list of their values. */
  readonly many?: Many | undefined;
  /** The task is a stream, and this its first credit: what it yields goes out in `items` frames. */
  readonly stream?: Credit | undefined;
  /** The number of the submission that it answers, when it comes back to the worker that submitted it. */
  readonly submission?: number | undefined;
  /** Names of task-locals; their values follow the arguments in the payload. */
  readonly locals?: readonly string[] | undefined;
  /** Handles of the signals in the payload: they may be aborted before the payload is decoded. */
  readonly signals?: readonly number[] | undefined;
  /** It may have to be sent again: memory beside the bytes is copied and not moved. Only where the payload is `resendable`. */
  readonly keepsPayload?: boolean | undefined;
  readonly payload: Payload;
}

/** Cancel task `id`; the payload is the error that its code shall see. */
export interface CancelFrame {
  readonly type: "cancel";
  readonly id: number;
  readonly payload: Encoded;
}

/** Task `id` ended. The payload is its value or its error. Sent by a worker for what it ran, and to a worker for what it
 *  submitted. `cancelled`: it ended by its pending cancel or expiry. */
export interface SettledFrame {
  readonly type: "settled";
  readonly id: number;
  readonly state: "succeeded" | "failed" | "cancelled";
  readonly runMs: number;
  readonly cpuMs?: number | undefined;
  readonly payload: Payload;
}

/** Task `id` reported progress. */
export interface ProgressFrame {
  readonly type: "progress";
  readonly id: number;
  readonly payload: Payload;
}

/** Task `id`, a stream, yielded items. Sent by a worker for what it runs, and to a worker for what it submitted. */
export interface ItemsFrame {
  readonly type: "items";
  readonly id: number;
  /** The payload is a batch: before each item its length, four bytes, little-endian. Otherwise it is one item. */
  readonly packed: boolean;
  /** The stream has to stop after these for want of items in its credit. */
  readonly wanting: boolean;
  readonly payload: Encoded;
}

/** The reader of task `id`, a stream, grants more. Sent to a worker for what it runs, and by a worker for what it submitted. */
export interface CreditFrame {
  readonly type: "credit";
  readonly id: number;
  readonly items: number;
  readonly bytes: number;
}

/** The signal of this handle was aborted; the payload is its reason. */
export interface AbortFrame {
  readonly type: "abort";
  readonly handle: number;
  readonly payload: Encoded;
}

/** The module of a function that this worker may be asked for soon: import it meanwhile. Nothing answers it. */
export interface LoadFrame {
  readonly type: "load";
  readonly url: string;
  readonly fn: string;
}

/** Runs that were sent ahead could not be claimed for a moment (`FarLink.claim`): try again. Those `granted` are the worker's now. */
export interface ClaimsFrame {
  readonly type: "claims";
  readonly granted: readonly number[];
}

/** Messages about channels, several in one; opaque here. */
export interface ChannelsFrame {
  readonly type: "channels";
  readonly payload: Encoded;
}

/** End in good order: run `teardown`, then exit. */
export interface EndFrame {
  readonly type: "end";
}

/** The worker is up and its `setup` has run. */
export interface ReadyFrame {
  readonly type: "ready";
}

/** `setup` failed, or the runtime could not start; the payload is the error. The worker exits after it. */
export interface BrokenFrame {
  readonly type: "broken";
  readonly payload: Encoded;
}

/** The code of task `id` has been entered. What was sent but not started can still run elsewhere when the worker dies. */
export interface StartedFrame {
  readonly type: "started";
  readonly id: number;
}

/** A task in the worker submits work to an executor of the other side. The payload is the list of arguments. */
export interface SubmitFrame {
  readonly type: "submit";
  readonly id: number;
  readonly executor: ExecutorName;
  /** Task of this link that submits; absent outside any task. */
  readonly parent?: number | undefined;
  readonly dedicated: boolean;
  readonly many?: Many | undefined;
  /** It is a stream, and this its first credit. */
  readonly stream?: Credit | undefined;
  readonly url: string;
  readonly fn: string;
  readonly taskName: string;
  readonly remainingMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly priority?: number | undefined;
  readonly key?: string | number | undefined;
  readonly graceMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly daemon?: boolean | undefined;
  readonly locals?: readonly string[] | undefined;
  /** The payload mentions signals or executors, whose names mean something on this link only. */
  readonly handles: boolean;
  /** Handles of the signals in it, as in a run frame. */
  readonly signals?: readonly number[] | undefined;
  readonly payload: Payload;
}

/** A piece of the worker's output, for transports that carry output as frames. */
export interface OutputFrame {
  readonly type: "output";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What the worker has used since its start. */
export interface FiguresFrame {
  readonly type: "figures";
  /** `undefined` where the runtime cannot tell. */
  readonly cpuMs: number | undefined;
  readonly heapBytes: number;
  /** Share of its time in which its event loop was at work, 0…1. */
  readonly utilization: number;
}

/** From a worker: it holds most of its memory limit although it does nothing, wants to be replaced, and begins nothing more of what it was
 *  sent ahead. To it: all of that which could be taken back has been; it may go on with the rest. */
export interface WornFrame {
  readonly type: "worn";
}

export type FrameToWorker =
  | RunFrame
  | CancelFrame
  | SettledFrame
  | ProgressFrame
  | ItemsFrame
  | CreditFrame
  | AbortFrame
  | LoadFrame
  | ClaimsFrame
  | WornFrame
  | ChannelsFrame
  | EndFrame;
export type FrameFromWorker =
  | ReadyFrame
  | BrokenFrame
  | StartedFrame
  | SettledFrame
  | ProgressFrame
  | ItemsFrame
  | CreditFrame
  | SubmitFrame
  | CancelFrame
  | AbortFrame
  | FiguresFrame
  | WornFrame
  | ChannelsFrame
  | OutputFrame;
export type Frame = FrameToWorker | FrameFromWorker;

/** The fields of a run frame as a record. */
export function runRecord(frame: RunFrame): RunFrame {
  const { type, id, url, fn, taskNumber, taskName, remainingMs, timeoutMs, claim, many, stream, submission } = frame;
  const { locals, signals, keepsPayload, payload } = frame;
  return {
    type,
    id,
    url,
    fn,
    taskNumber,
    taskName,
    remainingMs,
    timeoutMs,
    claim,
    many,
    stream,
    submission,
    locals,
    signals,
    keepsPayload,
    payload,
  };
}
