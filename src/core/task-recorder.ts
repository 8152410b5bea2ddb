// The task recorder: the seam through which an observer learns which tasks there are, where they were started, and what became of them.
//
// Opt-in: with no recorder installed a task costs one comparison when it is made and one when it settles. A recorder is told
// synchronously: `opened` from the constructor, so that a stack captured there is that of the submission, `settled` at the very end of the
// settlement, when everybody who takes care of the outcome has been told. It takes notes, and never throws, waits or starts a task.
// It may come late, and then hears `settled` of what it was never told.
import type { ScopedTask } from "./task.ts";

/** Who takes the notes. */
export interface TaskRecorder {
  /** A task was made and waits for its turn. */
  opened(task: ScopedTask<unknown>): void;
  /** It has its outcome. `task.observed` says whether anybody takes care of that; somebody may still do so in the same tick. */
  settled(task: ScopedTask<unknown>): void;
}

/** The recorder that is installed. Read by tasks on their way; assigned by `exchangeTaskRecorder` alone. */
export let taskRecorder: TaskRecorder | undefined;

/** Installs a recorder, or none; returns the one that was there. */
export function exchangeTaskRecorder(next: TaskRecorder | undefined): TaskRecorder | undefined {
  const previous = taskRecorder;
  taskRecorder = next;
  return previous;
}
