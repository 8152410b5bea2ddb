// What both ends of a channel promise. Channels and broadcasts (`channels/`) and whatever stands for them elsewhere keep to it.
import type { Clause, WaitOptions } from "./waiting.ts";

/** What a full buffer does. */
export type Overflow = "wait" | "drop-oldest" | "drop-newest";

/** Settings of a channel. */
export interface ChannelOptions {
  /** Shown in errors and wherever brigade says what a task waits for. */
  readonly name?: string | undefined;
  /** When the buffer is full: wait (default), or lose a value. Dropping needs a capacity of at least 1. */
  readonly overflow?: Overflow | undefined;
}

/** The sending end. Function properties, not methods, so that a `Sender<Dog>` is never taken for a `Sender<Animal>`. */
export interface Sender<in T> extends Disposable {
  /** Waits for room (or, at capacity 0, for a receiver). Rejects with `ChannelClosedError` (which gives the value back)
   *  or `BrokenChannelError`. Parks the task. */
  readonly send: (value: T, options?: WaitOptions) => Promise<void>;
  /** False when it would have to wait; throws as `send` rejects. Never waits. */
  readonly trySend: (value: T) => boolean;
  /** Blocks the thread; on worker threads only, else `UnsupportedError`. */
  readonly sendSync: (value: T, timeoutMs?: number) => void;
  /** Waits for a place and keeps it; dispose the permit unused to give the place back. Parks the task. */
  readonly reserve: (options?: WaitOptions) => Promise<Permit<T>>;
  /** A clause for `select`. */
  readonly sending: (value: T) => Clause<void>;
  /** Closes this end; the last one closes the channel. An error reaches the receivers after the buffered values. Idempotent.
   *  Never waits. */
  close(error?: unknown): void;
}

/** A place in a channel. */
export interface Permit<in T> extends Disposable {
  /** Good for one value. Throws `ChannelClosedError`, which gives the value back, when the channel was closed meanwhile. Never waits. */
  readonly send: (value: T) => void;
}

/** The receiving end. `undefined` means closed and drained; where `T` itself has `undefined`, use `for await`. */
export interface Receiver<out T> extends AsyncIterable<T>, Disposable {
  /** Waits for a value. Rejects with the error given to `close`, or `BrokenChannelError`. Parks the task. */
  receive(options?: WaitOptions): Promise<T | undefined>;
  /** A value if one is there now. Never waits. */
  tryReceive(): T | undefined;
  /** Blocks the thread; on worker threads only, else `UnsupportedError`. */
  receiveSync(timeoutMs?: number): T | undefined;
  /** A clause for `select`. */
  receiving(): Clause<T | undefined>;
  /** Closes this end; when the last one goes, senders reject with `BrokenChannelError`. Idempotent. Never waits. */
  close(): void;
}

/** Counts of this moment; `dropped` since the start. */
export interface ChannelStatistics {
  /** `Infinity` when unbounded. */
  readonly capacity: number;
  readonly buffered: number;
  readonly dropped: number;
  readonly waitingSenders: number;
  readonly waitingReceivers: number;
  /** Sending ends that are open; the channel object itself is none. */
  readonly senders: number;
  /** Receiving ends that are open; the channel object itself is none. */
  readonly receivers: number;
}
