// Blocking a thread for a place in the line of a channel between threads.
import { UnsupportedError } from "../../contract/errors.ts";
import { enterBlockingWait, leaveBlockingWait } from "../../core/blocking.ts";
import { checkpointSync } from "../../core/checkpoint.ts";
import { LEFT, WAITS } from "../../memory/queue-asking.ts";
import type { SharedQueue } from "../../memory/shared-queue.ts";
import { thisThread } from "../../memory/this-thread.ts";

/** Throws `UnsupportedError` on the main thread, whose event loop others need. */
export function checkBlocking(operation: "sendSync" | "receiveSync", title: string): void {
  if (thisThread() !== 1) return;
  const instead = operation === "sendSync" ? "await send()" : "await receive()";
  throw new UnsupportedError(`${operation} on ${title} blocks the thread, which only worker threads may: ${instead} here.`, operation);
}

/** Blocks the thread until the place is served, until `endMs` at most: how it ended, or `WAITS` when the time ran out. Throws when the
 *  task is cancelled meanwhile, unless it was served first. */
export function blockOn(queue: SharedQueue, place: number, endMs: number, what: string): number {
  let cancelled: { readonly error: unknown } | undefined;
  enterBlockingWait(what);
  try {
    queue.sleepSync(place, endMs, checkpointSync);
  } catch (error) {
    cancelled = { error };
  } finally {
    leaveBlockingWait();
  }
  const outcome = queue.finish(place);
  if (outcome !== LEFT) return outcome;
  if (cancelled !== undefined) throw cancelled.error;
  return WAITS;
}
