// Crosswise waiting: full pools whose tasks wait for each other's nested work. A task of pool A waits for one of pool B, which waits
// for a worker of B; all of those run tasks that wait, in the end, for a worker of A. Nobody would ever go on.
//
// Found by reducing the graph (Holt's): whoever can end is taken out, with the worker that comes free by it, and so on. What is left
// around a run that waits would wait for ever. A run that has unfinished work below it counts as waiting for all of that, though it
// may wait for none of it: then a run is begun that could have waited a little, which harms nobody.
//
// Complete, because the last edge of such a circle is always a submission: what a fresh task has not submitted it does not wait for. So
// whoever submits last finds the circle when its run is dispatched.
import type { CancelScope } from "../../core/scope.ts";
import { ScopedTask } from "../../core/task.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { Run } from "./run.ts";

/** Whose workers a waiting run waits for. */
export interface Takers {
  /** Workers of which one has to come free; `undefined` when one is free or can be started. */
  takersOf(run: Run): readonly PoolWorker[] | undefined;
}

/** Whether a run below a task that holds a worker waits for ever. */
export function waitsForEver(run: Run): boolean {
  const takers = run.takers?.takersOf(run);
  if (takers === undefined || takers.some((worker) => begunOn(worker).every(({ task }) => runsBelow(task).length === 0))) return false;
  /** What each begun run may wait for. */
  const below = new Map<Run, readonly Run[]>();
  const waiting = new Map<Run, readonly PoolWorker[] | undefined>();
  const reached: Run[] = [run];
  for (const each of reached) {
    if (below.has(each) || waiting.has(each)) continue;
    if (each.worker === undefined) {
      const takers = each.takers?.takersOf(each);
      waiting.set(each, takers);
      for (const worker of takers ?? []) reached.push(...begunOn(worker));
    } else {
      const work = runsBelow(each.task);
      below.set(each, work);
      reached.push(...work);
    }
  }
  const ends = new Set<Run>();
  for (let before = -1; before < ends.size; ) {
    before = ends.size;
    for (const [begun, work] of below) if (work.every((each) => ends.has(each))) ends.add(begun);
    for (const [held, takers] of waiting) {
      if (takers === undefined || takers.some((worker) => begunOn(worker).every((each) => ends.has(each)))) ends.add(held);
    }
  }
  return !ends.has(run);
}

/** Whether anything above a task runs on a worker, of whatever pool. */
export function isBelowWorker(task: CancelScope): boolean {
  for (let scope = task.parent; scope; scope = scope.parent) if (runOf(scope)?.worker !== undefined) return true;
  return false;
}

/** The runs that hold a worker. One that was sent and has not begun holds nothing yet. */
function begunOn(worker: PoolWorker): Run[] {
  return worker.runs.all().filter((run) => run.started);
}

/** The nearest runs below a task. */
function runsBelow(task: CancelScope): Run[] {
  const runs: Run[] = [];
  const scopes: CancelScope[] = [task];
  for (const scope of scopes) {
    for (const child of scope.children()) {
      const run = runOf(child);
      if (run) runs.push(run);
      else scopes.push(child);
    }
  }
  return runs;
}

function runOf(scope: CancelScope): Run | undefined {
  return scope instanceof ScopedTask && scope.ticket instanceof Run ? scope.ticket : undefined;
}
