// Checks of times and counts given by callers: one wording for all of them.

/** A duration in ms: not negative, not NaN; `Infinity` allowed. Returns it. */
export function checkDuration(name: string, ms: unknown): number {
  if (typeof ms !== "number" || Number.isNaN(ms) || ms < 0) {
    throw new RangeError(`${name} must be a number of milliseconds, 0 or more, not ${show(ms)}.`);
  }
  return ms;
}

/** A whole number of at least `least`; `Infinity` allowed when `orInfinity`. Returns it. */
export function checkCount(name: string, count: unknown, least: number, orInfinity = false): number {
  const whole = typeof count === "number" && (Number.isSafeInteger(count) || (orInfinity && count === Number.POSITIVE_INFINITY));
  if (!whole || (count as number) < least) {
    throw new RangeError(`${name} must be a whole number of at least ${least}, not ${show(count)}.`);
  }
  return count as number;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
