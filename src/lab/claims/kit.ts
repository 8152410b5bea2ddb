// What an experiment is given to work with. The lab knows no executor, so the floor above lends it the levels, and what else of
// brigade an experiment uses.
import type { Receiver, Sender } from "../../contract/channel.ts";
import type { Executor, ProcessOptions, ThreadOptions } from "../../contract/executor.ts";
import type { Guard, Lock, LockOptions } from "../../contract/sync.ts";
import type { Measured } from "./experiment.ts";

/** A lock between threads that can also block one. */
export interface ThreadLock extends Lock {
  readonly acquireSync: (timeoutMs?: number) => Guard;
}

/** Where so many threads meet. */
export interface MeetingPoint {
  waitSync(timeoutMs?: number): number;
}

/** A number in shared memory that is changed in one step. */
export interface Counter {
  add(by: number): unknown;
  readonly value: number;
}

/** A word that threads or processes wake each other by. */
export interface Flag {
  set(): void;
  clear(): void;
  readonly isSet: boolean;
  waitSync(timeoutMs?: number): void;
}

/** Memory that two have in common: bytes, and a flag for each direction. */
export interface CommonGround {
  readonly bytes: Uint8Array;
  readonly there: Flag;
  readonly back: Flag;
}

/** A pitfall that a watch found. */
export interface Found {
  readonly code: string;
  readonly message: string;
}

/** How a program of an experiment ended: with figures, or how else. */
export type ProgramEnd =
  | { readonly measured: Measured }
  | { readonly failure: string /** Such as `SIGABRT` or `exit code 7`. */; readonly status: string };

/** Brigade, for experiments. Nothing need be closed: pools and programs end with the program of the experiment. */
export interface Kit {
  readonly serial: Executor<"serial">;
  readonly coroutines: Executor<"coroutine">;
  readonly threads: Executor<"thread">;
  readonly processes: Executor<"process">;
  /** Processors that this program may use. */
  readonly cores: number;
  openThreads(options?: ThreadOptions): Executor<"thread">;
  openProcesses(options?: ProcessOptions): Executor<"process">;
  newChannel<T>(capacity?: number): Sender<T> & Receiver<T>;
  newMutex(options?: LockOptions): Lock;
  newSharedMutex(options?: LockOptions): ThreadLock;
  newMeetingPoint(parties: number): MeetingPoint;
  newCounter(): Counter;
  /** Memory between threads. */
  memoryBetweenThreads(bytes: number): CommonGround;
  /** Memory between processes; `undefined` where there is none. */
  memoryBetweenProcesses(bytes: number): CommonGround | undefined;
  /** Watches this thread for deadlocks. */
  watch(signal: AbortSignal): AsyncIterable<Found>;
  /** Runs a part of this experiment in a program of its own. One that is silent for `silenceMs` is killed. */
  program(part: string, options?: { readonly silenceMs?: number }): Promise<ProgramEnd>;
}
