// Settings of submissions: what `with(…)` collects, checked once where the caller wrote them.
import type { Backoff, RetryOptions, TaskOptions } from "../../contract/executor.ts";
import { checkCount, checkDuration } from "../../core/durations.ts";
import { checkSignal } from "../../core/signals.ts";

/** Checked settings. Views nest: signals add up, the shorter deadline wins, everything else is replaced. */
export interface TaskSettings extends Omit<TaskOptions, "signal" | "retry"> {
  readonly signals: readonly AbortSignal[];
  readonly retry: RetryOptions | undefined;
}

export const noSettings: TaskSettings = { signals: [], retry: undefined };

/** The settings of a view made with `options` upon a view with `outer`. */
export function mergeSettings(outer: TaskSettings, options: TaskOptions): TaskSettings {
  if (typeof options !== "object" || options === null) throw new TypeError("with needs an object of options: with({ timeout: 1000 }).");
  const { signal, retry, deadline, timeout, grace, priority, key, name, transfer } = options;
  checkSignal(signal);
  if (timeout !== undefined) checkDuration("The option timeout", timeout);
  if (deadline !== undefined) checkDuration("The option deadline", deadline);
  if (grace !== undefined) checkDuration("The option grace", grace);
  if (priority !== undefined && !Number.isFinite(priority))
    throw new RangeError(`The option priority must be a finite number, not ${String(priority)}.`);
  if (key !== undefined && typeof key !== "string" && typeof key !== "number")
    throw new TypeError("The option key must be a string or a number.");
  if (name !== undefined && typeof name !== "string") throw new TypeError("The option name must be a string.");
  if (transfer !== undefined && !Array.isArray(transfer)) throw new TypeError("The option transfer must be an array.");
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return {
    ...outer,
    ...given,
    signals: signal === undefined ? outer.signals : [...outer.signals, signal],
    retry: retry === undefined ? outer.retry : checkRetry(retry),
    deadline: deadline === undefined ? outer.deadline : Math.min(deadline, outer.deadline ?? Number.POSITIVE_INFINITY),
  };
}

function checkRetry(retry: number | RetryOptions): RetryOptions {
  const options = typeof retry === "number" ? { retries: retry } : retry;
  if (typeof options !== "object" || options === null) throw new TypeError("The option retry must be a number or { retries }.");
  checkCount("The option retry", options.retries, 0, true);
  if (options.when !== undefined && typeof options.when !== "function") throw new TypeError("The option retry.when must be a function.");
  checkBackoff(options.backoff);
  return options;
}

function checkBackoff(backoff: Backoff | undefined): void {
  if (backoff === undefined) return;
  if (typeof backoff !== "object" || backoff === null) throw new TypeError("The option retry.backoff must be an object.");
  const { initial, factor, max, jitter } = backoff;
  if (initial !== undefined) checkDuration("The option retry.backoff.initial", initial);
  if (max !== undefined) checkDuration("The option retry.backoff.max", max);
  if (factor !== undefined && !(factor > 0)) {
    throw new RangeError(`The option retry.backoff.factor must be greater than 0, not ${String(factor)}.`);
  }
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`The option retry.backoff.jitter must be between 0 and 1, not ${String(jitter)}.`);
  }
}
