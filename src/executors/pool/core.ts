// What a level has to provide; the public face (face.ts) makes an executor of it. Levels differ here and nowhere else.
import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import type { ScopedTask } from "../../core/task.ts";
import type { TaskSettings } from "./settings.ts";

/** One submission. */
export interface Submission {
  readonly fn: unknown;
  readonly args: readonly unknown[];
  readonly settings: TaskSettings;
  /** On a worker of its own. */
  readonly dedicated: boolean;
  /** The arguments are items: call `fn` once for each, give the list of results. */
  readonly many: boolean;
}

/** An executor without its conveniences. Nothing here waits except what returns a promise. */
export interface ExecutorCore<out L extends Level = Level> {
  readonly level: L;
  readonly name: string;
  readonly size: number;
  /** Starts a task on the next tick. Never throws: what is wrong fails the task. */
  submit(submission: Submission): ScopedTask<unknown>;
  broadcast(submission: Submission): Promise<unknown[]>;
  statistics(): ExecutorStatistics;
  warm(count: number): Promise<void>;
  drain(): Promise<void>;
  ready(): Promise<void>;
  close(options: CloseOptions): Promise<void>;
}
