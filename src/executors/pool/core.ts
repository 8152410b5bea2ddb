// What a level has to provide; the public face (face.ts) makes an executor of it. Levels differ here and nowhere else.

import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level, PortableReference } from "../../contract/portable.ts";
import type { ScopedTask } from "../../core/task.ts";
import type { Payload } from "../../wire/plain.ts";
import type { ChunkOptions, MapWindow } from "./chunk.ts";
import type { SettledFrame } from "./frames.ts";
import type { Link } from "./link.ts";
import type { TaskSettings } from "./settings.ts";
import type { StreamInlet } from "./stream/inlet.ts";

/** One submission. */
export interface Submission {
  readonly fn: unknown;
  readonly args: readonly unknown[];
  readonly settings: TaskSettings;
  /** On a worker of its own. */
  readonly dedicated: boolean;
  /** The arguments are items: call `fn` once for each, give the list of results. */
  readonly many?: Many | undefined;
  /** `fn` is a generator function, and this is where what it yields goes. */
  readonly stream?: StreamInlet | undefined;
}

/** How much of a trip of several items has to be done in one go: all of it, or what is done after a while; the list of results is
 *  the shorter then, and the other items have not been begun. */
export type Many = "all" | "some";

/** A submission that came from a worker: already encoded, answered to that worker. */
export interface ForwardedSubmission {
  readonly reference: PortableReference;
  readonly payload: Payload;
  readonly signals: readonly AbortSignal[];
  readonly locals: readonly string[] | undefined;
  /** Hands the worker's answer on as it came. */
  readonly forward: (frame: SettledFrame) => void;
  /** Hands a report of the task on. */
  readonly report: (value: unknown) => void;
  /** Where it came from: the worker and the number of its submission. */
  readonly origin: { readonly worker: object; readonly number: number };
}

/** A core that passes submissions of workers on to its own workers without looking into them. */
export interface ForwardingCore extends ExecutorCore {
  submit(submission: Submission, forwarded?: ForwardedSubmission): ScopedTask<unknown>;
  /** Whether its workers can be served while this thread is blocked. */
  readonly servedBlocked: boolean;
  /** Whether memory can go to its workers as it is. */
  readonly sharesMemory: boolean;
  /** Moves the pool while this thread is blocked; gives its links. */
  serveBlocked(): readonly Pick<Link, "pump">[];
}

/** An executor without its conveniences. Nothing here waits except what returns a promise. */
export interface ExecutorCore<out L extends Level = Level> {
  readonly level: L;
  readonly name: string;
  readonly size: number;
  /** Where the code of tasks runs as far as this side is concerned: a level that `BRIGADE_LEVEL` has put in place of another. */
  readonly runsAs: Level;
  /** Starts a task on the next tick. Never throws: what is wrong fails the task. */
  submit(submission: Submission): ScopedTask<unknown>;
  broadcast(submission: Submission): Promise<unknown[]>;
  /** The window of a map over `fn`, where the level has one of its own. */
  windowFor?(fn: unknown, options: Pick<ChunkOptions, "concurrency" | "chunk">): MapWindow;
  statistics(): ExecutorStatistics;
  warm(count: number): Promise<void>;
  drain(): Promise<void>;
  ready(): Promise<void>;
  close(options: CloseOptions): Promise<void>;
}
