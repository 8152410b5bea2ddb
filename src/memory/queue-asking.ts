// What is asked of a shared queue, and what it may answer.
import { ENDED, HANDED, REFUSED_BROKEN, REFUSED_CLOSED, REFUSED_END, SENT } from "./queue-store.ts";

// ---- what a step may return, besides a place, which is greater than 0 ----
/** It happened. After a receive the value is in `taken`. */
export const DONE = 0;
/** It would have to wait; or it still waits. */
export const WAITS = -1;
/** No more values will come. */
export const OVER = -2;
/** Refused: the queue is closed. */
export const CLOSED = -3;
/** Refused: there is no receiving end left. */
export const BROKEN = -4;
/** Refused: the end is closed. */
export const END_CLOSED = -5;
/** It left the line: it did not happen. */
export const LEFT = -6;

/** Bytes, and the number under which their thread has laid attachments beside them; 0 for none. */
export interface QueueValue {
  readonly bytes: Uint8Array;
  readonly attachment: number;
  /** The thread that sent it. */
  readonly thread: number;
  /** Of one that was received and has attachments: the block that says that they are being fetched, until `fetched`. */
  readonly fetching?: number;
}

/** One that asks: the end that it uses, or none, and the case of a select that it is, or none. */
export interface Asking {
  /** 0 for the queue itself. */
  readonly end: number;
  readonly endTicket: number;
  /** 0 for one that waits for this queue alone. */
  readonly choice: number;
  readonly which: number;
}

/** One that uses no end and waits for nothing else. */
export const asking: Asking = { end: 0, endTicket: 0, choice: 0, which: 0 };

export const nothing: QueueValue = { bytes: new Uint8Array(0), attachment: 0, thread: 0 };
/** `Infinity`, in a word. */
export const unbounded = 0x7fff_ffff;

/** What the state of a place that was served is as an answer. */
export const codes: Readonly<Record<number, number>> = {
  [SENT]: DONE,
  [HANDED]: DONE,
  [ENDED]: OVER,
  [REFUSED_CLOSED]: CLOSED,
  [REFUSED_BROKEN]: BROKEN,
  [REFUSED_END]: END_CLOSED,
};
