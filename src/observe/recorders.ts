// Several observers at once: the seams in `core/` have room for one recorder each. A single observer is installed as it is, so that it is
// told as directly as if there were no others; from the second on, one that passes everything on stands in between.
import { exchangeParkRecorder, type ParkedOperation, type ParkRecorder } from "../core/park-recorder.ts";
import type { ScopedTask } from "../core/task.ts";
import { exchangeTaskRecorder, type TaskRecorder } from "../core/task-recorder.ts";

/** Passes on what it is told, in the order in which the recorders came. */
class Recorders {
  readonly tasks = new Set<TaskRecorder>();
  readonly parks = new Set<ParkRecorder>();

  opened(task: ScopedTask<unknown>): void {
    for (const each of this.tasks) each.opened(task);
  }

  settled(task: ScopedTask<unknown>): void {
    for (const each of this.tasks) each.settled(task);
  }

  parked(operation: ParkedOperation): void {
    for (const each of this.parks) each.parked(operation);
  }

  left(operation: ParkedOperation): void {
    for (const each of this.parks) each.left(operation);
  }
}

const all = new Recorders();

/** Who has to be told now: nobody, the only one, or all of them. */
function listener<R>(those: ReadonlySet<R>, everybody: R): R | undefined {
  return those.size > 1 ? everybody : those.values().next().value;
}

/** Tells this recorder of every task of this thread from now on. Never waits. */
export function addTaskRecorder(recorder: TaskRecorder): void {
  all.tasks.add(recorder);
  exchangeTaskRecorder(listener<TaskRecorder>(all.tasks, all));
}

/** No longer. */
export function removeTaskRecorder(recorder: TaskRecorder): void {
  all.tasks.delete(recorder);
  exchangeTaskRecorder(listener<TaskRecorder>(all.tasks, all));
}

/** Tells this recorder of every operation that parks on this thread from now on. Never waits. */
export function addParkRecorder(recorder: ParkRecorder): void {
  all.parks.add(recorder);
  exchangeParkRecorder(listener<ParkRecorder>(all.parks, all));
}

/** No longer. */
export function removeParkRecorder(recorder: ParkRecorder): void {
  all.parks.delete(recorder);
  exchangeParkRecorder(listener<ParkRecorder>(all.parks, all));
}
