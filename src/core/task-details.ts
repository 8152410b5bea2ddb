// What only some tasks have: a worker, figures that a worker measured, limits, readers. Made when it is first needed, so that a
// coroutine that has none of it is a smaller object.
import type { ParkingLot } from "./parking-lot.ts";
import type { Progress } from "./progress.ts";
import type { ScopedTask } from "./task.ts";
import { TaskLimits } from "./task-limits.ts";

export class TaskDetails {
  number: number | undefined = undefined;
  /** Settled although its code could not be stopped. */
  abandoned = false;
  /** Time between a cancel and the abandonment of code that ignores it. */
  graceMs: number | undefined = undefined;
  worker: string | undefined = undefined;
  bytesIn = 0;
  bytesOut = 0;
  cpuMs: number | undefined = undefined;
  /** Running time as the worker measured it; else what this side saw. */
  workerRunMs: number | undefined = undefined;
  limits: TaskLimits | undefined = undefined;
  progress: Progress | undefined = undefined;
  /** Those who wait for the end and may leave before it. */
  line: ParkingLot<void, unknown> | undefined = undefined;

  /** Code of this thread that has a limit ends by it, so the program waits for that; a pool keeps itself alive. */
  limitsOf(task: ScopedTask<unknown>): TaskLimits {
    this.limits ??= new TaskLimits(task.level === "serial" || task.level === "coroutine");
    return this.limits;
  }

  settled(task: ScopedTask<unknown>): void {
    this.limits?.lift(task);
    this.progress?.end();
  }
}
