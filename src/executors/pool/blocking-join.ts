// The blocking join: this thread stops, and the pool goes on. What the event loop would have done for the pool (frames,
// exits, output, timers, nested submissions) is done here, in turns that block until something has arrived.
import { UnsupportedError } from "../../contract/errors.ts";
import { enterBlockingWait, leaveBlockingWait } from "../../core/blocking.ts";
import type { ScopedTask } from "../../core/task.ts";
import { timers } from "../../core/timers.ts";
import { blockFor } from "../../memory/atomics.ts";
import type { PoolWorker } from "./pool-worker.ts";

/** Longest stretch between two looks at the pool: a replacement may have been started by a timer meanwhile. */
const longestTurnMs = 50;

let blocked = 0;

/** Whether this thread stands in a blocking join: what needs its event loop will not move. */
export function isBlocked(): boolean {
  return blocked > 0;
}

/** Blocks until the task has settled or the instant has come. `serve` moves the pool and returns its workers. */
export function blockUntilSettled(task: ScopedTask<unknown>, untilMs: number, pool: string, serve: () => readonly PoolWorker[]): void {
  blocked++;
  enterBlockingWait(`the task ${task.name}`);
  try {
    serveUntilSettled(task, untilMs, pool, serve);
  } finally {
    leaveBlockingWait();
    blocked--;
  }
}

function serveUntilSettled(task: ScopedTask<unknown>, untilMs: number, pool: string, serve: () => readonly PoolWorker[]): void {
  while (!task.settled) {
    timers.runDue();
    const workers = serve();
    if (task.settled) return;
    const leftMs = Math.min(untilMs, timers.nextAtMs) - timers.now();
    if (timers.now() >= untilMs) return;
    const turnMs = Math.max(0, Math.min(longestTurnMs, leftMs));
    const worker = workers[0];
    if (worker === undefined) blockFor(turnMs);
    else if (worker.link.pump) worker.link.pump(turnMs);
    else {
      throw new UnsupportedError(
        `joinSync cannot serve the pool ${pool}: its workers cannot be read while this thread is blocked. Await the task ${task.name} instead.`,
        "joinSync",
      );
    }
  }
}
