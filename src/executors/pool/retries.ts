// Retries: whether a failed attempt is followed by another, and after which pause. The same rule on every level.
import { WorkerLostError } from "../../contract/errors.ts";
import type { Backoff, RetryOptions } from "../../contract/executor.ts";
import { random } from "../../core/random.ts";

/** Whether a failure is worth another attempt: by default only the loss of a worker, which says nothing about the work.
 *  Throws what the caller's `when` throws. */
export function wantsAnotherAttempt(retry: RetryOptions | undefined, error: unknown, attempt: number): boolean {
  if (retry === undefined || attempt > retry.retries) return false;
  return retry.when ? retry.when(error, attempt) : error instanceof WorkerLostError;
}

/** Milliseconds between a failed attempt and the next. */
export function pauseBefore(
  attempt: number,
  { initial = 0, factor = 2, max = Number.POSITIVE_INFINITY, jitter = 0 }: Backoff = {},
): number {
  const pauseMs = Math.min(max, initial * factor ** (attempt - 1));
  return pauseMs * (1 - jitter * random());
}
