// What a worker thread is started with, and what passes over its port beside the frames of the pool. Near and far side agree
// on it here and nowhere else. Protocol: README.md beside.
import type { MessagePort } from "node:worker_threads";
import type { PortableReference } from "../../contract/portable.ts";
import type { SharedWords } from "../../memory/atomics.ts";
import type { LaneMemory } from "./lane.ts";

/** `workerData` of a brigade thread. */
export interface ThreadStart {
  readonly name: string;
  readonly taskIdPrefix: string;
  readonly setup: PortableReference | undefined;
  readonly teardown: PortableReference | undefined;
  /** Megabytes. */
  readonly memoryLimit: number | undefined;
  readonly port: MessagePort;
  /** Wake word of the starting thread: one for all its workers, so that one sleep watches all. */
  readonly nearWord: SharedWords;
  /** Words of this worker alone. */
  readonly words: SharedWords;
  readonly toWorker: LaneMemory;
  readonly fromWorker: LaneMemory;
  /** Words of the runs that were sent ahead. */
  readonly claims: SharedWords;
  readonly mapsSources: boolean;
}

/** The one key of `workerData`, so that a thread that brigade has not started is told apart. */
export const startKey = "brigade.thread";

/** Words of one worker, each on a cache line of its own: both are written by the near side while the worker reads. */
export const WAKE = 0;
export const FLAG = 16;
export const wordCount = 32;

/** Turns of the event loop without a find before a side asks to be woken. Eight take about ten microseconds, less than the wake-up by
 *  message that they often save; with one core they would only keep the other side from it. */
export function emptyTurns(): number {
  turns ??= process.getBuiltinModule("node:os").availableParallelism() > 1 ? 8 : 2;
  return turns;
}
let turns: number | undefined;

/** A message that says nothing but "look into the ring". */
export const wakeUp = 0;

/** Uncaught, and nobody in the worker handles it. Said by the worker itself, because Node's own report needs an event loop. */
export interface FatalNote {
  readonly type: "fatal";
  readonly thrown: unknown;
}

/** The worker runs its `exit` handlers. Frames may follow, from other handlers. */
export interface ExitingNote {
  readonly type: "exiting";
  readonly exitCode: number;
}
